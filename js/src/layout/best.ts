/**
 * Phase 4: of some orders the one that is drawn best, and how it is made shorter.
 */

import type { Adjacency, Net } from "./net.ts";
import { asWritten, countdown, type Order } from "./order.ts";
import { type Drawing, lengthOf, roughly } from "./places.ts";
import { ranked, swapGain } from "./rows.ts";

const LENGTH = 3; // a hundredth more of length weighs as much as so many hundredths more of crossings
const AS_WRITTEN = 0.25; // the part of all that an order costs less in which all stands as it is written
const HOLDS = 0.75; // of what two items promise that change places, when all have settled
const LARGE = 30_000; // items and links; of more the first drawing is good enough

interface Drawn {
  order: Order;
  drawing: Drawing;
  length: number;
  cost: number;
}

/** The drawing with the least of crossings times length^LENGTH, one crossing added to all. */
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

/** An order in which neighbours have changed places where that makes links so much shorter that it pays; none if there is none. */
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
  // It ends: all that is weighed becomes less each time.
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    for (const row of rows) {
      for (let i = 1; i < row.length; i++) {
        const [a, b] = [row[i - 1]!, row[i]!];
        if (known[a]! < known[b]!) continue;
        // They keep the room that they take together.
        const first = across[a]! - net.half[a]! + net.half[b]!;
        const last = across[b]! + net.half[b]! - net.half[a]!;
        const longer = change(net, across, a, last) + change(net, across, b, first);
        const crossed = -swapGain(net.before, a, b, rank) - swapGain(net.after, a, b, rank);
        const costs = crossed / (order.crossings + 1) + (HOLDS * LENGTH * longer) / length;
        if (!(costs < -1e-6)) continue; // with no edges at all it is no number
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

/** How much longer an item's links get, across, if it moves there. */
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
