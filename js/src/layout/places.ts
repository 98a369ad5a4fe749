/**
 * Phase 5: where the items of each layer stand, their order given.
 */

import { isotonic } from "./isotonic.ts";
import type { Net } from "./net.ts";
import { countdown } from "./order.ts";
import type { Rows } from "./types.ts";

export const CLEARANCE = 7; // between a card and a line that passes it
const LANE_GAP = 12; // between two lanes
const WORK = 400_000; // links to look at while places settle
const ROUNDS = 300; // of each kind
const FEW_ROUNDS = 60; // to tell which order is better
const STILL = 1; // what moves less is left to later rounds, which are finer

export interface Drawing {
  net: Net;
  rows: Rows;
  /** The middle of each item, across. */
  across: Float64Array;
  /** How far apart the middles of two items have to be that stand side by side. */
  room: (a: number, b: number) => number;
}

/** Between two cards `gap`; a lane passes nearer, but also over what stands above a card. */
export function roomIn(net: Net, gap: number, above: number): Drawing["room"] {
  const beside = Math.max(CLEARANCE + 1, gap / 2);
  return (a, b) => {
    const between =
      b < net.cards ? (a < net.cards ? gap : beside + above) : a < net.cards ? beside : LANE_GAP;
    return net.half[a]! + net.half[b]! + between;
  };
}

/** Roughly where everything stands: enough to tell which of some orders has short edges. */
export function* roughly(net: Net, rows: Rows, room: Drawing["room"]): Generator<void, Drawing> {
  const across = new Float64Array(net.items);
  for (const row of rows) {
    for (let i = 1; i < row.length; i++) across[row[i]!] = across[row[i - 1]!]! + room(row[i - 1]!, row[i]!);
    const middle = across[row[row.length - 1]!]! / 2;
    for (const item of row) across[item]! -= middle;
  }
  const drawing = { net, rows, across, room };
  yield* settled(drawing, 40, FEW_ROUNDS);
  return drawing;
}

/**
 * Each row in turn takes the places that are best for its neighbours' places, by weighted isotonic regression: first by the
 * squares of the distances, which spreads; then by the distances, which straightens; then each producer's lanes are
 * pulled straight.
 */
export function* places(drawing: Drawing, gap: number): Generator<void> {
  for (const bent of [400, 40, 4, 0.5]) yield* settled(drawing, bent, ROUNDS);
  straighten(drawing);
  yield;
  closeEmptyStrips(drawing, gap);
}

/** Rows settle to and fro, until they are still or it has taken long. */
function* settled(drawing: Drawing, bent: number, most: number): Generator<void> {
  yield;
  const { net, rows } = drawing;
  const isTired = countdown();
  const rounds = Math.max(2, Math.min(most, Math.floor(WORK / (net.items + net.from.length))));
  const widest = rows.reduce((most, { length }) => Math.max(most, length), 0);
  const scratch = Array.from({ length: 3 }, () => new Float64Array(widest));
  for (let round = 0; round < rounds; round++) {
    let moved = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[round % 2 ? rows.length - 1 - i : i]!;
      moved = Math.max(moved, settle(drawing, row, bent, scratch));
      if (isTired(row)) yield;
    }
    if (moved < Math.min(bent, STILL)) break;
  }
}

/** Of all edges together, across and along the layers, each of which takes so much. */
export function lengthOf({ net, across }: Drawing, along: number): number {
  return net.tail.reduce((sum, tail, e) => {
    const head = net.head[e]!;
    return sum + Math.abs(across[head]! - across[tail]!) + (net.layer[head]! - net.layer[tail]!) * along;
  }, 0);
}

/** Moves a row to the places that are best for its neighbours' places; says how far any of it moved. */
function settle(
  { net, across, room }: Drawing,
  row: Int32Array,
  bent: number,
  [sums, weights, offset]: Float64Array[],
): number {
  const sides = [net.before, net.after];
  for (let i = 0; i < row.length; i++) {
    const item = row[i]!;
    const here = across[item]!;
    offset![i] = i > 0 ? offset![i - 1]! + room(row[i - 1]!, item) : 0;
    // A little weight on where it is keeps items without links in place.
    let weight = 1e-6;
    let sum = weight * here;
    for (const { start, ends, weights } of sides) {
      const end = start[item + 1]!;
      for (let j = start[item]!; j < end; j++) {
        const target = across[ends[j]!]!;
        const pulls = weights[j]! / (Math.abs(target - here) + bent);
        weight += pulls;
        sum += pulls * target;
      }
    }
    sums![i] = sum - weight * offset![i]!;
    weights![i] = weight;
  }
  isotonic(sums!, weights!, row.length);
  let moved = 0;
  for (let i = 0; i < row.length; i++) {
    const item = row[i]!;
    const place = sums![i]! + offset![i]!;
    moved = Math.max(moved, Math.abs(place - across[item]!));
    across[item] = place;
  }
  return moved;
}

/** Puts each producer's lanes on as few heights as their neighbours allow, from its card on. */
function straighten({ net, rows, across, room }: Drawing): void {
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
        const row = rows[net.layer[lane]!]!;
        const [above, below] = [row[rank[lane]! - 1], row[rank[lane]! + 1]];
        const low = above === undefined ? least : Math.max(least, across[above]! + room(above, lane));
        const high = below === undefined ? most : Math.min(most, across[below]! - room(lane, below));
        if (low > high) break;
        [least, most] = [low, high];
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
