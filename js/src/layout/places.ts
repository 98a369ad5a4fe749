/**
 * Phase 5: places of items across the flow, in the given order.
 */

import { isotonic } from "./isotonic.ts";
import type { Net } from "./net.ts";
import { countdown } from "./order.ts";
import type { Rows } from "./types.ts";

export const CLEARANCE = 7; // between a card and a passing line
const DUMMY_GAP = 12; // between two dummies
const WORK = 400_000; // budget of links visited while places settle
const ROUNDS = 300; // per weighting
const FEW_ROUNDS = 60; // to compare two orders
const STILL = 1; // movement below which finer weightings take over

export interface Drawing {
  net: Net;
  rows: Rows;
  /** Middle of each item, across. */
  across: Float64Array;
  /** Least distance between the middles of two neighbours. */
  room: (a: number, b: number) => number;
}

/** Distances between neighbours: `gap` between two cards; a line passes nearer, but over a title above a card. */
export function roomIn(net: Net, gap: number, above: number): Drawing["room"] {
  const beside = Math.max(CLEARANCE + 1, gap / 2);
  return (a, b) => {
    const between =
      b < net.cards ? (a < net.cards ? gap : beside + above) : a < net.cards ? beside : DUMMY_GAP;
    return net.halfHeight[a]! + net.halfHeight[b]! + between;
  };
}

/** Items of each row side by side. */
export function stacked(net: Net, rows: Rows, room: Drawing["room"]): Drawing {
  const across = new Float64Array(net.items);
  for (const row of rows) {
    for (let i = 1; i < row.length; i++) across[row[i]!] = across[row[i - 1]!]! + room(row[i - 1]!, row[i]!);
    const middle = across[row[row.length - 1]!]! / 2;
    for (const item of row) across[item]! -= middle;
  }
  return { net, rows, across, room };
}

/** Approximate places, enough to compare the edge lengths of orders. */
export function* roughly(net: Net, rows: Rows, room: Drawing["room"]): Generator<void, Drawing> {
  const drawing = stacked(net, rows, room);
  yield* settled(drawing, 40, FEW_ROUNDS);
  return drawing;
}

/**
 * Place each row in turn by weighted isotonic regression on the places of its neighbours.
 *
 * Squared distances come first, which spread; then distances, which straighten. At last dummy chains are straightened.
 */
export function* places(drawing: Drawing): Generator<void> {
  for (const bent of [400, 40, 4, 0.5]) yield* settled(drawing, bent, ROUNDS);
  straighten(drawing);
}

/** Settle rows in alternating directions, until they are still or the budget is spent. */
function* settled(drawing: Drawing, bent: number, limit: number): Generator<void> {
  yield;
  const { net, rows } = drawing;
  const isTired = countdown();
  const rounds = Math.max(2, Math.min(limit, Math.floor(WORK / (net.items + net.from.length))));
  const widest = rows.reduce((max, { length }) => Math.max(max, length), 0);
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

/** Total length of all edges, with `along` per layer. */
export function lengthOf({ net, across }: Drawing, along: number): number {
  return net.tail.reduce((sum, tail, e) => {
    const head = net.head[e]!;
    return sum + Math.abs(across[head]! - across[tail]!) + (net.layer[head]! - net.layer[tail]!) * along;
  }, 0);
}

/** Move a row to the weighted least-squares places for its neighbours; return the largest movement. */
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
    // A small weight on the present place keeps items without links in place.
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

/** Straighten dummy chains: as few different places as their neighbours allow, from the card on. */
function straighten({ net, rows, across, room }: Drawing): void {
  const rank = new Int32Array(net.items);
  for (const row of rows)
    row.forEach((item, i) => {
      rank[item] = i;
    });
  for (let card = 0; card < net.cards; card++) {
    const end = net.firstDummy[card + 1] ?? net.items;
    let wish = across[card]!;
    for (let dummy = net.firstDummy[card]!; dummy < end; ) {
      const first = dummy;
      let lowest = -Infinity;
      let highest = Infinity;
      let sum = 0;
      for (; dummy < end; dummy++) {
        const row = rows[net.layer[dummy]!]!;
        const [above, below] = [row[rank[dummy]! - 1], row[rank[dummy]! + 1]];
        const low = above === undefined ? lowest : Math.max(lowest, across[above]! + room(above, dummy));
        const high = below === undefined ? highest : Math.min(highest, across[below]! - room(dummy, below));
        if (low > high) break;
        [lowest, highest] = [low, high];
        sum += across[dummy]!;
      }
      if (dummy === first) {
        dummy++; // no room to the last bit: it stays in place
        continue;
      }
      if (wish < lowest || wish > highest) wish = sum / (dummy - first);
      wish = Math.min(highest, Math.max(lowest, wish));
      across.fill(wish, first, dummy);
    }
  }
}
