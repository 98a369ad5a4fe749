/** The messages by language, which Python reads too: `src/autograd_widget/messages/en.json` and `zh.json`. */

import * as en from "../../../src/autograd_widget/messages/en.json";
import * as zh from "../../../src/autograd_widget/messages/zh.json";
import type { Messages } from "./types.ts";

interface Entries {
  readonly [key: string]: Entry;
}

/** A message, or two of which the first is for a count of 1, or messages by key. */
type Entry = string | readonly string[] | Entries;

const TABLES = {
  en: said({ lang: en.lang, ...en.shared, ...en.page }),
  zh: said({ lang: zh.lang, ...zh.shared, ...zh.page }),
} as unknown as Readonly<Record<string, Messages>>;

/** Choose the table of a language: the widget's `language`, or else the reader's browser. */
export function messagesFor(language: string, reader: readonly string[]): Messages {
  const wanted = [language, ...reader].map((tag) => String(tag).toLowerCase().split("-")[0]!);
  return TABLES[wanted.find((tag) => Object.hasOwn(TABLES, tag)) ?? "en"]!;
}

/** Write a list in words: `a, b and c`, or `a, b and 3 more`. */
export function listed({ comma, and, andMore }: Messages, parts: readonly string[], more = 0): string {
  const all = parts.join(comma);
  if (more > 0) return andMore(all, more, parts.length + more);
  return parts.length < 2 ? all : and(parts.slice(0, -1).join(comma), parts.at(-1)!);
}

/** Make functions of the messages with places for values. */
function said(entries: Entries): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, saying(entry)]));
}

function saying(entry: Entry): unknown {
  if (typeof entry === "string" && !entry.includes("{")) return entry;
  if (typeof entry === "object" && !Array.isArray(entry)) return said(entry as Entries);
  const [forOne, forMany = forOne] = [entry].flat() as string[];
  return (...values: unknown[]) => filled(values[0] === 1 ? forOne! : forMany!, values);
}

function filled(text: string, values: readonly unknown[]): string {
  return text.replace(/\{(\d)\}/g, (_, place) => String(values[place]));
}
