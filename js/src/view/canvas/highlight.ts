/** The selection of what stays as it is while the rest is dimmed: the path that is pointed at, or else a card, or else what is chosen. */

import type { State } from "../../session/state.ts";

export class Highlight {
  /** Operand slots of a path that is pointed at in the inspector. */
  pointed: readonly number[] = [];
  /** The node that is pointed at. */
  hovered: number | undefined;
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** By operand slot 1 where it is singled out; undefined: none is. */
  get lit(): Uint8Array | undefined {
    const { selected, currentStep: step, graph, adjacency } = this.#state;
    const lit = new Uint8Array(graph.operands.length);
    for (const slot of this.pointed) lit[slot] = 1;
    if (this.pointed.length > 0) return lit;
    if (this.hovered !== undefined && this.hovered !== selected) return adjacency.relatedTo(this.hovered);
    // A value comes from the operands, a gradient goes to them.
    if (step)
      return step.kind === "seed" ? lit : lit.fill(1, graph.offsets[step.node], graph.offsets[step.node + 1]);
    return selected === null ? undefined : this.#state.pathsThrough(selected);
  }
}
