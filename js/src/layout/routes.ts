/**
 * Phase 6, second part: the curves of the edges.
 */

import type { Bands } from "./bands.ts";
import type { Frame } from "./frame.ts";
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

/**
 * Route each edge from port to port with few curves that keep clear of items: from each stop, the farthest stop that one
 * curve can reach.
 */
export function* routes(
  { net, rows, across }: Drawing,
  ports: Ports,
  { start, end, runway }: Bands,
  frame: Frame,
): Generator<void, Path[]> {
  // Bounds of a line in the place of an item, given by the item's neighbours.
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
  const middle = (k: number) => (start[k]! + end[k]!) / 2;
  const paths: Path[] = [];
  for (let e = 0; e < net.tail.length; e++) {
    const [tail, head] = [net.tail[e]!, net.head[e]!];
    const base = net.layer[tail]!;
    const last = net.layer[head]!;
    const dummyAt = (k: number) => net.firstDummy[tail]! + k - base - 1;
    const stops: Stop[] = [];
    const stop = (along: number, over: number, layer: number) => stops.push({ along, across: over, layer });
    const shift = ports.shift[e]!;
    const [exit, entry] = [ports.exit[e]!, ports.entry[e]!];
    stop(middle(base) + frame.sideAt(tail, exit, true), across[tail]! + exit, base);
    stop(end[base]!, across[tail]! + exit, base);
    for (let k = base + 1; net.from[e]! >= net.cards && k < last; k++) {
      const place = across[dummyAt(k)]!;
      const isNew = k === base + 1 || place !== across[dummyAt(k - 1)];
      if (isNew || k >= last - NEAR) stop(start[k]! - runway[k]!, place + shift, k);
      if (k + 1 === last || place !== across[dummyAt(k + 1)]) stop(end[k]!, place + shift, k);
    }
    const arrival = across[head]! + entry;
    stop(start[last]! - runway[last]!, arrival, last);
    stop(middle(last) - frame.sideAt(head, entry, false), arrival, last);

    const isClear = (from: Stop, to: Stop): boolean => {
      if (to.layer - from.layer > LAYERS_AHEAD) return false;
      const at = (along: number) =>
        from.across + (to.across - from.across) * shapeAt((along - from.along) / (to.along - from.along));
      for (let k = from.layer; k <= to.layer; k++) {
        const enter = Math.max(from.along, start[k]! - runway[k]!);
        const leave = Math.min(to.along, end[k]!);
        if (leave <= enter) continue;
        const item = k === base ? tail : k === last ? head : dummyAt(k);
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
