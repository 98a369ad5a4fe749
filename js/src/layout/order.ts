/**
 * Phase 3: order of the items in each layer, with few crossings. Multi-start barycentre sweeps, then sifting.
 */

import type { Adjacency, Net } from "./net.ts";
import { crossings, ranked, sift, sweep } from "./rows.ts";
import type { Rows } from "./types.ts";

const STARTS = 7;
const WORK = 1_000_000; // budget of items and links visited, over all rounds
const ROUNDS = 100; // from one start
const ROUNDS_OF_LARGE = 2; // in a large graph, where items move once per round, by one place
const STALE = 8; // rounds without a better order
const REACH = 4; // places that an item may move at once
const GOOD = 1.3; // ratio to the fewest crossings up to which a shorter order may be better
const SHAKEN = 0.2; // share of items that are swapped with a later one for another start
const SHAKEN_BY = 6; // bound of the distance of such a swap
const SLICE = 1000; // items

/** Order of the items in all layers, and its crossings. */
export interface Order {
  rows: Rows;
  crossings: number;
  /** Rank of each item in the written formula, read from its result back: w before x in w·x. */
  met: Int32Array;
}

/**
 * Find orders with few crossings by multi-start barycentre sweeps, then sifting.
 *
 * The starts are the written order from the result back, the order in which leaves are used, and perturbations of the
 * best order so far. Sweeps alternate in direction and start at varying layers once full sweeps no longer help. A round
 * that is no worse is the start of the next. Ties follow the written order, if necessary with the whole upside down.
 * Items with a known place keep their relative order.
 */
export function* goodOrders(net: Net, known: Float64Array): Generator<void, Order[]> {
  // A linear congruential generator with a fixed seed (Numerical Recipes, 2nd edition, 7.1).
  let state = 12345;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32) * bound;
  };
  const { rows: written, met } = inWrittenOrder(net);
  const starts = [written, inOrder(net, net.before, net.after).rows];
  let left = Math.max(ROUNDS_OF_LARGE, WORK / (net.items + net.from.length));
  let best: Order = { rows: [], crossings: Infinity, met };
  const found: Order[] = [];
  for (let start = 0; start < STARTS && left > 0 && best.crossings > 0; start++) {
    const rows = starts[start] ?? best.rows.map((row) => shaken(row, below));
    const limit = Math.min(left, ROUNDS);
    const { rounds, ...order } = yield* settled(net, rows, known, met, limit);
    left -= rounds;
    if (asWritten(order) < 0 && known.every(Number.isNaN)) {
      for (const row of order.rows) row.reverse();
    }
    found.push(order);
    if (order.crossings < best.crossings) best = order;
  }
  const isTired = countdown();
  for (const order of left > ROUNDS_OF_LARGE ? found : []) {
    const rank = ranked(net, order.rows, known);
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const row of order.rows) {
        isMoving = sift(net, row, rank, known, met, REACH) || isMoving;
        if (isTired(row)) yield;
      }
    }
    order.crossings = crossings(order.rows, net.after, rank);
    best = order.crossings < best.crossings ? order : best;
  }
  return found.filter(({ crossings }) => crossings <= best.crossings * GOOD);
}

/** Improve a first order, in place, by rounds of sweeping and sifting; return the best order found. */
function* settled(
  net: Net,
  rows: Rows,
  known: Float64Array,
  met: Int32Array,
  rounds: number,
): Generator<void, Order & { rounds: number }> {
  const { before, after, layers } = net;
  const isLarge = rounds <= ROUNDS_OF_LARGE;
  const rank = ranked(net, rows, known);
  const best = rows.map((row) => row.slice());
  let fewest = crossings(rows, after, rank);
  const mean = new Float64Array(net.items);
  const isTired = countdown();
  let round = 0;
  for (let stale = 0; round < rounds && stale < STALE && fewest > 0; round++) {
    // Directions alternate. Once that no longer helps, each round starts at another layer, spread by a prime. Ties are
    // broken one way for two rounds, then the other way, to escape local minima.
    for (let i = stale > 2 ? 1 + ((round * 7919) % layers) : 1; i < layers; i++) {
      const k = round % 2 ? layers - 1 - i : i;
      sweep(round % 2 ? after : before, rows[k]!, rank, known, mean, round % 4 > 1);
      if (isTired(rows[k]!)) yield;
    }
    for (let pass = isLarge ? 1 : 2; pass > 0; pass--) {
      for (const row of rows) {
        sift(net, row, rank, known, met, isLarge ? 1 : REACH);
        if (isTired(row)) yield;
      }
    }
    const count = crossings(rows, after, rank);
    stale = count < fewest ? 0 : stale + 1;
    if (count <= fewest) {
      fewest = count;
      best.forEach((row, k) => {
        row.set(rows[k]!);
      });
      continue;
    }
    rows.forEach((row, k) => {
      row.set(best[k]!);
      row.forEach((item, i) => {
        rank[item] = i;
      });
    });
  }
  return { rows: best, crossings: fewest, met, rounds: round };
}

/** Order items as they are written, from the result back. */
export function inWrittenOrder(net: Net): Omit<Order, "crossings"> {
  return inOrder(net, net.after, net.before);
}

/** Order items by a depth-first search along the links `ahead`, from each item without links `behind`. */
function inOrder(
  { cards, items, layer, layers }: Net,
  behind: Adjacency,
  ahead: Adjacency,
): Omit<Order, "crossings"> {
  const met = new Int32Array(items);
  const rows: number[][] = Array.from({ length: layers }, () => []);
  let next = 1;
  for (let first = 0; first < cards; first++) {
    if (behind.start[first] !== behind.start[first + 1]) continue;
    const stack = [first];
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (met[item]) continue;
      met[item] = next++;
      rows[layer[item]!]!.push(item);
      for (let j = ahead.start[item + 1]! - 1; j >= ahead.start[item]!; j--) stack.push(ahead.ends[j]!);
    }
  }
  return { rows: rows.map((row) => Int32Array.from(row)), met };
}

/** Agreement with the written order: neighbours in it minus neighbours against it, as a share of all items. */
export function asWritten({ rows, met }: Order): number {
  let sum = 0;
  for (const row of rows)
    for (let i = 1; i < row.length; i++) sum += Math.sign(met[row[i]!]! - met[row[i - 1]!]!);
  return sum / met.length;
}

function shaken(row: Int32Array, below: (bound: number) => number): Int32Array {
  const other = row.slice();
  row.forEach((_, i) => {
    if (below(1) >= SHAKEN) return;
    const j = Math.min(row.length - 1, i + Math.floor(below(SHAKEN_BY)));
    [other[i], other[j]] = [other[j]!, other[i]!];
  });
  return other;
}

/** Count finished rows; true when they are enough for one slice of work. */
export function countdown(): (row: Int32Array) => boolean {
  let left = SLICE;
  return (row) => {
    left -= row.length;
    if (left > 0) return false;
    left = SLICE;
    return true;
  };
}
