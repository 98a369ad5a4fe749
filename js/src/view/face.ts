/** What a card says, as words: the card shows them as elements, the painter paints them. */

import { formatGradient, formatValue } from "../format.ts";
import type { State } from "../state.ts";
import { shortReason } from "./reasons.ts";

/** What stands where a replay has not come yet. */
const NOTHING = "·";

/** The row of this pass. */
export interface GradientWords {
  /** Its own name, or the reason why it is 0. */
  readonly name: string;
  readonly words: string;
  readonly gradient: number | undefined;
  /** The same in one. */
  readonly told: string;
}

/** `∂h3/∂w`; a dot stands for what has no label. */
export function derivativeName({ names, subject }: State, id: number): string {
  return `∂${names.label(subject) || "·"}/∂${names.label(id) || "·"}`;
}

export function valueWords(state: State, id: number): string {
  const value = state.value(id);
  return value === undefined ? NOTHING : formatValue(value);
}

export function gradientWords(state: State, id: number): GradientWords {
  const { messages } = state;
  const status = state.status(id);
  const gradient = state.gradient(id);
  const words = {
    "not tracked": messages.notTracked,
    "not run yet": messages.notRunYet,
    "not reached": messages.notReached,
    "not yet": NOTHING,
    reached: formatGradient(gradient ?? 0),
    seed: formatGradient(gradient ?? 0),
  }[status];
  const why = gradient === undefined ? "" : shortReason(state, id);
  const name = status === "seed" ? messages.seed : derivativeName(state, id);
  return {
    name: gradient === undefined ? "" : why || name,
    words,
    gradient,
    told: why ? `${words} (${why})` : words,
  };
}

/** `.grad`, and whether something has come there. */
export function totalWords(state: State, id: number): { words: string; total: number | undefined } {
  const total = state.total(id);
  return { words: total === undefined ? state.messages.notRunYet : formatValue(total), total };
}
