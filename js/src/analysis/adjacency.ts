/** Neighbours of a node: its operands, its descendants, and the local derivatives between them. */

import type { Graph } from "../engine/graph.ts";
import { contributionsOf } from "../engine/loops.ts";

/** The local derivative of a node along one of its operand slots, an index into the graph's `operands`. */
export function localDerivativeAlong(graph: Graph, id: number, slot: number): number {
  return contributionsOf(graph, id, 1)[slot - graph.offsets[id]!]!;
}

export function operandsOf(graph: Graph, id: number): Int32Array {
  return graph.operands.subarray(graph.offsets[id], graph.offsets[id + 1]);
}

/** Mark `node` and its descendants with 1, as far as `last`. */
export function descendantsOf(graph: Graph, node: number, last: number): Uint8Array {
  const { offsets, operands } = graph;
  const marks = new Uint8Array(Math.max(node, last) + 1);
  marks[node] = 1;
  for (let id = node + 1; id <= last; id++)
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) marks[id]! |= marks[operands[slot]!]!;
  return marks;
}
