/**
 * Phase 6, second part: the curves of the edges.
 */

import type { Bands } from "./bands.ts";
import type { Frame } from "./frame.ts";
import type { Net } from "./net.ts";
import { CLEARANCE, type Drawing } from "./places.ts";
import type { Ports } from "./ports.ts";
import type { Path } from "./types.ts";

const AHEAD = 8; // stops that one curve may pass
const ITEMS_AHEAD = 20; // items that one curve may pass
const BESIDE = 3; // between a card's own lines and a passing dummy
const NEAR = 4; // layers before its consumer in which an edge may leave its dummy chain

/** Waypoint of a line: a place, and which of the edge's items it is at. */
interface Stop {
  along: number;
  across: number;
  nth: number;
}

/** Data by which lines are routed; `low` and `high` are bounds of a line in the place of an item. */
interface Given extends Drawing {
  readonly ports: Ports;
  readonly bands: Bands;
  readonly frame: Frame;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * Route each edge from port to port with few curves that keep clear of items: from each stop, the farthest stop that one
 * curve can reach.
 */
export function* routes(drawing: Drawing, ports: Ports, bands: Bands, frame: Frame): Generator<void, Path[]> {
  const given = { ...drawing, ports, bands, frame, ...boundsIn(drawing) };
  const paths: Path[] = [];
  for (const e of drawing.net.tail.keys()) {
    paths.push(route(given, e));
    if (e % 64 === 63) yield;
  }
  return paths;
}

/** Bounds by the neighbours of each item. */
function boundsIn({ net, rows, across }: Drawing): Pick<Given, "low" | "high"> {
  const low = new Float64Array(net.items).fill(-Infinity);
  const high = new Float64Array(net.items).fill(Infinity);
  const keep = (item: number, other: number): number =>
    other < net.cards
      ? net.halfHeight[other]! + CLEARANCE
      : item < net.cards
        ? net.halfHeight[other]! + BESIDE
        : Math.abs(across[item]! - across[other]!) / 2;
  for (const row of rows) {
    for (let i = 1; i < row.length; i++) {
      const [a, b] = [row[i - 1]!, row[i]!];
      low[b] = across[a]! + keep(b, a);
      high[a] = across[b]! - keep(a, b);
    }
  }
  return { low, high };
}

function route(given: Given, e: number): Path {
  const { net, bands } = given;
  const items = itemsAlong(net, e);
  const stops = stopsOf(given, e, items);
  // On a runway lines are level.
  const goal = stops.length - (bands.runway[net.layer[net.head[e]!]!] ? 2 : 1);
  const path = [stops[0]!.along, stops[0]!.across];
  for (let here = 0; here + 1 < stops.length; ) {
    let next = net.from[e]! < 0 ? stops.length - 1 : Math.min(here < goal ? goal : goal + 1, here + AHEAD);
    if (net.from[e]! >= 0)
      while (next > here + 1 && !isClear(given, items, stops[here]!, stops[next]!)) next--;
    curveTo(path, stops[next]!);
    here = next;
  }
  return path;
}

/** The cards of an edge, and its dummies between them. */
function itemsAlong({ tail, head, from, firstDummy }: Net, e: number): number[] {
  const items = [tail[e]!];
  for (let dummy = firstDummy[tail[e]!]!; dummy <= from[e]!; dummy++) items.push(dummy);
  return [...items, head[e]!];
}

/** Waypoints of an edge: where its dummy chain bends, and near the consumer in each layer. */
function stopsOf({ net, across, ports, bands, frame }: Given, e: number, items: readonly number[]): Stop[] {
  const [tail, head] = [net.tail[e]!, net.head[e]!];
  const [exit, entry] = [ports.exit[e]!, ports.entry[e]!];
  const [first, last] = [net.layer[tail]!, net.layer[head]!];
  const stops: Stop[] = [];
  const end = items.length - 1;
  const stop = (along: number, over: number, nth: number) => stops.push({ along, across: over, nth });
  stop(bands.middle(first) + frame.sideAt(tail, exit, true), across[tail]! + exit, 0);
  stop(bands.end[first]!, across[tail]! + exit, 0);
  for (let nth = 1; nth < end; nth++) {
    const place = across[items[nth]!]!;
    const over = place + ports.shift[e]!;
    if (nth === 1 || place !== across[items[nth - 1]!] || nth >= end - NEAR)
      stop(bands.entry(first + nth), over, nth);
    if (nth + 1 === end || place !== across[items[nth + 1]!]) stop(bands.end[first + nth]!, over, nth);
  }
  stop(bands.entry(last), across[head]! + entry, end);
  stop(bands.middle(last) - frame.sideAt(head, entry, false), across[head]! + entry, end);
  return stops;
}

/** Test whether one curve from stop to stop keeps clear of all items beside it. */
function isClear({ net, bands, low, high }: Given, items: readonly number[], from: Stop, to: Stop): boolean {
  if (to.nth - from.nth > ITEMS_AHEAD) return false;
  const at = (along: number) =>
    from.across + (to.across - from.across) * shapeAt((along - from.along) / (to.along - from.along));
  return items.slice(from.nth, to.nth + 1).every((item) => {
    const k = net.layer[item]!;
    const enter = Math.max(from.along, bands.entry(k));
    const leave = Math.min(to.along, bands.end[k]!);
    const [one, two] = [at(enter), at(leave)];
    return leave <= enter || (Math.min(one, two) >= low[item]! && Math.max(one, two) <= high[item]!);
  });
}

function curveTo(path: Path, { along, across }: Stop): void {
  const [x, y] = path.slice(-2) as [number, number];
  if (along - x < 0.01) return;
  const third = (along - x) / 3;
  path.push(x + third, y, along - third, across, along, across);
}

/**
 * Share of the way across by the share of the way along: all curves are level at both ends and have this one shape. With
 * control points at thirds, that share is the parameter of the curve.
 */
function shapeAt(share: number): number {
  return share * share * (3 - 2 * share);
}
