/**
 * Phase 2: items, which are cards and the lanes of edges that pass layers, and the links between neighbouring layers.
 */

import type { LayoutInput } from "./types.ts";

const MOST_LANES = 1_000_000; // a graph that would need more draws its longest edges without
const LONGEST = 40; // layers that such an edge may pass
const MOST_APART = 4; // edges of one card that run side by side in its lanes
export const APART = 8; // from one to the next: two that touch would look like one that is negative

/** Links by the item at one end: those of an item from `start[item]` on, up to and without `start[item + 1]`. */
export interface Adjacency {
  start: Int32Array;
  /** For each of them the item at its other end, and how many edges run through it. */
  ends: Int32Array;
  weights: Float64Array;
}

/** Cards first, then lanes. Edges and links run from the earlier to the later layer, whichever way values go. */
export interface Net {
  cards: number;
  items: number;
  layers: number;
  layer: Int32Array;
  /** Across, half of what an item takes: of a card with the pills before it; of a lane what its edges take. */
  half: Float64Array;
  /** How many edges of each card run side by side; 0 where they are too many, and are one line. */
  apart: Int32Array;
  /** The cards at the two ends of each edge. */
  tail: Int32Array;
  head: Int32Array;
  /** A card's lanes are consecutive items, one per layer from the one after its own. */
  firstLane: Int32Array;
  /** Link e is the last hop of edge e, from -1 if that has no lanes; after those comes one link to each lane. */
  from: Int32Array;
  before: Adjacency;
  after: Adjacency;
}

export function withLanes({ edges }: LayoutInput, cardLayer: Int32Array, half: Float64Array): Net {
  const cards = cardLayer.length;
  const tail = Int32Array.from(edges, ({ from, to }) => Math.min(from, to));
  const head = Int32Array.from(edges, ({ from, to }) => Math.max(from, to));
  const passed = tail.map((card, e) => cardLayer[head[e]!]! - cardLayer[card]! - 1);
  const lanes = new Int32Array(cards);
  const count = (longest: number) => {
    lanes.fill(0);
    passed.forEach((hops, e) => {
      if (hops <= longest) lanes[tail[e]!] = Math.max(lanes[tail[e]!]!, hops);
    });
    return lanes.reduce((sum, some) => sum + some, 0);
  };
  let all = count(Infinity);
  if (all > MOST_LANES) all = count(LONGEST);

  const apart = new Int32Array(cards);
  for (const card of tail) apart[card]! += 1;
  for (let card = 0; card < cards; card++) if (apart[card]! > MOST_APART) apart[card] = 0;
  const items = cards + all;
  const layer = new Int32Array(items);
  const firstLane = new Int32Array(cards);
  const from = new Int32Array(edges.length + all);
  const to = new Int32Array(edges.length + all);
  const weight = new Float64Array(edges.length + all).fill(1, 0, edges.length);
  const halves = new Float64Array(items);
  halves.set(half);
  let next = cards;
  for (let card = 0; card < cards; card++) {
    layer[card] = cardLayer[card]!;
    firstLane[card] = next;
    for (let i = 0; i < lanes[card]!; i++, next++) {
      layer[next] = cardLayer[card]! + 1 + i;
      halves[next] = (Math.max(0, apart[card]! - 1) / 2) * APART;
      from[edges.length + next - cards] = i === 0 ? card : next - 1;
      to[edges.length + next - cards] = next;
    }
  }
  passed.forEach((hops, e) => {
    const start = tail[e]!;
    to[e] = head[e]!;
    from[e] = hops === 0 ? start : hops > lanes[start]! ? -1 : firstLane[start]! + hops - 1;
    if (from[e]! >= cards) weight[edges.length + from[e]! - cards]! += 1;
  });
  for (let link = weight.length - 1; link > edges.length; link--) {
    if (from[link]! >= cards) weight[link - 1]! += weight[link]!;
  }
  return {
    cards,
    items,
    layers: layer.reduce((most, k) => Math.max(most, k + 1), 0),
    layer,
    half: halves,
    apart,
    tail,
    head,
    firstLane,
    from,
    before: adjacency(items, to, from, weight),
    after: adjacency(items, from, to, weight),
  };
}

/** The edges of each card, which is at this end of theirs. */
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
