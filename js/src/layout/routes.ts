/**
 * Phase 5: where layers stand along the flow, and the curves of the edges.
 */

import { APART, type Net } from "./net.ts";
import { CLEARANCE, type Drawing } from "./places.ts";

const AHEAD = 8; // how many stops one curve may pass
const LAYERS_AHEAD = 20; // and how many layers
const NEAR = 4; // layers before its consumer from which an edge may leave its lanes
const FAR = 1e6; // more than a drawing is across
const STEEP = 0.1; // a gap is at least this share of how far its links go across, on average

/** Curves end to end: along, across, then six numbers for each. */
export type Path = number[];

/** Layers along the flow. */
export interface Bands {
  start: Float64Array;
  end: Float64Array;
}

/** Gaps after the layers: wider where links are steep, narrower where they have to fit. */
export function firstGaps(
  { net, across }: Drawing,
  wished: number,
  least: number,
  all: number,
): Float64Array {
  const gaps = new Float64Array(net.layers);
  const count = new Float64Array(net.layers).fill(1);
  net.to.forEach((to, link) => {
    const from = net.from[link]!;
    if (from < 0) return;
    gaps[net.layer[from]!]! += Math.abs(across[to]! - across[from]!);
    count[net.layer[from]!]! += 1;
  });
  gaps.forEach((sum, k) => {
    gaps[k] = k + 1 < net.layers ? Math.min(4 * wished, Math.max(wished, (STEEP * sum) / count[k]!)) : 0;
  });
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  return total <= all ? gaps : gaps.map((gap) => gap && Math.max(least, (gap * all) / total));
}

/** Where a line may be on its way: a place, and the layer whose items it has beside it there. */
interface Stop {
  along: number;
  across: number;
  layer: number;
}

/**
 * From a tail's port to a head, with as few curves as keep clear of what stands on the way: from each stop one goes as
 * far as one curve can.
 */
export function* routes(
  { net, rows, across, entry }: Drawing,
  { start, end }: Bands,
  runway: Float64Array,
  length: (card: number) => number,
): Generator<void, Path[]> {
  // How far a line may stray in an item's place before it meets a neighbour.
  const low = new Float64Array(net.items).fill(-Infinity);
  const high = new Float64Array(net.items).fill(Infinity);
  for (const row of rows) {
    for (let i = 1; i < row.length; i++) {
      const [a, b] = [row[i - 1]!, row[i]!];
      const middle = (across[a]! + across[b]!) / 2;
      low[b] = a < net.cards ? across[a]! + net.half[a]! + CLEARANCE : middle;
      high[a] = b < net.cards ? across[b]! - net.half[b]! - CLEARANCE : middle;
    }
  }
  const middle = (k: number) => (start[k]! + end[k]!) / 2;
  const shifts = sideBySide(net, across, entry);
  const paths: Path[] = [];
  for (let e = 0; e < net.tail.length; e++) {
    const [tail, head] = [net.tail[e]!, net.head[e]!];
    const base = net.layer[tail]!;
    const last = net.layer[head]!;
    const lane = (k: number) => net.firstLane[tail]! + k - base - 1;
    const stops: Stop[] = [];
    const stop = (along: number, over: number, layer: number) => stops.push({ along, across: over, layer });
    const shift = shifts[e]!;
    stop(middle(base) + length(tail) / 2, across[tail]! + shift, base);
    stop(end[base]!, across[tail]! + shift, base);
    for (let k = base + 1; net.from[e]! >= net.cards && k < last; k++) {
      const place = across[lane(k)]!;
      const isNew = k === base + 1 || place !== across[lane(k - 1)];
      if (isNew || k >= last - NEAR) stop(start[k]!, place + shift, k);
      if (k + 1 === last || place !== across[lane(k + 1)]) stop(end[k]!, place + shift, k);
    }
    const arrival = across[head]! + entry[e]!;
    stop(start[last]! - runway[last]!, arrival, last);
    stop(middle(last) - length(head) / 2, arrival, last);

    const isClear = (from: Stop, to: Stop): boolean => {
      if (to.layer - from.layer > LAYERS_AHEAD) return false;
      const at = (along: number) =>
        from.across + (to.across - from.across) * shapeAt((along - from.along) / (to.along - from.along));
      for (let k = from.layer; k <= to.layer; k++) {
        const enter = Math.max(from.along, start[k]!);
        const leave = Math.min(to.along, end[k]!);
        if (leave <= enter) continue;
        const item = k === base ? tail : k === last ? head : lane(k);
        const [one, two] = [at(enter), at(leave)];
        if (Math.min(one, two) < low[item]! || Math.max(one, two) > high[item]!) return false;
      }
      return true;
    };
    const goal = stops.length - (runway[last] ? 2 : 1);
    const path = [stops[0]!.along, stops[0]!.across];
    for (let here = 0; here + 1 < stops.length; ) {
      let next = net.from[e]! < 0 ? stops.length - 1 : Math.min(here < goal ? goal : goal + 1, here + AHEAD);
      if (net.from[e]! >= 0) while (next > here + 1 && !isClear(stops[here]!, stops[next]!)) next--;
      curveTo(path, stops[next]!);
      here = next;
    }
    paths.push(path);
    if (e % 64 === 63) yield;
  }
  return paths;
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
  const leaving: number[][] = Array.from(net.apart, () => []);
  net.tail.forEach((card, e) => {
    if (net.apart[card]) leaving[card]!.push(e);
  });
  for (const edges of leaving) {
    edges.sort((a, b) => turn(a) - turn(b));
    edges.forEach((e, i) => {
      shifts[e] = (i - (edges.length - 1) / 2) * APART;
    });
  }
  return shifts;
}

function curveTo(path: Path, { along, across }: Stop): void {
  const [x, y] = path.slice(-2) as [number, number];
  if (along - x < 0.01) return;
  const middle = (x + along) / 2;
  path.push(middle, y, middle, across, along, across);
}

/**
 * Level at both ends, all curves have this one shape: how far across it is, by the share of the way along. That is a cubic
 * in the curve's parameter with one real root, which hyperbolic functions give (Holmes 2002, The Mathematical Gazette 86).
 */
function shapeAt(share: number): number {
  const t = 0.5 + Math.sinh(Math.asinh(4 * Math.min(1, Math.max(0, share)) - 2) / 3);
  return t * t * (3 - 2 * t);
}

/** A point of a path's curve `k`, at the share `t` of it. */
export function pointOf(path: Path, k: number, t: number): [along: number, across: number] {
  const at = (i: number) => path[6 * k + i]!;
  const s = 1 - t;
  const bezier = (i: number) =>
    s * s * s * at(i) + 3 * s * s * t * at(i + 2) + 3 * s * t * t * at(i + 4) + t * t * t * at(i + 6);
  return [bezier(0), bezier(1)];
}
