/** Branches of the program: which comparisons come out another way now, and what may belong to the branch that was left. */

import type { Graph } from "../engine/graph.ts";

/** Per node 1 if it is computed from what was compared in a guard that has turned; undefined if none has. */
export function leftBranch(graph: Graph): Uint8Array | undefined {
  const { size, ops, offsets, operands, outputs } = graph;
  const compared = graph.turned().flatMap(([, left, right]) => [left, right]);
  if (compared.length === 0) return undefined;
  const marks = new Uint8Array(size);
  for (const id of compared) marks[id] = ops[id] === "const" ? 0 : 1;
  for (let id = 0; id < size; id++)
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) marks[id]! |= marks[operands[slot]!]!;
  // The program computes what it compares on either branch; only as a result it may be another.
  for (const id of compared) if (!outputs.includes(id)) marks[id] = 0;
  return marks;
}
