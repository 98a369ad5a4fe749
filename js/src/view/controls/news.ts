/** Acts in words: what undo would take back, and what the sentence says once something has happened. */

import { formatInFull } from "../../analysis/format.ts";
import { productOf, spellingOf } from "../../analysis/spelling.ts";
import { decodeNumber, type WireNumber } from "../../engine/number.ts";
import type { State } from "../../session/state.ts";
import type { Act, Deed } from "../../session/undo.ts";
import { callOf } from "../inspector/ledger.ts";
import { passWords, ranked } from "./say.ts";

/** An act in words: `w 0.30 → 0.31`. */
export function deedWords({ names, messages }: State, deed: Deed): string {
  switch (deed.kind) {
    case "move":
      return `${names.of(deed.leaf)} ${written(deed.from)} → ${written(deed.to)}`;
    case "run":
      return callOf(names.of(deed.root));
    case "freeze":
    case "unfreeze":
      return `${names.of(deed.leaf)}.requires_grad = ${deed.kind === "freeze" ? "False" : "True"}`;
    case "learn":
      return messages.learnSteps(deed.steps);
    case "reset":
      return messages.values;
    case "start":
      return messages.backToStart;
    case "zero":
      return "zero_grad()";
    case "forward":
      return "forward()";
  }
}

/** The sentence after an act was taken back, or done again. */
export function undoneWords(state: State, { deed }: Act, again: boolean): string {
  const { messages, names } = state;
  if (deed.kind !== "move" || again) return messages[again ? "redo" : "undo"](deedWords(state, deed));
  return messages.undo(messages.isAgain(names.of(deed.leaf), written(deed.from), written(deed.to)));
}

function written(wire: WireNumber): string {
  return formatInFull(decodeNumber(wire) ?? Number.NaN);
}

/** The numbers that a sentence compares with those after an act. */
export interface Before {
  readonly root: number;
  readonly value: number;
  /** The gradient of a leaf in the pass on the canvas, which is the slope at the root. */
  readonly slope: number | undefined;
  /** The value of a leaf that is dragged. */
  readonly from?: number;
  /** By leaf its `.grad`. */
  readonly totals: ReadonlyMap<number, number>;
}

export function before(state: State, leaf?: number): Before {
  const root = state.subject;
  return {
    root,
    value: state.graph.values[root]!,
    slope: leaf === undefined ? undefined : state.gradient(leaf),
    totals: new Map(state.leaves.map((id) => [id, state.total(id) ?? 0])),
  };
}

/** `w +0.01 → h3 +0.0175`, and beside it what the slope foretold. */
export function movedWords(state: State, leaf: number, by: number, was: Before): string {
  const { messages, names, graph } = state;
  const change = graph.values[was.root]! - was.value;
  if (was.root !== state.subject || by === 0 || !Number.isFinite(change)) return "";
  const step = rounded(by);
  const foretold = was.slope === undefined ? 0 : rounded(was.slope * step);
  const spelling = spellingOf([productOf([was.slope ?? 0, step], foretold)]);
  const moved = `${names.of(leaf)} ${spelling.gradient(step)}`;
  const words = `${moved} → ${names.of(was.root)} ${spelling.gradient(rounded(change))}`;
  if (was.slope === undefined) return words;
  const numbers = [was.slope, step, foretold].map((x) => spelling.write(x)) as [string, string, string];
  return `${words} ${messages.foretold(...numbers)}`;
}

/** After a pass: what it gave, and what it did to the `.grad` of the first of the parameters. */
export function ranWords(state: State, was: Before): string {
  const { messages, names } = state;
  const [first] = ranked(state);
  if (first === undefined || state.passes.records.length > 1) return passWords(state);
  const written = (x: number) => (x === 0 ? "0.0" : state.spelling.write(x));
  const now = state.total(first) ?? 0;
  return (
    passWords(state) + messages.addedTo(names.of(first), written(was.totals.get(first) ?? 0), written(now))
  );
}

/** A difference of two doubles, without the digits that are not in what is shown of them. */
function rounded(x: number): number {
  return Number(x.toPrecision(4));
}
