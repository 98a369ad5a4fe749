/** Neighbours of a node: its operands, its consumers, its descendants, and the local derivatives between them. */

import type { Graph } from "../engine/graph.ts";
import { contributionsOf } from "../engine/loops.ts";

/** The local derivative of a node along one of its operand slots, an index into the graph's `operands`. */
export function localDerivativeAlong(graph: Graph, id: number, slot: number): number {
  return contributionsOf(graph, id, 1)[slot - graph.offsets[id]!]!;
}

/** Mark `node` and its descendants with 1, as far as `last`. A `detach` is constant, and descends from nothing. */
export function descendantsOf(graph: Graph, node: number, last: number): Uint8Array {
  const marks = new Uint8Array(Math.max(node, last) + 1);
  marks[node] = 1;
  for (let id = node + 1; id <= last; id++) {
    if (graph.ops[id] === "detach") continue;
    for (const operand of graph.operandsOf(id)) marks[id]! |= marks[operand]!;
  }
  return marks;
}

/** One operand slot: `consumer` uses `producer` as its operand number `slot`. */
export interface Edge {
  readonly producer: number;
  readonly consumer: number;
  readonly slot: number;
  /** Its place in the graph's `edgeGrads`. */
  readonly index: number;
}

/** Operand slots by the node that they belong to, and by the node that they lead to. */
export class Adjacency {
  readonly #graph: Graph;
  /** By operand slot the node that it belongs to. */
  readonly #consumer: Int32Array;
  /** By node the first slot that uses it, and by slot the next one that uses the same; -1: there is none. */
  readonly #firstUse: Int32Array;
  readonly #nextUse: Int32Array;

  constructor(graph: Graph) {
    const { size, offsets, operands } = graph;
    this.#graph = graph;
    this.#consumer = new Int32Array(operands.length);
    this.#firstUse = new Int32Array(size).fill(-1);
    this.#nextUse = new Int32Array(operands.length);
    for (let id = 0; id < size; id++) this.#consumer.fill(id, offsets[id], offsets[id + 1]);
    for (let slot = operands.length - 1; slot >= 0; slot--) {
      this.#nextUse[slot] = this.#firstUse[operands[slot]!]!;
      this.#firstUse[operands[slot]!] = slot;
    }
  }

  consumerOf(slot: number): number {
    return this.#consumer[slot]!;
  }

  /** The operand slots that a node is in, ascending. */
  usesOf(id: number): number[] {
    const slots: number[] = [];
    for (let slot = this.#firstUse[id]!; slot >= 0; slot = this.#nextUse[slot]!) slots.push(slot);
    return slots;
  }

  /** An operand slot as an edge. */
  edge(index: number): Edge {
    const consumer = this.#consumer[index]!;
    const { offsets, operands } = this.#graph;
    return { producer: operands[index]!, consumer, slot: index - offsets[consumer]!, index };
  }

  consumersOf(id: number): readonly Edge[] {
    return this.usesOf(id).map((slot) => this.edge(slot));
  }

  operandsOf(id: number): readonly Edge[] {
    const first = this.#graph.offsets[id]!;
    return Array.from(this.#graph.operandsOf(id), (_, slot) => this.edge(first + slot));
  }

  /** By slot 1 where a node is used, and where what uses it is, along the slots that count. */
  above(id: number, counts: (slot: number) => boolean): Uint8Array {
    const { size, offsets, operands } = this.#graph;
    const slots = new Uint8Array(operands.length);
    const uses = new Uint8Array(size);
    uses[id] = 1;
    for (let slot = offsets[id]!; slot < operands.length; slot++) {
      if (!uses[operands[slot]!] || !counts(slot)) continue;
      slots[slot] = 1;
      uses[this.#consumer[slot]!] = 1;
    }
    return slots;
  }

  /** By slot 1 between all that a node depends on, and between all that depends on it. */
  relatedTo(id: number): Uint8Array {
    const graph = this.#graph;
    const slots = this.above(id, () => true);
    const needed = new Uint8Array(graph.size);
    needed[id] = 1;
    for (let node = id; node >= 0; node--) {
      if (!needed[node]) continue;
      slots.fill(1, graph.offsets[node], graph.offsets[node + 1]);
      for (const operand of graph.operandsOf(node)) needed[operand] = 1;
    }
    return slots;
  }
}
