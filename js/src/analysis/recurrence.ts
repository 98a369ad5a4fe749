/**
 * The steps of a recurrence in any graph: cells of one shape in a chain, each of which takes the state that the one before
 * has made. Pure; for graphs that are drawn without automatic groups.
 */

import type { Graph } from "../engine/graph.ts";
import { isSource } from "../engine/keys.ts";
import { grouped } from "./grouped.ts";
import { kindsOf, opNumbers } from "./kinds.ts";
import { usesOf } from "./neurons.ts";

export interface Recurrence {
  /** By step the node that the next one takes. */
  readonly states: readonly number[];
  /** By step what is computed between the state before and its own, with leaves and constants of its own, ascending. */
  readonly cells: readonly (readonly number[])[];
}

/** With fewer steps nothing is worth folding. */
const LEAST_STEPS = 3;
/** Depths to which two states have to be computed alike: the less, the nearer to the start, which is another state. */
const DEPTHS = [4, 3, 2];
/** The ancestors of each node are kept. */
const LARGEST = 1000;

/** Find the recurrence that covers most nodes. */
export function recurrenceOf(graph: Graph): Recurrence | undefined {
  if (graph.size > LARGEST) return undefined;
  const chains = new Chains(graph);
  let best: Recurrence | undefined;
  for (const alike of DEPTHS.flatMap((depth) => statesAlike(graph, depth))) {
    const found = chains.through(alike);
    if (found && !(best && best.cells.flat().length > found.cells.flat().length)) best = found;
  }
  return best;
}

/** Operations that are computed alike, from the same leaves where these have several uses. */
function statesAlike(graph: Graph, depth: number): number[][] {
  const { ops } = graph;
  const uses = usesOf(graph);
  const own = opNumbers(graph).map((number, id) => (ops[id] === "leaf" && uses[id]! > 1 ? -id : number));
  const kinds = kindsOf(graph, own, depth);
  const operations = [...ops.keys()].filter((id) => !isSource(ops[id]!));
  return [...grouped(operations, (id) => kinds[id]).values()];
}

class Chains {
  readonly #graph: Graph;
  /** By node 1 for each that it is computed from, itself included. */
  readonly #above: Uint8Array[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
    for (let id = 0; id < graph.size; id++) {
      const own = new Uint8Array(graph.size);
      own[id] = 1;
      for (const operand of graph.operandsOf(id))
        for (let i = 0; i < id; i++) own[i]! |= this.#above[operand]![i]!;
      this.#above.push(own);
    }
  }

  /** The chain through states that are computed alike, if it is one. */
  through(alike: readonly number[]): Recurrence | undefined {
    const above = this.#above;
    const states = [...alike];
    if (states.length < LEAST_STEPS - 1) return undefined;
    if (states.some((state, i) => i > 0 && !above[state]![states[i - 1]!])) return undefined;
    const cells = states.slice(1).map((state, i) => this.#cell(states[i]!, state));
    const shape = this.#shape(cells[0]!);
    if (cells.some((cell, i) => this.#shape(cell) !== shape || !this.#isStep(states[i]!, cell)))
      return undefined;
    // The first ones start from another state, a constant maybe: they are computed alike, but not as deep.
    for (let id = states[0]! - 1; id >= 0; id--) {
      if (this.#graph.ops[id] !== this.#graph.ops[states[0]!] || !above[states[0]!]![id]) continue;
      const cell = this.#cell(id, states[0]!);
      if (this.#shape(cell) !== shape) continue;
      states.unshift(id);
      cells.unshift(cell);
    }
    if (states.length < LEAST_STEPS) return undefined;
    return { states, cells: this.#withOutputs(states, [this.#cell(-1, states[0]!), ...cells]) };
  }

  /** All that a state is computed from and the one before is not. */
  #cell(before: number, state: number): number[] {
    const above = this.#above;
    const between = [...above.keys()].filter((id) => above[state]![id] && !above[before]?.[id]);
    return this.#withSources(between);
  }

  /** Add to each cell but the last what else is made of its state, if that is alike too: the loss of each step. */
  #withOutputs(states: readonly number[], cells: readonly number[][]): readonly number[][] {
    const { ops } = this.#graph;
    const taken = new Set(cells.flat());
    const outputs: number[][] = states.map(() => []);
    const above = this.#above;
    for (const [id, op] of ops.entries()) {
      if (taken.has(id) || isSource(op)) continue;
      const step = states.filter((state) => above[id]![state]).length - 1;
      // A part of the next step that its state is not computed from.
      if (cells[step + 1]?.some((other) => above[id]![other] && !isSource(ops[other]!))) return cells;
      outputs[step]?.push(id);
    }
    const [kind, ...kinds] = outputs.slice(1, -1).map((ids) => ids.map((id) => ops[id]).join());
    if (kinds.some((other) => other !== kind)) return cells;
    outputs[states.length - 1] = [];
    return cells.map((cell, step) => this.#withSources([...cell, ...outputs[step]!]));
  }

  /** Operations with the leaves and constants that only they use, ascending. */
  #withSources(nodes: Iterable<number>): number[] {
    const { ops, size } = this.#graph;
    const inside = new Set([...nodes].filter((id) => !isSource(ops[id]!)));
    const [own, others] = [new Set<number>(), new Set<number>()];
    for (let id = 0; id < size; id++)
      for (const operand of this.#graph.operandsOf(id))
        if (isSource(ops[operand]!)) (inside.has(id) ? own : others).add(operand);
    return [...inside, ...[...own].filter((id) => !others.has(id))].sort((a, b) => a - b);
  }

  /** Ops of a cell, in any order. */
  #shape(cell: readonly number[]): string {
    return String(cell.map((id) => this.#graph.ops[id]).sort());
  }

  /** A cell does more to the state before than to add to it: a sum of many terms is no recurrence. */
  #isStep(before: number, cell: readonly number[]): boolean {
    return cell.filter((id) => this.#above[id]![before]).length > 1;
  }
}
