/** The message tables by language. */

import { en } from "./en.ts";
import type { Messages } from "./types.ts";
import { zh } from "./zh.ts";

const TABLES: Readonly<Record<string, Messages>> = { en, zh };

/** Choose the table of a language: the widget's `language`, or else the reader's browser. */
export function messagesFor(language: string, reader: readonly string[]): Messages {
  const wanted = [language, ...reader].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return TABLES[wanted.find((tag) => Object.hasOwn(TABLES, tag)) ?? "en"] ?? en;
}
