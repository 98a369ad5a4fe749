/**
 * Phase 6, first part: at which height edges leave and enter their cards, so that they run straight where they can.
 */

import { isotonic } from "./isotonic.ts";
import { APART, edgesBy } from "./net.ts";
import type { Drawing } from "./places.ts";

const SOME = 2000; // cards, in one slice
const FAR = 1e6; // more than a drawing is across

/** By edge, from the middle of its card, or of its lanes. */
export interface Ports {
  exit: Float64Array;
  entry: Float64Array;
  lane: Float64Array;
  /** How many others enter its card before it. */
  nth: Int32Array;
}

/**
 * `reach` is how far from the middle of its card's side a line may be, if there is room for all so; `pill` is what each
 * number takes that stands before its card.
 */
export function* ports(
  { net, across }: Drawing,
  spacing: Float64Array,
  reach: (card: number) => number,
  pill: number,
): Generator<void, Ports> {
  const { tail, head, from, firstLane, cards } = net;
  const exit = new Float64Array(tail.length);
  const entry = new Float64Array(tail.length);
  const nth = new Int32Array(tail.length);
  const source = (e: number) => (from[e]! < 0 ? tail[e]! : from[e]!);
  for (const [card, edges] of edgesBy(head, cards).entries()) {
    if (card % SOME === 0) yield;
    edges.sort((a, b) => across[source(a)]! - across[source(b)]!);
    edges.forEach((e, i) => {
      nth[e] = i;
    });
    const wishes = edges.map((e) => across[source(e)]! - across[card]!);
    const most = Math.min(reach(card), net.half[card]! - pill / 2);
    placeNear(entry, edges, wishes, spacing[card]!, most);
  }

  // Edges of a card that run side by side in its lanes: what leaves first is outermost on the side to which it leaves, and
  // so crosses none of the others.
  const lane = new Float64Array(tail.length);
  const arrival = (e: number) => across[head[e]!]! + entry[e]!;
  const leaving = (e: number) => {
    const layersLeft = net.layers - net.layer[head[e]!]!;
    return arrival(e) + FAR * (arrival(e) < across[source(e)]! ? -layersLeft : layersLeft);
  };
  const next = (e: number) => (from[e]! < cards ? arrival(e) : across[firstLane[tail[e]!]!]! + lane[e]!);
  for (const [card, edges] of edgesBy(tail, cards).entries()) {
    if (card % SOME === 0) yield;
    if (net.apart[card]) {
      edges.sort((a, b) => leaving(a) - leaving(b));
      edges.forEach((e, i) => {
        lane[e] = (i - (edges.length - 1) / 2) * APART;
      });
    }
    edges.sort((a, b) => next(a) - next(b));
    const most = reach(card);
    const apart = net.apart[card]! > 1 ? Math.min(APART, (2 * most) / (edges.length - 1)) : 0;
    const wishes = edges.map((e) => next(e) - across[card]!);
    placeNear(exit, edges, wishes, apart, most);
  }
  return { exit, entry, lane, nth };
}

/** In this order, so far apart, at most so far from the middle, each as near to its wish as the others allow. */
function placeNear(
  place: Float64Array,
  edges: number[],
  wishes: number[],
  apart: number,
  most: number,
): void {
  const all = (edges.length - 1) * apart;
  const end = Math.max(0, most, all / 2);
  const near = Float64Array.from(wishes, (wish, i) => wish - i * apart);
  isotonic(near, near.slice().fill(1));
  edges.forEach((e, i) => {
    place[e] = Math.max(-end, Math.min(end - all, near[i]!)) + i * apart;
  });
}
