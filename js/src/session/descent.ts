/**
 * Gradient descent, step by step: p ← p − rate · v with v = momentum · v + p.grad (Polyak 1964, in PyTorch's form).
 *
 * The gradient of a step is what a training loop would find in `.grad`: this pass alone where it zeroes first, else all
 * that earlier steps left there, at the values that they had then.
 */

import { encodeMoved } from "../engine/number.ts";
import type { WireRecord } from "./records.ts";
import type { State } from "./state.ts";
import type { Numbers } from "./traits.ts";

export interface Settings {
  readonly loss: number;
  readonly rate: number;
  readonly momentum: number;
  /** Call `zero_grad()` before each pass. */
  readonly zeroes: boolean;
}

/** The model's traits after a step. */
export interface Moved {
  readonly values: Numbers;
  readonly passes: readonly WireRecord[];
}

/** The state before a step. */
export interface Point {
  readonly loss: number;
  /** Of the leaves, in the state's order. */
  readonly values: Float64Array;
}

/** Limit of points, which a plot can show. */
const LONGEST_TRAIL = 400;

export class Descent {
  trail: Point[] = [];
  /** The trail before it went back to the start. */
  earlier: Point[] = [];
  readonly #velocity = new Map<number, number>();
  #start: Moved | undefined;
  /** Steps since it began. */
  steps = 0;

  /** The loss has left the finite numbers. */
  get hasDiverged(): boolean {
    const last = this.trail.at(-1);
    return last !== undefined && !(Math.abs(last.loss) < 1e12);
  }

  /** Remember where the state is, to come back to, if this is the first step from there. */
  begin(state: State): void {
    this.#start ??= { values: state.leafValues, passes: state.passes.records.map(({ wire }) => wire) };
  }

  /** The next step from where the state is, and the pass at its end. The last pass must be one from the loss. */
  next(state: State, { loss, rate, momentum, zeroes }: Settings): Moved {
    this.steps++;
    const values: Record<number, Numbers[string]> = {};
    for (const leaf of state.leaves) {
      const gradient = zeroes ? state.gradient(leaf) : state.total(leaf);
      if (gradient === undefined || state.isLocked(leaf)) continue;
      const velocity = momentum * (this.#velocity.get(leaf) ?? 0) + gradient;
      this.#velocity.set(leaf, velocity);
      values[leaf] = encodeMoved(state.graph.values[leaf]! - rate * velocity);
    }
    const earlier = zeroes ? [] : state.settledRecords();
    return { values, passes: [...earlier, { root: loss }] };
  }

  /** Note where the state is. */
  mark(state: State, loss: number): void {
    if (this.trail.length === LONGEST_TRAIL) this.trail.shift();
    this.trail.push({
      loss: state.graph.values[loss]!,
      values: Float64Array.from(state.leaves, (leaf) => state.graph.values[leaf]!),
    });
  }

  /** Go on with another loss: what was noted of the last one says nothing about it. */
  turn(): void {
    this.#velocity.clear();
    this.trail = [];
    this.earlier = [];
  }

  /** Return the start, if it has begun, and forget the way. */
  back(): Moved | undefined {
    const start = this.#start;
    this.#start = undefined;
    this.steps = 0;
    const { trail } = this;
    this.turn();
    this.earlier = trail;
    return start;
  }
}
