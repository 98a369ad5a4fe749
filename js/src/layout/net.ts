/**
 * Phase 2: cards and dummy chains as items, with links between neighbouring layers.
 */

import { countBy, endsOf } from "./edges.ts";
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
export function netWithDummyNodes(input: LayoutInput, cardLayer: Int32Array, halfHeight: Float64Array): Net {
  const cards = cardLayer.length;
  const [tail, head] = endsOf(input.edges);
  const passed = tail.map((card, e) => cardLayer[head[e]!]! - cardLayer[card]! - 1);
  const dummies = dummiesPerCard(cards, tail, passed, input.isRough);
  const apart = drawnApart(input, tail, dummies);

  // Items: after the cards the dummies, each with a hop to it.
  const layer = [...cardLayer];
  const halfHeights = [...halfHeight];
  const firstDummy = new Int32Array(cards);
  const hops: number[] = [];
  dummies.forEach((count, card) => {
    firstDummy[card] = layer.length;
    for (let i = 1; i <= count; i++) {
      hops.push(i === 1 ? card : layer.length - 1);
      layer.push(cardLayer[card]! + i);
      halfHeights.push((Math.max(0, apart[card]! - 1) / 2) * APART);
    }
  });

  const lastHops = passed.map((count, e) => {
    const card = tail[e]!;
    return count === 0 ? card : count > dummies[card]! ? -1 : firstDummy[card]! + count - 1;
  });
  const from = Int32Array.from([...lastHops, ...hops]);
  const to = from.map((_, link) => head[link] ?? link - head.length + cards);
  const weight = edgesThrough(from, cards, head.length);
  const items = layer.length;
  return {
    cards,
    items,
    layers: layer.reduce((max, k) => Math.max(max, k + 1), 0),
    layer: Int32Array.from(layer),
    halfHeight: Float64Array.from(halfHeights),
    apart,
    tail,
    head,
    firstDummy,
    from,
    before: adjacency(items, to, from, weight),
    after: adjacency(items, from, to, weight),
  };
}

/** Lengths of the dummy chains: as many layers as the longest edge of a card passes. */
function dummiesPerCard(cards: number, tail: Int32Array, passed: Int32Array, isRough = false): Int32Array {
  const upTo = (longest: number) => {
    const dummies = new Int32Array(cards);
    passed.forEach((count, e) => {
      if (count <= longest) dummies[tail[e]!] = Math.max(dummies[tail[e]!]!, count);
    });
    return dummies;
  };
  const dummies = upTo(isRough ? 0 : Infinity);
  return dummies.reduce((sum, count) => sum + count, 0) > MAX_DUMMIES ? upTo(MAX_LAYERS_PASSED) : dummies;
}

/** Edges of each card that are drawn side by side. */
function drawnApart({ edges, mayCover }: LayoutInput, tail: Int32Array, dummies: Int32Array): Int32Array {
  // Where room is short, lines that go far are one.
  const isTight = mayCover || !edges.some(({ label }) => label);
  return countBy(tail, dummies.length).map((count, card) =>
    count > MAX_SIDE_BY_SIDE || (isTight && dummies[card]) ? 0 : count,
  );
}

/** Number of edges through each link: one through its last hop, and all that go on behind a dummy through the hop to it. */
function edgesThrough(from: Int32Array, cards: number, edges: number): Float64Array {
  const weight = new Float64Array(from.length).fill(1, 0, edges);
  const carry = (link: number) => {
    if (from[link]! >= cards) weight[edges + from[link]! - cards]! += weight[link]!;
  };
  for (let e = 0; e < edges; e++) carry(e);
  for (let hop = from.length - 1; hop >= edges; hop--) carry(hop);
  return weight;
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
