/**
 * Phase 4: choice of the best order, and swaps that shorten its edges.
 */

import type { Adjacency, Net } from "./net.ts";
import { asWritten, countdown, type Order } from "./order.ts";
import { type Drawing, lengthOf, roughly } from "./places.ts";
import { ranked, swapGain } from "./rows.ts";

const LENGTH = 3; // exponent of length in the cost
const AS_WRITTEN = 0.25; // discount for an order exactly as written
const HOLDS = 0.75; // share of the estimated saving of a swap that remains once all places have settled
const LARGE = 30_000; // items and links from which the first drawing is good enough

interface Drawn {
  order: Order;
  drawing: Drawing;
  length: number;
  cost: number;
}

/** Choose the drawing that minimises (crossings + 1) · length^LENGTH. */
export function* bestDrawing(
  net: Net,
  orders: readonly Order[],
  known: Float64Array,
  room: Drawing["room"],
  along: number,
): Generator<void, Drawing> {
  function* drawn(order: Order): Generator<void, Drawn> {
    const drawing = yield* roughly(net, order.rows, room);
    const length = lengthOf(drawing, along);
    const cost = (order.crossings + 1) * length ** LENGTH * (1 - AS_WRITTEN * asWritten(order));
    return { order, drawing, length, cost };
  }
  let best = yield* drawn(orders[0]!);
  for (const order of orders.slice(1)) {
    const one = yield* drawn(order);
    if (one.cost < best.cost) best = one;
  }
  while (net.items + net.from.length < LARGE) {
    const order = yield* shorter(best, known);
    const one = order && (yield* drawn(order));
    if (!one || one.cost >= best.cost) break;
    best = one;
  }
  return best.drawing;
}

/** Swap neighbours where shorter links outweigh new crossings; undefined if no swap does. */
function* shorter(
  { order, drawing, length }: Drawn,
  known: Float64Array,
): Generator<void, Order | undefined> {
  const { net } = drawing;
  const rows = order.rows.map((row) => row.slice());
  const across = drawing.across.slice();
  const rank = ranked(net, rows, known);
  const isTired = countdown();
  let { crossings } = order;
  let hasMoved = false;
  // The cost falls with each swap, so this ends.
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    for (const row of rows) {
      for (let i = 1; i < row.length; i++) {
        const [a, b] = [row[i - 1]!, row[i]!];
        if (known[a]! < known[b]!) continue;
        // The pair keeps its outer bounds.
        const first = across[a]! - net.halfHeight[a]! + net.halfHeight[b]!;
        const last = across[b]! + net.halfHeight[b]! - net.halfHeight[a]!;
        const longer = change(net, across, a, last) + change(net, across, b, first);
        const crossed = -swapGain(net.before, a, b, rank) - swapGain(net.after, a, b, rank);
        const costs = crossed / (order.crossings + 1) + (HOLDS * LENGTH * longer) / length;
        if (!(costs < -1e-6)) continue; // nan without edges
        [row[i - 1], row[i]] = [b, a];
        [rank[b], rank[a]] = [i - 1, i];
        [across[b], across[a]] = [first, last];
        crossings += crossed;
        isMoving = hasMoved = true;
      }
      if (isTired(row)) yield;
    }
  }
  return hasMoved ? { ...order, rows, crossings } : undefined;
}

/** Change in the length of an item's links, across, if it moves to `to`. */
function change({ before, after }: Net, across: Float64Array, item: number, to: number): number {
  const from = across[item]!;
  const onOneSide = ({ start, ends, weights }: Adjacency) => {
    let sum = 0;
    for (let j = start[item]!; j < start[item + 1]!; j++) {
      const end = across[ends[j]!]!;
      sum += weights[j]! * (Math.abs(end - to) - Math.abs(end - from));
    }
    return sum;
  };
  return onOneSide(before) + onOneSide(after);
}
