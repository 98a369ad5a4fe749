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
const LAYERS_AHEAD = 20; // layers that one curve may pass
const BESIDE = 3; // between a card's own lines and a passing dummy
const NEAR = 4; // layers before its consumer in which an edge may leave its dummy chain

/** Waypoint of a line: a place, and the layer of the items beside it. */
interface Stop {
  along: number;
  across: number;
  layer: number;
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
  const stops = stopsOf(given, e);
  // On a runway lines are level.
  const goal = stops.length - (bands.runway[net.layer[net.head[e]!]!] ? 2 : 1);
  const path = [stops[0]!.along, stops[0]!.across];
  for (let here = 0; here + 1 < stops.length; ) {
    let next = net.from[e]! < 0 ? stops.length - 1 : Math.min(here < goal ? goal : goal + 1, here + AHEAD);
    if (net.from[e]! >= 0) while (next > here + 1 && !isClear(given, e, stops[here]!, stops[next]!)) next--;
    curveTo(path, stops[next]!);
    here = next;
  }
  return path;
}

/** Waypoints of an edge: where its dummy chain bends, and near the consumer in each layer. */
function stopsOf({ net, across, ports, bands, frame }: Given, e: number): Stop[] {
  const [tail, head] = [net.tail[e]!, net.head[e]!];
  const [exit, entry] = [ports.exit[e]!, ports.entry[e]!];
  const [first, last] = [net.layer[tail]!, net.layer[head]!];
  const [start, end] = [net.firstDummy[tail]!, net.from[e]!];
  const stops: Stop[] = [];
  const stop = (along: number, over: number, layer: number) => stops.push({ along, across: over, layer });
  stop(bands.middle(first) + frame.sideAt(tail, exit, true), across[tail]! + exit, first);
  stop(bands.end[first]!, across[tail]! + exit, first);
  for (let dummy = start; dummy <= end; dummy++) {
    const k = net.layer[dummy]!;
    const place = across[dummy]!;
    const over = place + ports.shift[e]!;
    if (dummy === start || place !== across[dummy - 1] || k >= last - NEAR) stop(bands.entry(k), over, k);
    if (dummy === end || place !== across[dummy + 1]) stop(bands.end[k]!, over, k);
  }
  stop(bands.entry(last), across[head]! + entry, last);
  stop(bands.middle(last) - frame.sideAt(head, entry, false), across[head]! + entry, last);
  return stops;
}

/** Test whether one curve from stop to stop keeps clear of all items beside it. */
function isClear({ net, bands, low, high }: Given, e: number, from: Stop, to: Stop): boolean {
  if (to.layer - from.layer > LAYERS_AHEAD) return false;
  const at = (along: number) =>
    from.across + (to.across - from.across) * shapeAt((along - from.along) / (to.along - from.along));
  for (let k = from.layer; k <= to.layer; k++) {
    const enter = Math.max(from.along, bands.entry(k));
    const leave = Math.min(to.along, bands.end[k]!);
    if (leave <= enter) continue;
    const item = itemAt(net, e, k);
    const [one, two] = [at(enter), at(leave)];
    if (Math.min(one, two) < low[item]! || Math.max(one, two) > high[item]!) return false;
  }
  return true;
}

/** The item in whose place an edge passes a layer: one of its cards, or a dummy between them. */
function itemAt({ layer, tail, head, from, firstDummy }: Net, e: number, k: number): number {
  const passed = k - layer[tail[e]!]!;
  const dummy = firstDummy[tail[e]!]! + passed - 1;
  return passed === 0 ? tail[e]! : dummy > from[e]! ? head[e]! : dummy;
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
