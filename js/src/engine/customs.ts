/**
 * Results of custom ops, which only the kernel can compute.
 *
 * The kernel answers with numbers for the leaf values that it was sent. Answers lag behind while leaves move. Without a
 * kernel the leaves below a live custom op are locked.
 */

import type { Graph } from "./graph.ts";
import { decodeNumber, type Numbers, type WireNumber } from "./number.ts";

/** Last answer of the kernel. */
export interface CustomResults {
  /** Values of the leaves that the answer holds for. */
  readonly at?: Numbers;
  /** Per node its value, then its local derivatives. */
  readonly nodes?: Readonly<Record<string, readonly WireNumber[]>>;
}

/** Compare leaf values: true if any has changed since the answer. */
export function isOutdated({ at = {} }: CustomResults, values: Numbers): boolean {
  return Object.keys(at).some((leaf) => at[leaf] !== values[leaf]);
}

/** Put the results into the graph. */
export function applyResults(graph: Graph, { nodes = {} }: CustomResults): void {
  for (const [node, numbers] of Object.entries(nodes)) {
    const [value, ...partials] = numbers.map((number) => decodeNumber(number) ?? Number.NaN);
    if (graph.customs.has(Number(node))) graph.setCustom(Number(node), value!, partials);
  }
}

/** Bits of `customDependence`: a recorded, and a live custom op. */
export const RECORDED = 1;
export const LIVE = 2;

/** Per node: does a custom op depend on it? 0, or the bits `RECORDED` and `LIVE`. */
export function customDependence(graph: Graph): Uint8Array {
  const made = new Uint8Array(graph.size);
  for (const [node, { live }] of graph.customs) made[node] = live ? LIVE : RECORDED;
  for (let node = graph.size - 1; node >= 0; node--)
    for (const operand of graph.operandsOf(node)) made[operand]! |= made[node]!;
  return made;
}
