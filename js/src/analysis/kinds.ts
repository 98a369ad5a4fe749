/** Kinds of nodes: hashes of what is computed, to find what repeats. */

import type { Graph } from "../engine/graph.ts";

const PRIME = 0x9e3779b1; // near 2^32 over the golden ratio (Knuth, "Sorting and Searching", 6.4)

/** Number per node by its op, from 1 on. */
export function opNumbers({ ops }: Graph): Int32Array {
  const names = [...new Set(ops)];
  return Int32Array.from(ops, (op) => names.indexOf(op) + 1);
}

/** Hash per node of its own number, those of its operands, theirs, and so on, to a depth. */
export function kindsOf(graph: Graph, own: Int32Array, depth: number): Int32Array {
  let kinds = own;
  for (let i = 0; i < depth; i++) {
    const theirs = kinds;
    kinds = own.map((hash, id) =>
      graph.operandsOf(id).reduce((sum, operand) => mixed(sum, theirs[operand]!), hash),
    );
  }
  return kinds;
}

/** Mix a number into a hash. */
export function mixed(hash: number, more: number): number {
  return Math.imul(hash ^ Math.imul(more, PRIME), PRIME) + (hash >>> 13);
}
