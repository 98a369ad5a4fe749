/**
 * Phase 4: where the items of each layer stand, their order given.
 */

import type { Net } from "./net.ts";
import { crossings, type Rows, ranksOf } from "./order.ts";

export const CARD_CLEARANCE = 6; // between a card and a line that passes it
const LANE_GAP = 12; // between two lanes
const ENTRY_SPACING = 22; // between two edges that enter one card: their pills fit one under the other

export interface Drawing {
  net: Net;
  rows: Rows;
  /** An item's place in its row. */
  rank: Int32Array;
  /** The middle of each item, across. */
  across: Float64Array;
  /** Where each link arrives, from its target's middle. */
  entry: Float64Array;
  /** How much higher than it arrives each link should leave, to make room for its pill. */
  slant: Float64Array;
}

export function drawn(net: Net, rows: Rows): Drawing {
  const rank = ranksOf(net, rows);
  const drawing: Drawing = {
    net,
    rows,
    rank,
    across: new Float64Array(net.items),
    entry: spreadEntries(net, rows, rank),
    slant: new Float64Array(net.from.length),
  };
  packRows(drawing);
  return drawing;
}

/** Settles a drawing from wherever its items are now. */
export function* places(drawing: Drawing): Generator<void, void> {
  const { net } = drawing;
  const rounds = Math.max(3, Math.min(20, Math.floor(600_000 / (net.items + net.from.length))));
  const settle = new Settler(drawing);
  // First by the square of the distances, which spreads; then by the distance, which straightens.
  for (const bent of [400, 8]) {
    settle.bent = bent;
    for (let round = 0; round < rounds; round++) {
      if (settle.all(round % 2 === 0) < 0.5) break;
      if (round % 4 === 3) yield;
    }
  }
  // Cards follow the lanes once those are straight; then a last pull, because cards have moved.
  straighten(drawing);
  settle.lanesStay = true;
  settle.bent = 0.5;
  for (let round = 0; round < 6; round++) settle.all(round % 2 === 0);
  straighten(drawing);
  closeEmptyStrips(drawing);
}

/** Each row as tight as it may be, around a common middle. */
function packRows({ net, rows, across }: Drawing): void {
  for (const row of rows) {
    let end = 0;
    for (let i = 0; i < row.length; i++) {
      if (i > 0) end += apart(net, row[i - 1]!, row[i]!);
      across[row[i]!] = end;
    }
    for (const item of row) across[item]! -= end / 2;
  }
}

/** Edges arrive at a card one under the other, in the order of where they come from. */
function spreadEntries(net: Net, rows: Rows, rank: Int32Array): Float64Array {
  const entry = new Float64Array(net.from.length);
  const { start, links } = net.arriving;
  // An edge without lanes comes from about as far down as its producer stands in its own row.
  const place = (link: number, card: number) => {
    if (net.from[link]! >= 0) return rank[net.from[link]!]!;
    const producer = net.producer[link]!;
    const share = (rank[producer]! + 0.5) / rows[net.layer[producer]!]!.length;
    return share * rows[net.layer[card]! - 1]!.length - 0.5;
  };
  for (let card = 0; card < net.cards; card++) {
    const count = start[card + 1]! - start[card]!;
    if (count < 2) continue;
    const arriving = Array.from(links.subarray(start[card]!, start[card + 1]!));
    arriving.sort((a, b) => place(a, card) - place(b, card) || a - b);
    const spacing = entrySpacing(net, card);
    for (let i = 0; i < count; i++) entry[arriving[i]!] = (i - (count - 1) / 2) * spacing;
  }
  return entry;
}

export function entrySpacing(net: Net, card: number): number {
  const count = net.arriving.start[card + 1]! - net.arriving.start[card]!;
  return Math.min(ENTRY_SPACING, net.breadth[card]! / (count + 0.15));
}

/** The least distance between the middles of two neighbours in a row. */
function apart(net: Net, a: number, b: number): number {
  const cards = (a < net.cards ? 1 : 0) + (b < net.cards ? 1 : 0);
  const gap = cards === 2 ? net.gap : cards === 1 ? Math.max(CARD_CLEARANCE + 2, net.gap / 2) : LANE_GAP;
  return (net.breadth[a]! + net.breadth[b]!) / 2 + gap;
}

/** Gives rows the best places for their neighbours' places: weighted isotonic regression. */
class Settler {
  /** Up to about this length a link with a lane counts by its square, beyond by its length. */
  bent = 8;
  lanesStay = false;
  readonly #drawing: Drawing;
  readonly #mean: Float64Array;
  readonly #weight: Float64Array;
  readonly #size: Int32Array;
  #sum = 0;
  #total = 0;
  #moved = 0;

  constructor(drawing: Drawing) {
    const longest = drawing.rows.reduce((most, row) => Math.max(most, row.length), 0);
    this.#drawing = drawing;
    this.#mean = new Float64Array(longest);
    this.#weight = new Float64Array(longest);
    this.#size = new Int32Array(longest);
  }

  /** Settles every row once; returns the farthest that an item moved. */
  all(forward: boolean): number {
    const { rows } = this.#drawing;
    this.#moved = 0;
    for (let i = 0; i < rows.length; i++) this.#row(rows[forward ? i : rows.length - 1 - i]!);
    return this.#moved;
  }

  /** Pool adjacent violators: a block of items that touch moves as one, and takes in the next that pushes it. */
  #row(row: Int32Array): void {
    const { net, across } = this.#drawing;
    let offset = 0;
    let blocks = 0;
    for (let i = 0; i < row.length; i++) {
      if (i > 0) offset += apart(net, row[i - 1]!, row[i]!);
      this.#wish(row[i]!);
      let weight = this.#total;
      let mean = this.#sum / weight - offset;
      let size = 1;
      while (blocks > 0 && this.#mean[blocks - 1]! >= mean) {
        blocks--;
        const grown = weight + this.#weight[blocks]!;
        mean = (mean * weight + this.#mean[blocks]! * this.#weight[blocks]!) / grown;
        weight = grown;
        size += this.#size[blocks]!;
      }
      this.#mean[blocks] = mean;
      this.#weight[blocks] = weight;
      this.#size[blocks] = size;
      blocks++;
    }
    offset = 0;
    for (let block = 0, i = 0; block < blocks; block++) {
      for (const end = i + this.#size[block]!; i < end; i++) {
        if (i > 0) offset += apart(net, row[i - 1]!, row[i]!);
        const place = this.#mean[block]! + offset;
        this.#moved = Math.max(this.#moved, Math.abs(place - across[row[i]!]!));
        across[row[i]!] = place;
      }
    }
  }

  /** Where an item's links would have it, as a weighted sum. */
  #wish(item: number): void {
    const { net, across, entry, slant } = this.#drawing;
    // A little weight on where it is keeps items without links in place.
    this.#total = this.lanesStay && item >= net.cards ? 1e6 : 1e-6;
    this.#sum = this.#total * across[item]!;
    for (let i = net.before.start[item]!; i < net.before.start[item + 1]!; i++) {
      const link = net.before.links[i]!;
      const from = net.from[link]!;
      this.#pull(link, item, from, across[from]! + net.port[from]! - entry[link]! + slant[link]!);
    }
    for (let i = net.after.start[item]!; i < net.after.start[item + 1]!; i++) {
      const link = net.after.links[i]!;
      const to = net.to[link]!;
      this.#pull(link, item, to, across[to]! + entry[link]! - net.port[item]! - slant[link]!);
    }
  }

  #pull(link: number, item: number, other: number, target: number): void {
    const { net, across } = this.#drawing;
    // Lanes want few bends, cards want to stand between their neighbours.
    const soft = item < net.cards && other < net.cards ? 100 : this.bent;
    const weight = net.pull[link]! / (Math.abs(target - across[item]!) + soft);
    this.#total += weight;
    this.#sum += weight * target;
  }
}

/** Puts each producer's lanes on as few heights as their neighbours allow, from its card on. */
function straighten(drawing: Drawing): void {
  const { net, rows, rank, across } = drawing;
  for (let card = 0; card < net.cards; card++) {
    const end = net.firstLane[card]! + net.laneCount[card]!;
    let wish = across[card]! + net.port[card]!;
    for (let lane = net.firstLane[card]!; lane < end; ) {
      const first = lane;
      let low = -Infinity;
      let high = Infinity;
      let sum = 0;
      for (; lane < end; lane++) {
        const row = rows[net.layer[lane]!]!;
        const before = row[rank[lane]! - 1];
        const after = row[rank[lane]! + 1];
        const least = before === undefined ? low : Math.max(low, across[before]! + apart(net, before, lane));
        const most = after === undefined ? high : Math.min(high, across[after]! - apart(net, lane, after));
        if (least > most) break;
        low = least;
        high = most;
        sum += across[lane]!;
      }
      if (lane === first) {
        lane++; // squeezed to the last bit: it stays where it is
        continue;
      }
      if (wish < low || wish > high) wish = sum / (lane - first);
      wish = Math.min(high, Math.max(low, wish));
      for (let i = first; i < lane; i++) across[i] = wish;
    }
  }
}

/** Closes strips that no card and no lane touches in any layer. */
function closeEmptyStrips({ net, across }: Drawing): void {
  const top = Float64Array.from(across, (middle, item) => middle - net.breadth[item]! / 2);
  const items = Int32Array.from(across, (_, item) => item).sort((a, b) => top[a]! - top[b]!);
  let reach = Infinity;
  let shift = 0;
  for (const item of items) {
    shift += Math.max(0, top[item]! - reach - net.gap);
    const bottom = top[item]! + net.breadth[item]!;
    reach = reach === Infinity ? bottom : Math.max(reach, bottom);
    across[item]! -= shift;
  }
}

const CROSSING = 100; // what one crossing costs, in pixels of edge
const LAYER = 160; // what an edge's passing a layer costs: a card and a gap

/** What a drawing costs: its edges' length, its crossings and its height. */
export function cost({ net, rows, rank, across, entry }: Drawing): number {
  let length = 0;
  for (let link = 0; link < net.from.length; link++) {
    const from = net.from[link]!;
    if (from < 0) continue;
    const apart = Math.abs(across[net.to[link]!]! + entry[link]! - across[from]! - net.port[from]!);
    length += (apart + LAYER) * net.crossWeight[link]!;
  }
  let top = Infinity;
  let bottom = -Infinity;
  for (let card = 0; card < net.cards; card++) {
    top = Math.min(top, across[card]! - net.breadth[card]! / 2);
    bottom = Math.max(bottom, across[card]! + net.breadth[card]! / 2);
  }
  return CROSSING * crossings(net, rows, rank) + length + 2 * (bottom - top);
}
