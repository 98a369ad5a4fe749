/** Edges by the cards at their ends. */

import type { LayoutEdge } from "./types.ts";

/** The earlier and the later card of each edge. */
export function endsOf(edges: readonly LayoutEdge[]): [tail: Int32Array, head: Int32Array] {
  return [
    Int32Array.from(edges, ({ from, to }) => Math.min(from, to)),
    Int32Array.from(edges, ({ from, to }) => Math.max(from, to)),
  ];
}

/** Count edges by the card at one end. */
export function countBy(end: Int32Array, cards: number): Int32Array {
  const counts = new Int32Array(cards);
  for (const card of end) counts[card]! += 1;
  return counts;
}

/** Group edges by the card at one end. */
export function edgesBy(end: Int32Array, cards: number): number[][] {
  const edges: number[][] = Array.from({ length: cards }, () => []);
  end.forEach((card, e) => {
    edges[card]!.push(e);
  });
  return edges;
}
