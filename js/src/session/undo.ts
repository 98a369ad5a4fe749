/**
 * Undo: what a person did in this view, in order. An act knows the traits that it changed, as they were before it and
 * after it; so it is taken back to the bit, in the kernel too, and leaves alone what came from elsewhere meanwhile.
 */

import type { WireNumber } from "../engine/number.ts";
import type { WireRecord } from "./records.ts";
import type { Numbers } from "./traits.ts";

/** Acts of a person, with what their names need. */
export type Deed =
  | { readonly kind: "move"; readonly leaf: number; readonly from: WireNumber; readonly to: WireNumber }
  | { readonly kind: "run"; readonly root: number }
  | { readonly kind: "zero" | "reset" | "start" | "forward" }
  | { readonly kind: "freeze" | "unfreeze"; readonly leaf: number }
  | { readonly kind: "learn"; readonly steps: number };

/** The part of the model that acts change. */
export interface Snapshot {
  readonly values: Numbers;
  readonly passes: readonly WireRecord[];
  readonly frozen: readonly number[];
}

export interface Act {
  readonly deed: Deed;
  readonly before: Partial<Snapshot>;
  readonly after: Partial<Snapshot>;
}

/** More acts than these are forgotten, the oldest first. */
const LIMIT = 200;

export class Undo {
  #done: Act[] = [];
  #undone: Act[] = [];

  /** The act that would be taken back. */
  get last(): Act | undefined {
    return this.#done.at(-1);
  }

  /** The act that would be done again. */
  get next(): Act | undefined {
    return this.#undone.at(-1);
  }

  /** Note what was done; steps of descent that follow one another are one act. */
  note(deed: Deed, before: Snapshot, after: Snapshot): void {
    const last = this.last;
    const goesOn = deed.kind === "learn" && last?.deed.kind === "learn" && this.#undone.length === 0;
    const act = goesOn
      ? actOf({ kind: "learn", steps: last.deed.steps + deed.steps }, earlier(before, last.before), after)
      : actOf(deed, before, after);
    if (Object.keys(act.after).length === 0) return;
    if (goesOn) this.#done.pop();
    this.#done.push(act);
    if (this.#done.length > LIMIT) this.#done.shift();
    this.#undone = [];
  }

  /** Take the last act back, or do `again` what was taken back last; returns it. */
  go(again: boolean): Act | undefined {
    const [from, to] = again ? [this.#undone, this.#done] : [this.#done, this.#undone];
    const act = from.pop();
    if (act) to.push(act);
    return act;
  }

  /** Passes came from elsewhere: taking back an earlier act would take these back too. */
  forget(): void {
    this.#done = [];
    this.#undone = [];
  }
}

/** The state before the act that came just before. */
function earlier(now: Snapshot, before: Partial<Snapshot>): Snapshot {
  return { ...now, ...before, values: { ...now.values, ...before.values } };
}

/** An act with what it changed only. */
function actOf(deed: Deed, before: Snapshot, after: Snapshot): Act {
  const leaves = Object.keys(after.values).filter(
    (leaf) => !Object.is(before.values[leaf], after.values[leaf]),
  );
  const pick = (values: Numbers) => Object.fromEntries(leaves.map((leaf) => [leaf, values[leaf]!]));
  const changed = ({ values, passes, frozen }: Snapshot): Partial<Snapshot> => ({
    ...(leaves.length > 0 ? { values: pick(values) } : {}),
    ...(isSame(before.passes, after.passes) ? {} : { passes }),
    ...(isSame(before.frozen, after.frozen) ? {} : { frozen }),
  });
  return { deed, before: changed(before), after: changed(after) };
}

/** Equal as the wire has them. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
