/**
 * Ops that the page cannot compute: the kernel does, for leaf values that it has been sent, and answers with numbers
 * that hold at these. While leaves move the answers lag behind; where none comes, the leaves are not to be moved.
 */

import type { Graph } from "./graph.ts";
import { decodeNumber, type Numbers, type WireNumber } from "./number.ts";

/** The kernel's last answer. */
export interface CustomResults {
  /** The values of the leaves that it is made of. */
  readonly at?: Numbers;
  /** By node its value and its local derivatives. */
  readonly nodes?: Readonly<Record<string, readonly WireNumber[]>>;
}

/** Whether the leaves have moved on since. */
export function isOutdated({ at = {} }: CustomResults, values: Numbers): boolean {
  return Object.keys(at).some((leaf) => at[leaf] !== values[leaf]);
}

export function applyResults(graph: Graph, { nodes = {} }: CustomResults): void {
  for (const [node, numbers] of Object.entries(nodes)) {
    const [value, ...partials] = numbers.map((number) => decodeNumber(number) ?? Number.NaN);
    if (graph.customs.has(Number(node))) graph.setCustom(Number(node), value!, partials);
  }
}

/** What a node goes into. */
export const RECORDED = 1;
export const LIVE = 2;

/** By node whether a custom op is made of it: a recorded one, or one that the kernel computes. */
export function customDependence({ size, customs, offsets, operands }: Graph): Uint8Array {
  const made = new Uint8Array(size);
  for (const [node, { live }] of customs) made[node] = live ? LIVE : RECORDED;
  for (let node = size - 1; node >= 0; node--) {
    for (let slot = offsets[node]!; slot < offsets[node + 1]!; slot++) made[operands[slot]!]! |= made[node]!;
  }
  return made;
}
