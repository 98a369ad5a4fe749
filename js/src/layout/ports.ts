/**
 * Phase 6, first part: ports, where edges leave and enter their cards, so that lines run straight if possible.
 */

import { edgesBy } from "./edges.ts";
import type { Frame } from "./frame.ts";
import { isotonic } from "./isotonic.ts";
import { APART } from "./net.ts";
import type { Drawing } from "./places.ts";

const SLICE = 2000; // cards in one slice of work
const FAR = 1e6; // more than the extent of a drawing

/** Offsets per edge: from the middle of its card, or of its dummy chain. */
export interface Ports {
  exit: Float64Array;
  entry: Float64Array;
  shift: Float64Array;
  /** Position among the edges that enter the card. */
  nth: Int32Array;
}

/** Place the ports of all edges. */
export function* ports({ net, across }: Drawing, frame: Frame): Generator<void, Ports> {
  const { tail, head, from, firstDummy, cards } = net;
  const exit = new Float64Array(tail.length);
  const entry = new Float64Array(tail.length);
  const nth = new Int32Array(tail.length);
  const source = (e: number) => (from[e]! < 0 ? tail[e]! : from[e]!);
  for (const [card, edges] of edgesBy(head, cards).entries()) {
    if (card % SLICE === 0) yield;
    edges.sort((a, b) => across[source(a)]! - across[source(b)]!);
    const wishes = edges.map((e) => across[source(e)]! - across[card]!);
    const limit = Math.min(frame.reach(card), net.halfHeight[card]! - frame.label.height / 2);
    placeNear(entry, edges, wishes, frame.spacing[card]!, limit);
    for (const e of edges) entry[e] = frame.entry(e, card) ?? entry[e]!;
    edges.sort((a, b) => entry[a]! - entry[b]!);
    edges.forEach((e, i) => {
      nth[e] = i;
    });
  }

  // Edges side by side in a dummy chain: the first to leave is outermost on the side to which it leaves, and so crosses
  // none of the others.
  const shift = new Float64Array(tail.length);
  const arrival = (e: number) => across[head[e]!]! + entry[e]!;
  const leaving = (e: number) => {
    const layersLeft = net.layers - net.layer[head[e]!]!;
    return arrival(e) + FAR * (arrival(e) < across[source(e)]! ? -layersLeft : layersLeft);
  };
  const next = (e: number) => (from[e]! < cards ? arrival(e) : across[firstDummy[tail[e]!]!]! + shift[e]!);
  for (const [card, edges] of edgesBy(tail, cards).entries()) {
    if (card % SLICE === 0) yield;
    if (net.apart[card]) {
      edges.sort((a, b) => leaving(a) - leaving(b));
      edges.forEach((e, i) => {
        shift[e] = (i - (edges.length - 1) / 2) * APART;
      });
    }
    edges.sort((a, b) => next(a) - next(b));
    const limit = frame.reach(card);
    const apart = net.apart[card]! > 1 ? Math.min(APART, (2 * limit) / (edges.length - 1)) : 0;
    const own = frame.exit(card);
    const wishes = edges.map((e) => own ?? next(e) - across[card]!);
    placeNear(exit, edges, wishes, apart, limit);
  }
  return { exit, entry, shift, nth };
}

/** Place edges in order, `apart` from each other, within `limit` of the middle, as near to their wishes as possible. */
function placeNear(
  place: Float64Array,
  edges: number[],
  wishes: number[],
  apart: number,
  limit: number,
): void {
  const all = (edges.length - 1) * apart;
  const end = Math.max(0, limit, all / 2);
  const near = Float64Array.from(wishes, (wish, i) => wish - i * apart);
  isotonic(near, near.slice().fill(1));
  edges.forEach((e, i) => {
    place[e] = Math.max(-end, Math.min(end - all, near[i]!)) + i * apart;
  });
}
