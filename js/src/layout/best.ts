/**
 * Phase 4: choice of the best order.
 */

import type { Net } from "./net.ts";
import { asWritten, type Order } from "./order.ts";
import { type Drawing, lengthOf, roughly } from "./places.ts";

const LENGTH = 3; // exponent of length in the cost
const AS_WRITTEN = 0.25; // discount for an order exactly as written

/** Choose the drawing that minimises (crossings + 1) · length^LENGTH. */
export function* bestDrawing(
  net: Net,
  orders: readonly Order[],
  room: Drawing["room"],
  along: number,
): Generator<void, Drawing> {
  let best: Drawing | undefined;
  let least = Infinity;
  for (const order of orders) {
    const drawing = yield* roughly(net, order.rows, room);
    const length = lengthOf(drawing, along);
    const cost = (order.crossings + 1) * length ** LENGTH * (1 - AS_WRITTEN * asWritten(order));
    if (best && !(cost < least)) continue;
    [best, least] = [drawing, cost];
  }
  return best!;
}
