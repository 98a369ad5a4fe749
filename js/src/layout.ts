/**
 * Where everything goes: a layered drawing of a graph of cards, pure, without a DOM.
 *
 * The frame is Sugiyama, Tagawa and Toda's (1981), in five phases, each in its own file under layout/:
 *
 *  1. layers  Each card as late as its consumers allow, so that a leaf stands beside its first use.
 *  2. net     An edge over several layers passes each of them in a lane between the cards. All edges of one
 *             producer share its lanes: a parameter used at a hundred steps is one line with a hundred branches, and
 *             not five thousand lanes. This, more than any constant, is why long recurrences stay cheap and flat.
 *  3. order   Barycentre and median sweeps with transposition (Gansner, Koutsofios, North and Vo 1993); the order with the
 *             fewest crossings stays, counted with a Fenwick tree (Barth, Jünger and Mutzel 2004). Smaller graphs try
 *             several starts, and keep the drawing that costs least.
 *  4. places  Along the layer by weighted isotonic regression, row by row (pool adjacent violators; Barlow,
 *             Bartholomew, Bremner and Brunk 1972), reweighted so that the sum of distances falls rather than of
 *             squares: few bends instead of many slight ones. Then each producer's lanes are pulled straight.
 *  5. routes  One Bézier curve where that keeps clear of cards and lanes, else one per bend; then the pills, each near
 *             the middle of its own curve. Where one finds no room, its gap widens or its edge tilts, and again.
 *
 * Inside, everything runs 'along' the flow of values and 'across' it; `turned` makes x and y of that at the very end.
 * Nothing recurses and nothing is random: the same question has the same answer.
 */

import { latestLayers } from "./layout/layers.ts";
import { type Net, withLanes } from "./layout/net.ts";
import { crossings, fewestCrossings, starts } from "./layout/order.ts";
import { ARROW, type Box, PILL_CLEARANCE, placePills } from "./layout/pills.ts";
import { cost, type Drawing, drawn, places } from "./layout/places.ts";
import { type Bands, bandsOf, cardStart, firstGaps, type Path, route, type Spot } from "./layout/routes.ts";

export interface Size {
  width: number;
  height: number;
}

/** From producer to consumer; `slot` is the operand's position. `x * x` has two edges. */
export interface LayoutEdge {
  from: number;
  to: number;
  slot: number;
  pill?: Size;
}

export type Direction = "LR" | "TB" | "BT";

export interface LayoutInput {
  sizes: Size[];
  /** Producers have lower numbers than their consumers. */
  edges: LayoutEdge[];
  direction?: Direction;
  layerGap?: number;
  nodeGap?: number;
  /** A wish: gaps shrink to meet it, cards and pills don't. */
  maxWidth?: number;
  /** Where edges leave a card, from its top; the middle if not given. Only for LR. */
  ports?: (id: number) => number;
}

export interface Point {
  x: number;
  y: number;
}

/** Cubic Bézier curves end to end: x0, y0, then six numbers per curve (two control points and the end). */
export interface Route {
  path: number[];
  pill?: Point;
}

export interface Layout {
  width: number;
  height: number;
  /** Top left corners. */
  nodes: Point[];
  /** In the order of the edges. */
  routes: Route[];
  layers: number[];
}

const JUDGED_PLACED = 250; // items
const ATTEMPTS = 16; // at finding room for all pills
const STEEPEST = 84; // what an edge may be slanted to make room for its pill
const TILTABLE_CARDS = 250; // with more, pills only widen gaps
const PATIENCE = 6; // attempts after which the wished width gives way

export function layout(input: LayoutInput): Layout {
  const phases = steps(input);
  for (;;) {
    const step = phases.next();
    if (step.done) return step.value;
  }
}

/** The same in slices: each `next()` does a bounded piece of work. */
export function* steps(input: LayoutInput): Generator<void, Layout> {
  let best: Drawing | undefined;
  let least = Infinity;
  const net = withLanes(input, latestLayers(input.sizes.length, input.edges));
  for (const start of starts(net)) {
    yield;
    const drawing = drawn(net, yield* fewestCrossings(net, start));
    // Small graphs are judged as they will look, larger ones before their cards have found their places.
    if (net.items <= JUDGED_PLACED) yield* places(drawing);
    const price = cost(drawing);
    if (price < least) {
      best = drawing;
      least = price;
    }
    if (crossings(net, drawing.rows, drawing.rank) === 0) break;
  }
  const drawing = best!;
  if (drawing.net.items > JUDGED_PLACED) yield* places(drawing);
  return turned(drawing, yield* routed(drawing, input), input);
}

interface Routed {
  bands: Bands;
  paths: Path[];
  pills: (Spot | undefined)[];
}

/** Routes and pills, again and again until every pill has room: gaps widen, or edges are tilted. */
function* routed(drawing: Drawing, input: LayoutInput): Generator<void, Routed> {
  const { net } = drawing;
  const boxes = input.edges.map(({ pill }) => pill && pillBox(net, pill));
  const longest = boxes.reduce((most, box) => Math.max(most, box ? 2 * box.halfLength : 0), 0);
  const tight = longest > 0 ? longest + 2 * PILL_CLEARANCE : 0;
  const wished = input.maxWidth !== undefined && net.lies ? input.maxWidth : Infinity;
  const room = wished - net.band.reduce((sum, band) => sum + band, 0);
  const gaps = firstGaps(drawing, input.layerGap ?? 46, tight, room);
  const runway = new Float64Array(net.layers);
  for (let attempt = 0; ; attempt++) {
    const bands = bandsOf(drawing, gaps, runway);
    const paths = input.edges.map((_, e) => route(drawing, bands, e, 2 * (boxes[e]?.halfBreadth ?? 0)));
    yield;
    const pills = placePills(drawing, bands, paths, boxes);
    yield;
    // A missing pill needs room whatever it takes; for one that only hides an arrowhead, some tries are enough.
    const patient = attempt < (net.cards <= TILTABLE_CARDS ? PATIENCE : 1);
    const unhappy = patient ? [...pills.missing, ...pills.covering] : pills.missing;
    if (unhappy.length === 0 || attempt === ATTEMPTS) return { bands, paths, pills: pills.spots };
    const cramped = widen(drawing, gaps, unhappy, tight + ARROW, patient ? room : Infinity);
    const tilted = net.cards <= TILTABLE_CARDS && cramped.filter((e) => tilt(drawing, e)).length > 0;
    if (tilted) yield* places(drawing);
    if (attempt > PATIENCE) for (const e of unhappy) runway[net.layer[net.to[e]!]! - 1] = tight;
  }
}

function pillBox(net: Net, { width, height }: Size): Box {
  const [length, breadth] = net.lies ? [width, height] : [height, width];
  return { along: 0, across: 0, halfLength: length / 2, halfBreadth: breadth / 2 };
}

/** Widens the gaps before the consumers of these edges; returns the edges for which there was no room left. */
function widen(
  { net }: Drawing,
  gaps: Float64Array,
  edges: number[],
  comfortable: number,
  room: number,
): number[] {
  const gapBefore = (e: number) => net.layer[net.to[e]!]! - 1;
  const widened = new Set<number>();
  let left = room - gaps.reduce((sum, gap) => sum + gap, 0);
  for (const gap of new Set(edges.map(gapBefore))) {
    const wish = gaps[gap]! < comfortable ? comfortable : gaps[gap]! * 1.15 + 6;
    if (wish - gaps[gap]! > left) continue;
    left -= wish - gaps[gap]!;
    gaps[gap] = wish;
    widened.add(gap);
  }
  return edges.filter((e) => !widened.has(gapBefore(e)));
}

/** Lets an edge run more steeply, so that its pill fits between its cards; false if it is steep enough. */
function tilt({ net, across, entry, slant }: Drawing, e: number): boolean {
  const from = net.from[e]!;
  if (from < 0 || Math.abs(slant[e]!) >= STEEPEST) return false;
  const way = entry[e]! || across[from]! - across[net.to[e]!]! || 1;
  slant[e]! -= Math.sign(way) * 12;
  return true;
}

/** From along and across to x and y, with everything moved to start at zero. */
function turned(drawing: Drawing, { bands, paths, pills }: Routed, input: LayoutInput): Layout {
  const { net, across } = drawing;
  const direction = input.direction ?? "LR";
  const { lies } = net;
  let low = Infinity;
  let high = -Infinity;
  const reach = (from: number, to: number) => {
    low = Math.min(low, from);
    high = Math.max(high, to);
  };
  for (let card = 0; card < net.cards; card++) {
    reach(across[card]! - net.breadth[card]! / 2, across[card]! + net.breadth[card]! / 2);
  }
  for (const path of paths) for (let i = 1; i < path.length; i += 2) reach(path[i]!, path[i]!);
  pills.forEach((pill, e) => {
    const size = input.edges[e]!.pill;
    if (!pill || !size) return;
    const half = (lies ? size.height : size.width) / 2;
    reach(pill.across - half, pill.across + half);
  });
  if (low === Infinity) low = high = 0;
  const length = bands.end[net.layers - 1] ?? 0;
  const point = (along: number, over: number): Point =>
    lies ? { x: along, y: over - low } : { x: over - low, y: direction === "TB" ? along : length - along };
  return {
    width: lies ? length : high - low,
    height: lies ? high - low : length,
    nodes: input.sizes.map((size, card) => {
      const along = cardStart(drawing, bands, card);
      const corner = point(along, across[card]! - net.breadth[card]! / 2);
      return direction === "BT" ? { x: corner.x, y: corner.y - size.height } : corner;
    }),
    routes: paths.map((path, e) => {
      const turnedPath: number[] = [];
      for (let i = 0; i < path.length; i += 2) {
        const { x, y } = point(path[i]!, path[i + 1]!);
        turnedPath.push(x, y);
      }
      const pill = pills[e];
      return pill ? { path: turnedPath, pill: point(pill.along, pill.across) } : { path: turnedPath };
    }),
    layers: Array.from(net.layer.subarray(0, net.cards)),
  };
}
