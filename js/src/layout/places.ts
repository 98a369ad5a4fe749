/**
 * Phase 4: where the items of each layer stand, their order given.
 */

import type { Net } from "./net.ts";
import { countdown } from "./order.ts";
import type { Rows } from "./rows.ts";

export const CLEARANCE = 7; // between a card and a line that passes it
const LANE_GAP = 12; // between two lanes
const WORK = 250_000; // links to look at while places settle

export interface Drawing {
  net: Net;
  rows: Rows;
  /** The middle of each item, across. */
  across: Float64Array;
  /** Where each link arrives, from its target's middle. */
  entry: Float64Array;
}

/**
 * Each row in turn takes the places that are best for its neighbours' places, by weighted isotonic regression: first by the
 * squares of the distances, which spreads; then by the distances, which straightens; then each producer's lanes are
 * pulled straight and the cards follow.
 */
export function* places(net: Net, rows: Rows, gap: number, spacing: Float64Array): Generator<void, Drawing> {
  const drawing = { net, rows, across: new Float64Array(net.items), entry: entries(net, rows, spacing) };
  const { across } = drawing;
  const room = (a: number, b: number) =>
    net.half[a]! +
    net.half[b]! +
    (a < net.cards && b < net.cards
      ? gap
      : a < net.cards || b < net.cards
        ? Math.max(CLEARANCE + 1, gap / 2)
        : LANE_GAP);
  for (const row of rows) {
    for (let i = 1; i < row.length; i++) across[row[i]!] = across[row[i - 1]!]! + room(row[i - 1]!, row[i]!);
    const middle = across[row[row.length - 1]!]! / 2;
    for (const item of row) across[item]! -= middle;
  }
  const isTired = countdown();
  const rounds = Math.max(2, Math.min(50, Math.floor(WORK / (net.items + net.from.length))));
  for (const bent of [400, 40, 4, 0.5]) {
    const lanesStay = bent < 1;
    yield;
    if (lanesStay) straighten(drawing, room);
    for (let round = 0; round < rounds; round++) {
      let moved = 0;
      for (let i = 0; i < rows.length; i++) {
        const row = rows[round % 2 ? rows.length - 1 - i : i]!;
        moved = Math.max(moved, settle(drawing, row, room, bent, lanesStay));
        if (isTired(row)) yield;
      }
      if (moved < 0.5) break;
    }
  }
  straighten(drawing, room);
  closeEmptyStrips(drawing, gap);
  return drawing;
}

/** Edges arrive at a card one under the other, in the order of where they come from. */
function entries(net: Net, rows: Rows, spacing: Float64Array): Float64Array {
  const entry = new Float64Array(net.from.length);
  const order = new Float64Array(net.items);
  for (const row of rows)
    row.forEach((item, i) => {
      order[item] = (i + 0.5) / row.length;
    });
  const place = (e: number) => order[net.from[e]! < 0 ? net.tail[e]! : net.from[e]!]!;
  const arriving: number[][] = Array.from({ length: net.cards }, () => []);
  net.head.forEach((card, e) => {
    arriving[card]!.push(e);
  });
  for (const [card, edges] of arriving.entries()) {
    edges.sort((a, b) => place(a) - place(b));
    edges.forEach((e, i) => {
      entry[e] = (i - (edges.length - 1) / 2) * spacing[card]!;
    });
  }
  return entry;
}

/** Pool adjacent violators: a block of items that touch moves as one, and takes in the next that pushes it. */
function settle(
  { net, across, entry }: Drawing,
  row: Int32Array,
  room: (a: number, b: number) => number,
  bent: number,
  lanesStay: boolean,
): number {
  const blocks: { sum: number; weight: number; end: number }[] = [];
  const offset = new Float64Array(row.length);
  let sum = 0;
  let weight = 0;
  const pull = (item: number, link: number, target: number) => {
    const pulls = net.weight[link]! / (Math.abs(target - across[item]!) + bent);
    weight += pulls;
    sum += pulls * target;
  };
  row.forEach((item, i) => {
    if (i > 0) offset[i] = offset[i - 1]! + room(row[i - 1]!, item);
    // A little weight on where it is keeps items without links in place.
    weight = lanesStay && item >= net.cards ? 1e6 : 1e-6;
    sum = weight * across[item]!;
    for (let j = net.before.start[item]!; j < net.before.start[item + 1]!; j++) {
      const link = net.before.links[j]!;
      pull(item, link, across[net.before.ends[j]!]! - entry[link]!);
    }
    for (let j = net.after.start[item]!; j < net.after.start[item + 1]!; j++) {
      const link = net.after.links[j]!;
      pull(item, link, across[net.after.ends[j]!]! + entry[link]!);
    }
    sum -= weight * offset[i]!;
    for (let last = blocks.at(-1); last && last.sum / last.weight >= sum / weight; last = blocks.at(-1)) {
      sum += last.sum;
      weight += last.weight;
      blocks.pop();
    }
    blocks.push({ sum, weight, end: i });
  });
  let moved = 0;
  let i = 0;
  for (const block of blocks) {
    for (; i <= block.end; i++) {
      const place = block.sum / block.weight + offset[i]!;
      moved = Math.max(moved, Math.abs(place - across[row[i]!]!));
      across[row[i]!] = place;
    }
  }
  return moved;
}

/** Puts each producer's lanes on as few heights as their neighbours allow, from its card on. */
function straighten({ net, rows, across }: Drawing, room: (a: number, b: number) => number): void {
  const low = new Float64Array(net.items).fill(-Infinity);
  const high = new Float64Array(net.items).fill(Infinity);
  const bound = (row: Int32Array, i: number) => {
    const item = row[i]!;
    low[item] = i > 0 ? across[row[i - 1]!]! + room(row[i - 1]!, item) : -Infinity;
    high[item] = i + 1 < row.length ? across[row[i + 1]!]! - room(item, row[i + 1]!) : Infinity;
  };
  const rank = new Int32Array(net.items);
  for (const row of rows)
    row.forEach((item, i) => {
      rank[item] = i;
    });
  for (let card = 0; card < net.cards; card++) {
    const end = net.firstLane[card + 1] ?? net.items;
    let wish = across[card]!;
    for (let lane = net.firstLane[card]!; lane < end; ) {
      const first = lane;
      let least = -Infinity;
      let most = Infinity;
      let sum = 0;
      for (; lane < end; lane++) {
        bound(rows[net.layer[lane]!]!, rank[lane]!);
        if (Math.max(least, low[lane]!) > Math.min(most, high[lane]!)) break;
        least = Math.max(least, low[lane]!);
        most = Math.min(most, high[lane]!);
        sum += across[lane]!;
      }
      if (lane === first) {
        lane++; // squeezed to the last bit: it stays where it is
        continue;
      }
      if (wish < least || wish > most) wish = sum / (lane - first);
      wish = Math.min(most, Math.max(least, wish));
      across.fill(wish, first, lane);
    }
  }
}

/** Closes strips that no card and no lane touches in any layer. */
function closeEmptyStrips({ net, across }: Drawing, gap: number): void {
  const top = (item: number) => across[item]! - net.half[item]!;
  const items = Array.from(across.keys()).sort((a, b) => top(a) - top(b));
  let reach = Infinity;
  let shift = 0;
  for (const item of items) {
    const bottom = across[item]! + net.half[item]!;
    shift += Math.max(0, top(item) - reach - gap);
    reach = reach === Infinity ? bottom : Math.max(reach, bottom);
    across[item]! -= shift;
  }
}
