/**
 * Phase 2: cards and dummy chains as items, with links between neighbouring layers.
 */

import type { LayoutInput } from "./types.ts";

const MAX_DUMMIES = 1_000_000; // with more, the longest edges get no dummy chain
const MAX_LAYERS_PASSED = 40; // by an edge with a dummy chain, then
const MAX_SIDE_BY_SIDE = 4; // edges in one dummy chain that are drawn apart
export const APART = 8; // distance between such edges: two that touch would look like one negative edge

/** Links in compressed rows: those of an item are at `start[item]` up to, not including, `start[item + 1]`. */
export interface Adjacency {
  start: Int32Array;
  /** Per link the item at its other end, and the number of edges that run through it. */
  ends: Int32Array;
  weights: Float64Array;
}

/** Items and links: cards first, then dummies. Edges and links run from the earlier to the later layer. */
export interface Net {
  cards: number;
  items: number;
  layers: number;
  layer: Int32Array;
  /** Half the extent of an item across the flow: a card with the labels before it, or a dummy with its edges. */
  halfHeight: Float64Array;
  /** Per card the number of edges drawn side by side; 0 for too many, which become one line. */
  apart: Int32Array;
  /** The cards at the two ends of each edge. */
  tail: Int32Array;
  head: Int32Array;
  /** Start of a card's dummy chain: consecutive items, one per layer, from the layer after its own. */
  firstDummy: Int32Array;
  /** Source of each link. Link e is the last hop of edge e, with -1 for a missing chain; one link per dummy follows. */
  from: Int32Array;
  before: Adjacency;
  after: Adjacency;
}

/** Give each producer of long edges a dummy chain. */
export function netWithDummyNodes(
  { edges, isRough, mayCover }: LayoutInput,
  cardLayer: Int32Array,
  halfHeight: Float64Array,
): Net {
  const cards = cardLayer.length;
  const tail = Int32Array.from(edges, ({ from, to }) => Math.min(from, to));
  const head = Int32Array.from(edges, ({ from, to }) => Math.max(from, to));
  const passed = tail.map((card, e) => cardLayer[head[e]!]! - cardLayer[card]! - 1);
  const dummies = new Int32Array(cards);
  const count = (longest: number) => {
    dummies.fill(0);
    passed.forEach((hops, e) => {
      if (hops <= longest) dummies[tail[e]!] = Math.max(dummies[tail[e]!]!, hops);
    });
    return dummies.reduce((sum, some) => sum + some, 0);
  };
  let all = count(isRough ? 0 : Infinity);
  if (all > MAX_DUMMIES) all = count(MAX_LAYERS_PASSED);

  const apart = new Int32Array(cards);
  for (const card of tail) apart[card]! += 1;
  // Where room is short, lines that go far are one.
  const isTight = mayCover || !edges.some(({ label }) => label);
  for (let card = 0; card < cards; card++)
    if (apart[card]! > MAX_SIDE_BY_SIDE || (isTight && dummies[card])) apart[card] = 0;
  const items = cards + all;
  const layer = new Int32Array(items);
  const firstDummy = new Int32Array(cards);
  const from = new Int32Array(edges.length + all);
  const to = new Int32Array(edges.length + all);
  const weight = new Float64Array(edges.length + all).fill(1, 0, edges.length);
  const halfHeights = new Float64Array(items);
  halfHeights.set(halfHeight);
  let next = cards;
  for (let card = 0; card < cards; card++) {
    layer[card] = cardLayer[card]!;
    firstDummy[card] = next;
    for (let i = 0; i < dummies[card]!; i++, next++) {
      layer[next] = cardLayer[card]! + 1 + i;
      halfHeights[next] = (Math.max(0, apart[card]! - 1) / 2) * APART;
      from[edges.length + next - cards] = i === 0 ? card : next - 1;
      to[edges.length + next - cards] = next;
    }
  }
  passed.forEach((hops, e) => {
    const start = tail[e]!;
    to[e] = head[e]!;
    from[e] = hops === 0 ? start : hops > dummies[start]! ? -1 : firstDummy[start]! + hops - 1;
    if (from[e]! >= cards) weight[edges.length + from[e]! - cards]! += 1;
  });
  for (let link = weight.length - 1; link > edges.length; link--) {
    if (from[link]! >= cards) weight[link - 1]! += weight[link]!;
  }
  return {
    cards,
    items,
    layers: layer.reduce((max, k) => Math.max(max, k + 1), 0),
    layer,
    halfHeight: halfHeights,
    apart,
    tail,
    head,
    firstDummy,
    from,
    before: adjacency(items, to, from, weight),
    after: adjacency(items, from, to, weight),
  };
}

/** Group edges by the card at one end. */
export function edgesBy(end: Int32Array, cards: number): number[][] {
  const edges: number[][] = Array.from({ length: cards }, () => []);
  end.forEach((card, e) => {
    edges[card]!.push(e);
  });
  return edges;
}

function adjacency(items: number, near: Int32Array, far: Int32Array, weight: Float64Array): Adjacency {
  const start = new Int32Array(items + 1);
  const isThere = (link: number) => near[link]! >= 0 && far[link]! >= 0;
  const all = Int32Array.from(near.keys()).filter(isThere);
  for (const link of all) start[near[link]! + 1]! += 1;
  for (let item = 0; item < items; item++) start[item + 1]! += start[item]!;
  const ends = new Int32Array(all.length);
  const weights = new Float64Array(all.length);
  const next = start.slice();
  for (const link of all) {
    const i = next[near[link]!]!++;
    ends[i] = far[link]!;
    weights[i] = weight[link]!;
  }
  return { start, ends, weights };
}
