/**
 * Phase 2: the lanes of edges that pass layers, and the links between neighbouring layers that result.
 */

import type { LayoutEdge, LayoutInput } from "../layout.ts";

const LANES_PER_CARD = 6; // beyond this (and LANES_FREE) the longest edges of large graphs get no lanes
const LANES_FREE = 60_000;

/** Cards first, then lanes; both are 'items' that take a place in their layer. Links join items of neighbouring layers. */
export interface Net {
  cards: number;
  items: number;
  layers: number;
  layer: Int32Array;
  /** A card's size along and across; a lane has none. */
  length: Float64Array;
  breadth: Float64Array;
  /** Each producer's lanes are consecutive items, one per layer from the one after its own. */
  firstLane: Int32Array;
  laneCount: Int32Array;
  owner: Int32Array;
  /** Link e is the last hop of edge e (from -1 if the edge is too long to get lanes); lanes' own links follow. */
  from: Int32Array;
  to: Int32Array;
  crossWeight: Float64Array;
  pull: Float64Array;
  /** Where links leave an item, from its middle. */
  port: Float64Array;
  before: Adjacency;
  after: Adjacency;
  /** The edges that end at each card, those without lanes too. */
  arriving: Adjacency;
  /** The card that an edge comes from. */
  producer: Int32Array;
  gap: number;
  /** The longest card of each layer. */
  band: Float64Array;
  /** Does the flow run from left to right? Else pages turn by a quarter. */
  lies: boolean;
}

export interface Adjacency {
  start: Int32Array;
  links: Int32Array;
}

export function withLanes(input: LayoutInput, cardLayer: Int32Array): Net {
  const { sizes, edges } = input;
  const cards = sizes.length;
  const laneCount = lanesNeeded(cards, edges, cardLayer);
  const firstLane = new Int32Array(cards);
  let items = cards;
  for (let id = 0; id < cards; id++) {
    firstLane[id] = items;
    items += laneCount[id]!;
  }

  const layer = new Int32Array(items);
  const owner = new Int32Array(items);
  const length = new Float64Array(items);
  const breadth = new Float64Array(items);
  const port = new Float64Array(items);
  const lies = (input.direction ?? "LR") === "LR";
  let layers = 0;
  for (let id = 0; id < cards; id++) {
    const { width, height } = sizes[id]!;
    layer[id] = cardLayer[id]!;
    owner[id] = id;
    length[id] = lies ? width : height;
    breadth[id] = lies ? height : width;
    port[id] = lies && input.ports ? input.ports(id) - height / 2 : 0;
    layers = Math.max(layers, layer[id]! + 1);
    for (let i = 0; i < laneCount[id]!; i++) {
      layer[firstLane[id]! + i] = cardLayer[id]! + 1 + i;
      owner[firstLane[id]! + i] = id;
    }
  }

  const band = new Float64Array(layers);
  for (let id = 0; id < cards; id++) band[layer[id]!] = Math.max(band[layer[id]!]!, length[id]!);

  const count = edges.length + items - cards;
  const from = new Int32Array(count).fill(-1);
  const to = new Int32Array(count);
  const producer = Int32Array.from(edges, (edge) => edge.from);
  const crossWeight = new Float64Array(count).fill(1);
  const pull = new Float64Array(count).fill(1);
  const isLeaf = new Uint8Array(cards).fill(1);
  for (const edge of edges) isLeaf[edge.to] = 0;
  edges.forEach((edge, e) => {
    const hops = layer[edge.to]! - layer[edge.from]! - 1;
    to[e] = edge.to;
    if (hops > laneCount[edge.from]!) return;
    from[e] = hops === 0 ? edge.from : firstLane[edge.from]! + hops - 1;
    if (hops === 0 && !isLeaf[edge.from]) pull[e] = 1.5;
    // The edge runs through every lane up to its last: count it there, sum up below.
    if (hops > 0) crossWeight[edges.length + from[e]! - cards]! += 1;
  });
  for (let id = 0; id < cards; id++) {
    for (let i = laneCount[id]! - 1; i >= 0; i--) {
      const lane = firstLane[id]! + i;
      const link = edges.length + lane - cards;
      from[link] = i === 0 ? id : lane - 1;
      to[link] = lane;
      pull[link] = i === 0 ? 2 : 6;
      crossWeight[link]! -= 1;
      if (i + 1 < laneCount[id]!) crossWeight[link]! += crossWeight[link + 1]!;
    }
  }
  return {
    cards,
    items,
    layers,
    layer,
    length,
    breadth,
    firstLane,
    laneCount,
    owner,
    from,
    to,
    crossWeight,
    pull,
    port,
    before: adjacency(items, to, from),
    after: adjacency(items, from, from),
    arriving: adjacency(cards, to.subarray(0, edges.length), producer),
    producer,
    gap: input.nodeGap ?? 24,
    band,
    lies,
  };
}

/** How many layers each producer's lanes go through, cut off for very long edges of very large graphs. */
function lanesNeeded(cards: number, edges: LayoutEdge[], layer: Int32Array): Int32Array {
  const need = new Int32Array(cards);
  for (const { from, to } of edges) need[from] = Math.max(need[from]!, layer[to]! - layer[from]! - 1);
  const budget = LANES_FREE + LANES_PER_CARD * cards;
  const total = need.reduce((sum, lanes) => sum + lanes, 0);
  if (total <= budget) return need;
  // The longest cut with which the lanes stay within the budget: sort, then share the rest among the longer ones.
  const sorted = need.slice().sort();
  let spent = 0;
  for (let i = 0; i < cards; i++) {
    const cut = Math.floor((budget - spent) / (cards - i));
    if (sorted[i]! > cut) return need.map((lanes) => Math.min(lanes, cut));
    spent += sorted[i]!;
  }
  return need;
}

/** Links by the item at one end, in link order; links of edges without lanes are left out. */
function adjacency(items: number, end: Int32Array, from: Int32Array): Adjacency {
  const start = new Int32Array(items + 1);
  for (let link = 0; link < end.length; link++) if (from[link]! >= 0) start[end[link]! + 1]! += 1;
  for (let item = 0; item < items; item++) start[item + 1]! += start[item]!;
  const links = new Int32Array(start[items]!);
  const next = start.slice();
  for (let link = 0; link < end.length; link++) if (from[link]! >= 0) links[next[end[link]!]!++] = link;
  return { start, links };
}
