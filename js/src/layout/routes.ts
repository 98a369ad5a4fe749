/**
 * Phase 5: where layers stand along the flow, and the curves of the edges.
 */

import type { Net } from "./net.ts";
import { CARD_CLEARANCE, type Drawing, entrySpacing } from "./places.ts";

const RUNS_AHEAD = 6; // how many bends one curve may do away with
const LAYERS_AHEAD = 40; // and how many layers it may span
const CORNER = 4; // a steep edge goes straight this far past its layer, or it would cut its neighbours' corners
const STEEP = 0.3; // a gap is at least this share of how far its links go across, on average

/** Layers along the flow, and how far a line may stray in an item's place before it meets a neighbour. */
export interface Bands {
  start: Float64Array;
  end: Float64Array;
  low: Float64Array;
  high: Float64Array;
  /** How much of each gap edges cross straight, before the next layer; 0 where they needn't. */
  runway: Float64Array;
}

/** A place before the picture is turned. */
export interface Spot {
  along: number;
  across: number;
}

/** Curves end to end: along, across, then six numbers for each. */
export type Path = number[];

export function bandsOf(drawing: Drawing, gaps: Float64Array, runway: Float64Array): Bands {
  const { net, rows, across } = drawing;
  const start = new Float64Array(net.layers);
  const end = new Float64Array(net.layers);
  for (let k = 0, along = 0; k < net.layers; k++) {
    start[k] = along;
    end[k] = along + net.band[k]!;
    along = end[k]! + (gaps[k] ?? 0);
  }
  const low = new Float64Array(net.items).fill(-Infinity);
  const high = new Float64Array(net.items).fill(Infinity);
  for (const row of rows) {
    for (let i = 0; i + 1 < row.length; i++) {
      const a = row[i]!;
      const b = row[i + 1]!;
      const middle = (across[a]! + across[b]!) / 2;
      low[b] = a < net.cards ? across[a]! + net.breadth[a]! / 2 + CARD_CLEARANCE : middle;
      high[a] = b < net.cards ? across[b]! - net.breadth[b]! / 2 - CARD_CLEARANCE : middle;
    }
  }
  return { start, end, low, high, runway };
}

/** Gaps between the layers: wider where edges are steep, narrower where a width is wished for. */
export function firstGaps(
  { net, across }: Drawing,
  wished: number,
  tight: number,
  room: number,
): Float64Array {
  const gaps = new Float64Array(Math.max(0, net.layers - 1));
  const count = new Int32Array(gaps.length).fill(1);
  for (let link = 0; link < net.from.length; link++) {
    const from = net.from[link]!;
    if (from < 0) continue;
    gaps[net.layer[from]!]! += Math.abs(across[net.to[link]!]! - across[from]!);
    count[net.layer[from]!]! += 1;
  }
  for (let k = 0; k < gaps.length; k++) {
    gaps[k] = Math.min(4 * wished, Math.max(wished, tight, (STEEP * gaps[k]!) / count[k]!));
  }
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  const least = Math.max(tight, Math.min(wished, 16));
  return total <= room ? gaps : gaps.map((gap) => Math.max(least, (gap * Math.max(0, room)) / total));
}

/** Cards stand in the middle of their layer's band. */
export function cardStart({ net }: Drawing, bands: Bands, card: number): number {
  const k = net.layer[card]!;
  return (bands.start[k]! + bands.end[k]! - net.length[card]!) / 2;
}

/** From the producer's port to the consumer, with as few curves as keep clear of what stands on the way. */
export function route(drawing: Drawing, bands: Bands, e: number, pillBreadth: number): Path {
  const { net, across, entry } = drawing;
  const producer = net.producer[e]!;
  const consumer = net.to[e]!;
  const start: Spot = {
    along: cardStart(drawing, bands, producer) + net.length[producer]!,
    across: across[producer]! + net.port[producer]!,
  };
  const end: Spot = {
    along: cardStart(drawing, bands, consumer),
    across: across[consumer]! + entry[e]!,
  };
  const path: Path = [start.along, start.across];
  if (net.from[e] === producer) {
    overGap(drawing, bands, producer, consumer, path, end, bow(drawing, e, pillBreadth));
  } else if (net.from[e]! < 0) {
    curveTo(path, end);
  } else {
    followLanes(drawing, bands, producer, consumer, path, end);
  }
  return path;
}

/** A run of one producer's lanes on one height. */
interface Run {
  first: number;
  last: number;
  across: number;
}

function lanesAsRuns({ net, across }: Drawing, producer: number, consumer: number): Run[] {
  const runs: Run[] = [];
  const base = net.layer[producer]! + 1;
  for (let k = base; k < net.layer[consumer]!; k++) {
    const place = across[net.firstLane[producer]! + k - base]!;
    const run = runs[runs.length - 1];
    if (run && Math.abs(run.across - place) < 0.01) run.last = k;
    else runs.push({ first: k, last: k, across: place });
  }
  return runs;
}

/** Goes each time as far as one clear curve can, at worst from lane to lane. */
function followLanes(
  drawing: Drawing,
  bands: Bands,
  producer: number,
  consumer: number,
  path: Path,
  end: Spot,
): void {
  const { net } = drawing;
  const runs = lanesAsRuns(drawing, producer, consumer);
  const way: Way = { net, bands, producer, consumer };
  let done = -1; // the run the path is on; it may leave it at any layer
  for (;;) {
    const here = runs[done];
    const from = here ?? { first: net.layer[producer]!, last: net.layer[producer]!, across: path[1]! };
    let goal = Math.min(runs.length, done + RUNS_AHEAD);
    let leaveAt: Spot | undefined;
    for (; ; goal--) {
      const run = runs[goal];
      const to = run ? { along: bands.start[run.first]!, across: run.across } : end;
      leaveAt = leavingPlace(way, path, from, to, run ? run.first : net.layer[consumer]!);
      if (leaveAt || goal === done + 1) break;
    }
    const run = runs[goal];
    const to = run ? { along: bands.start[run.first]!, across: run.across } : end;
    if (here) lineTo(path, leaveAt ?? { along: bands.end[here.last]!, across: here.across });
    if (leaveAt) curveTo(path, to);
    else {
      const lane = net.firstLane[producer]! - net.layer[producer]! - 1;
      overGap(
        drawing,
        bands,
        here ? lane + here.last : producer,
        run ? lane + run.first : consumer,
        path,
        to,
      );
    }
    if (!run) return;
    done = goal;
  }
}

/** Between which cards, among what. */
interface Way {
  net: Net;
  bands: Bands;
  producer: number;
  consumer: number;
}

/** The earliest place on a run (or the producer's port) from which one curve reaches `to` clear of everything. */
function leavingPlace(way: Way, path: Path, run: Run, to: Spot, toLayer: number): Spot | undefined {
  const { bands } = way;
  const here: Spot = { along: path[path.length - 2]!, across: path[path.length - 1]! };
  if (toLayer - run.first <= LAYERS_AHEAD && clear(way, here, run.first, to, toLayer)) return here;
  if (run.first === way.net.layer[way.producer]! || toLayer - run.last > LAYERS_AHEAD) return undefined;
  // A curve much longer than it is high looks no better: far runs are tried near their end only.
  for (let k = Math.max(run.first, run.last - 6); k <= run.last; k++) {
    for (const along of [bands.start[k]!, (bands.start[k]! + bands.end[k]!) / 2, bands.end[k]!]) {
      const spot = { along, across: run.across };
      if (along > here.along && clear(way, spot, k, to, toLayer)) return spot;
    }
  }
  return undefined;
}

/** Would one curve keep between its lanes' neighbours in every layer on the way? */
function clear(
  { net, bands, producer, consumer }: Way,
  from: Spot,
  first: number,
  to: Spot,
  last: number,
): boolean {
  const base = net.layer[producer]!;
  const end = net.layer[consumer]!;
  if (last === end && bands.runway[end - 1]! > 0) return false;
  const length = to.along - from.along;
  for (let k = first; k <= last; k++) {
    const enter = Math.max(from.along, bands.start[k]! - CARD_CLEARANCE);
    const leave = Math.min(to.along, bands.end[k]! + CARD_CLEARANCE);
    if (leave <= enter) continue;
    const item = k === base ? producer : k === end ? consumer : net.firstLane[producer]! + k - base - 1;
    const one = from.across + (to.across - from.across) * shapeAt((enter - from.along) / length);
    const two = from.across + (to.across - from.across) * shapeAt((leave - from.along) / length);
    if (Math.min(one, two) < bands.low[item]! || Math.max(one, two) > bands.high[item]!) return false;
  }
  return true;
}

/**
 * One curve over the gap between two neighbouring items. Where a card is narrower than its layer, the curve may start
 * or end inside the layer's band, if it keeps clear of what stands beside the card; else it goes straight to the gap.
 */
function overGap(
  { net }: Drawing,
  bands: Bands,
  first: number,
  last: number,
  path: Path,
  end: Spot,
  bent = 0,
): void {
  const here: Spot = { along: path[path.length - 2]!, across: path[path.length - 1]! };
  const k = net.layer[last]!;
  const runway = last < net.cards ? bands.runway[k - 1]! : 0;
  const leave = { ...here, along: bands.end[k - 1]! };
  const land = { ...end, along: bands.start[k]! - runway };
  const nearest = runway > 0 ? land : end;
  const tries: [Spot, Spot][] = [
    [here, nearest],
    [here, land],
    [leave, nearest],
    [leave, land],
  ];
  const fits = ([from, to]: [Spot, Spot]) =>
    bent === 0 &&
    staysInPlace(bands, first, from, to, leave.along + CARD_CLEARANCE) &&
    staysInPlace(bands, last, from, to, land.along + runway - CARD_CLEARANCE);
  const [from, to] = tries.find(fits) ?? [stepped(leave, CORNER), stepped(land, -CORNER)];
  lineTo(path, from);
  curveTo(path, to, bent);
  lineTo(path, end);
}

function stepped({ along, across }: Spot, by: number): Spot {
  return { along: along + by, across };
}

function staysInPlace(bands: Bands, item: number, from: Spot, to: Spot, along: number): boolean {
  const there =
    from.across + (to.across - from.across) * shapeAt((along - from.along) / (to.along - from.along));
  return there >= bands.low[item]! && there <= bands.high[item]!;
}

/** Two edges between the same cards bow apart, so that each has room for its pill. */
function bow({ net, entry }: Drawing, e: number, pillBreadth: number): number {
  const consumer = net.to[e]!;
  let sum = 0;
  let twins = 0;
  for (let i = net.arriving.start[consumer]!; i < net.arriving.start[consumer + 1]!; i++) {
    const other = net.arriving.links[i]!;
    if (net.producer[other] !== net.producer[e]) continue;
    sum += entry[other]!;
    twins++;
  }
  if (twins < 2) return 0;
  const spacing = entrySpacing(net, consumer);
  // In the middle a bow moves the curve by three quarters of itself, and the curves are half their spacing apart.
  const bent = Math.max(0, (Math.max(12, pillBreadth + 4) - spacing / 2) / 0.75);
  return ((entry[e]! - sum / twins) / spacing) * bent;
}

/** Level at both ends, all curves have this one shape: how far across it is, by the share of the way along. */
const SHAPE = Float64Array.from({ length: 257 }, (_, i) => {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 40; step++) {
    const t = (low + high) / 2;
    if (t * (1.5 - 1.5 * t + t * t) < i / 256) low = t;
    else high = t;
  }
  return low * low * (3 - 2 * low);
});

function shapeAt(share: number): number {
  const at = Math.min(1, Math.max(0, share)) * 256;
  const i = Math.min(255, Math.floor(at));
  return SHAPE[i]! + (SHAPE[i + 1]! - SHAPE[i]!) * (at - i);
}

function curveTo(path: Path, to: Spot, bent = 0): void {
  const along = path[path.length - 2]!;
  const across = path[path.length - 1]!;
  const middle = (along + to.along) / 2;
  path.push(middle, across + bent, middle, to.across + bent, to.along, to.across);
}

function lineTo(path: Path, to: Spot): void {
  const along = path[path.length - 2]!;
  const across = path[path.length - 1]!;
  if (to.along - along < 0.01) return;
  const third = (to.along - along) / 3;
  path.push(along + third, across, to.along - third, to.across, to.along, to.across);
}
