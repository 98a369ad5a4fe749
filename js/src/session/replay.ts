/** A replay in steps of the computation and its last pass. How far it has come is the view's own, and no trait. */

import { type Progress, progressAfter, type Step, stepsOf } from "../analysis/steps.ts";
import type { Graph } from "../engine/graph.ts";

export class Steps {
  readonly #graph: Graph;
  #root: number | undefined;
  /** The steps, once they are asked for. */
  #all: readonly Step[] | undefined;
  /** Number of steps made; undefined: all, and nothing is replayed. */
  #made: number | undefined;
  progress: Progress | undefined;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  get all(): readonly Step[] {
    this.#all ??= stepsOf(this.#graph, this.#root, this.#graph.passReached);
    return this.#all;
  }

  /** Number of steps made: all of them where nothing is replayed. */
  get made(): number {
    return this.#made ?? this.all.length;
  }

  /** The step that was made last, in a replay or at its end. */
  get current(): Step | undefined {
    return this.#made === undefined ? undefined : this.all[this.#made - 1];
  }

  get isReplaying(): boolean {
    return this.#made !== undefined && this.#made < this.all.length;
  }

  /** Go to where so many steps have been made; more than there are, or undefined, ends the replay. */
  goTo(count: number | undefined): void {
    this.#made = count === undefined || count > this.all.length ? undefined : Math.max(0, count);
    this.progress = this.isReplaying ? progressAfter(this.#graph, this.all, this.#made!) : undefined;
  }

  /**
   * Follow new numbers: a replay stays where it is, one at its end is over. The pass of another root, or through other
   * nodes, has other steps.
   */
  follow(root: number | undefined, isOther: boolean): void {
    if (isOther || root !== this.#root) this.#all = undefined;
    this.#root = root;
    this.goTo(this.isReplaying ? this.#made : undefined);
  }
}
