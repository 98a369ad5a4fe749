/**
 * Phase 5, first part: at which height edges leave and enter their cards, so that they run straight where they can.
 */

import { isotonic } from "./isotonic.ts";
import { APART, edgesBy, type Net } from "./net.ts";
import type { Drawing } from "./places.ts";

const FAR = 1e6; // more than a drawing is across

/** By edge, from the middle of its card, or of its lanes. */
export interface Ports {
  exit: Float64Array;
  entry: Float64Array;
  lane: Float64Array;
}

/** `reach` is how far from its middle lines may be on a card's side, `pill` what each number takes that stands before it. */
export function ports(
  { net, across, entry: places }: Drawing,
  spacing: Float64Array,
  reach: (card: number) => number,
  pill: number,
): Ports {
  const { tail, head, from, firstLane, cards } = net;
  const exit = new Float64Array(tail.length);
  const entry = new Float64Array(tail.length);
  const lane = sideBySide(net, across, places);
  edgesBy(head, cards).forEach((edges, card) => {
    edges.sort((a, b) => places[a]! - places[b]!);
    const wishes = edges.map((e) => across[from[e]! < 0 ? tail[e]! : from[e]!]! - across[card]!);
    const most = Math.min(reach(card), net.half[card]! - pill / 2);
    placeNear(entry, edges, wishes, spacing[card]!, most);
  });
  const next = (e: number) =>
    from[e]! < cards ? across[head[e]!]! + entry[e]! : across[firstLane[tail[e]!]!]! + lane[e]!;
  edgesBy(tail, cards).forEach((edges, card) => {
    edges.sort((a, b) => next(a) - next(b));
    const most = reach(card);
    const apart = net.apart[card]! > 1 ? Math.min(APART, (2 * most) / (edges.length - 1)) : 0;
    const wishes = edges.map((e) => next(e) - across[card]!);
    placeNear(exit, edges, wishes, apart, most);
  });
  return { exit, entry, lane };
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

/**
 * How far from the middle of their lanes edges run that are side by side. What leaves first is outermost on the side to
 * which it leaves, and so crosses none of the others.
 */
function sideBySide(net: Net, across: Float64Array, entry: Float64Array): Float64Array {
  const shifts = new Float64Array(net.tail.length);
  const turn = (e: number) => {
    const arrival = across[net.head[e]!]! + entry[e]!;
    const isBefore = arrival < across[net.from[e]! < 0 ? net.tail[e]! : net.from[e]!]!;
    const layersLeft = net.layers - net.layer[net.head[e]!]!;
    return arrival + FAR * (isBefore ? -layersLeft : layersLeft);
  };
  edgesBy(net.tail, net.cards).forEach((edges, card) => {
    if (!net.apart[card]) return;
    edges.sort((a, b) => turn(a) - turn(b));
    edges.forEach((e, i) => {
      shifts[e] = (i - (edges.length - 1) / 2) * APART;
    });
  });
  return shifts;
}
