/**
 * Where everything goes: a layered drawing of a graph of cards, pure, without a DOM.
 *
 * The frame is Sugiyama, Tagawa and Toda's (1981), in six phases, each in its own file under layout/:
 *
 *  1. layers  So that all edges together pass few layers, by a network simplex (Gansner, Koutsofios, North and Vo 1993);
 *             where that leaves a choice as early as may be, so that what is computed alike stands in one layer. Edges of
 *             a card with many uses count less: they share their lanes.
 *  2. net     An edge over several layers passes each of them in a lane between the cards. All edges of one
 *             producer share its lanes: a parameter used at a hundred steps is one line with a hundred branches, and
 *             not five thousand lanes. This, more than any constant, is why long recurrences stay cheap and flat.
 *  3. order   Barycentre sweeps, from varying layers on, and sifting, from several starts; crossings are counted with a
 *             Fenwick tree (Barth, Jünger and Mutzel 2004). What may stand either way stands as it is written: `w` above
 *             `x` in `w*x`. Cards whose place was known keep their order.
 *  4. best    Of the orders with few crossings the one with the least of crossings times length³, one crossing added to
 *             all. In it neighbours change places where that makes edges so much shorter that it pays.
 *  5. places  Along the layer by weighted isotonic regression, row by row (pool adjacent violators; Barlow,
 *             Bartholomew, Bremner and Brunk 1972), reweighted so that the sum of distances falls rather than of
 *             squares: few bends instead of many slight ones. Then each producer's lanes are pulled straight.
 *  6. routes  Ports first: on its card's side each line leaves and enters as near as can be to where it leads, and runs
 *             straight if it can. Then as few Bézier curves as keep clear of cards and lanes; then the pills, each on the
 *             last curve of its own edge. Where one finds no room, the gap before its consumer gets a runway, on which
 *             all pills have room.
 *
 * Inside, everything runs 'along' the flow of values and 'across' it; `turned` makes x and y of that at the very end.
 * Nothing recurses, and what is shaken is shaken alike each time: the same question has the same answer.
 */

import { bestDrawing } from "./best.ts";
import { ARROW, type Box, PILL_CLEARANCE, placePills } from "./labels.ts";
import { shortestLayers } from "./layers.ts";
import { withLanes } from "./net.ts";
import { goodOrders } from "./order.ts";
import { places, roomIn, roughly } from "./places.ts";
import { ports } from "./ports.ts";
import { routes } from "./routes.ts";
import type { Layout, LayoutInput, Path, Point, Route, Size } from "./types.ts";

export { pointOf } from "./routes.ts";
export type { Card, Direction, Layout, LayoutEdge, LayoutInput, Point, Route, Size } from "./types.ts";

const TITLE = 28; // what a title takes above its card
const OVER_TITLE = 14; // how much further off lines are that pass over it, and not behind it
const SOME = 2000; // edges, in one slice
const CORNER = 5; // between a line and the end of its card's side
const LEVEL = 3; // a line runs level this far past its layer, or it would cut its neighbours' corners

export function layout(input: LayoutInput): Layout {
  const phases = steps(input);
  for (;;) {
    const step = phases.next();
    if (step.done) return step.value;
  }
}

/** The same in slices: each `next()` does a bounded piece of work. */
export function* steps(input: LayoutInput): Generator<void, Layout> {
  const { sizes, edges, direction = "LR", layerGap = 46, nodeGap = 16, maxWidth } = input;
  const lies = direction === "LR";
  const turn = ({ width, height }: Size): Size =>
    lies ? { width, height } : { width: height, height: width };
  const cards = sizes.map(turn);
  const pills = edges.map(({ pill }) => pill && turn(pill));
  const pill = pills.reduce(
    (most: Size, one = most) => ({
      width: Math.max(most.width, one.width),
      height: Math.max(most.height, one.height),
    }),
    { width: 0, height: 0 },
  );
  const operands = new Int32Array(cards.length);
  for (const { from, to } of edges) operands[Math.max(from, to)]! += 1;
  const sheets = (card: number) => sizes[card]!.sheets ?? 0;
  // How far apart edges arrive at a card; and what it takes with the pills before it.
  const spacing = Float64Array.from(cards, ({ height }, card) =>
    Math.min(Math.max(14, pill.height + 2 * PILL_CLEARANCE), height / (operands[card]! + 0.15)),
  );
  const half = Float64Array.from(cards, ({ height }, card) =>
    Math.max(
      height / 2 + sheets(card),
      operands[card]! && ((operands[card]! - 1) * spacing[card]! + pill.height) / 2,
    ),
  );
  const layers = yield* shortestLayers(cards.length, edges);
  yield;
  const net = withLanes(input, layers, half);
  yield;
  const known = Float64Array.from({ length: net.items }, (_, item) =>
    item < net.cards ? (input.before?.(item) ?? Number.NaN) : Number.NaN,
  );
  const room = roomIn(net, nodeGap, input.titles && lies ? OVER_TITLE : 0);
  const drawing = input.order
    ? yield* roughly(net, input.order, room)
    : yield* bestDrawing(net, yield* goodOrders(net, known), known, room, layerGap + 100);
  yield* places(drawing, nodeGap);
  const { across, rows: order } = drawing;
  const rounding = (card: number) =>
    Math.min(sizes[card]!.radius ?? 0, cards[card]!.width / 2, cards[card]!.height / 2);
  /** How far from a card's middle its side is, so far across: less at round corners. */
  const sideAt = (card: number, over: number, leaves: boolean): number => {
    const { width, height } = cards[card]!;
    const radius = rounding(card);
    const past = Math.max(0, Math.abs(over) - height / 2 + radius);
    const under = leaves && direction !== "BT" ? sheets(card) : 0;
    return width / 2 - radius + Math.sqrt(radius * radius - past * past) + under;
  };
  // Where a corner has receded by a fifth of its radius.
  const reach = (card: number) => cards[card]!.height / 2 - Math.max(CORNER, 0.4 * rounding(card));
  const edgePorts = yield* ports(drawing, spacing, reach, pill.height);

  yield;
  const band = new Float64Array(net.layers);
  cards.forEach(({ width }, card) => {
    band[net.layer[card]!] = Math.max(band[net.layer[card]!]!, width + 2 * sheets(card));
  });
  const tight = pill.width && pill.width + 2 * PILL_CLEARANCE;
  const wished = Math.max(layerGap, tight && tight + ARROW);
  const between = net.layers - 1;
  const left = maxWidth !== undefined && lies ? maxWidth - band.reduce((sum, one) => sum + one, 0) : Infinity;
  const fitting = left / between;
  const gap = fitting < wished && fitting >= Math.max(tight, 16) ? fitting : wished;
  const gaps = new Float64Array(net.layers).fill(gap);
  const start = new Float64Array(net.layers);
  const end = new Float64Array(net.layers);
  const columns = new Int32Array(net.layers).fill(1);
  operands.forEach((_, card) => {
    const k = net.layer[card]!;
    columns[k] = Math.max(columns[k]!, Math.ceil((pill.height + PILL_CLEARANCE) / spacing[card]! - 1e-9));
  });
  // Where a pill finds no room, its gap gets a runway: all lines end level, and each pill has its place there.
  const runway = new Float64Array(net.layers);
  const under = input.titles && direction === "TB" ? TITLE : 0; // titles stand where runways end
  const crowded = new Set<number>();
  for (;;) {
    for (const card of crowded) {
      const k = net.layer[card]!;
      runway[k] = columns[k]! * tight + under;
      gaps[k - 1] = Math.max(gaps[k - 1]!, runway[k]! + ARROW + 24);
    }
    for (let k = 0, along = 0; k < net.layers; k++) {
      start[k] = along - LEVEL;
      end[k] = along + band[k]! + LEVEL;
      along += band[k]! + gaps[k]!;
    }
    const paths = yield* routes(drawing, edgePorts, { start, end }, runway, sideAt);
    const middle = (card: number) => (start[net.layer[card]!]! + end[net.layer[card]!]!) / 2;
    const fixed = pills.map((size, e): Box | undefined => {
      const card = net.head[e]!;
      const k = net.layer[card]!;
      if (!size || !runway[k]) return undefined;
      const column = edgePorts.nth[e]! % columns[k]!;
      const [length, breadth] = [size.width / 2, size.height / 2];
      return {
        along: start[k]! - under - (column + 0.5) * tight,
        across: across[card]! + edgePorts.entry[e]!,
        length,
        breadth,
      };
    });
    const boxes = cards.map(({ width, height }, card) => ({
      along: middle(card),
      across: across[card]!,
      length: width / 2,
      breadth: height / 2,
    }));
    const placed = placePills(
      paths,
      pills,
      [...boxes, ...titlesAmong(input, boxes)],
      fixed,
      (e) => net.from[e]! >= net.cards,
      input.mayCover,
    );
    yield;
    crowded.clear();
    pills.forEach((size, e) => {
      if (size && !placed[e]) crowded.add(net.head[e]!);
    });
    if (crowded.size === 0) return { ...(yield* turned(input, paths, placed, boxes)), order };
  }
}

/** The boxes of titles, among those of cards. */
function titlesAmong({ titles, direction = "LR" }: LayoutInput, cards: readonly Box[]): Box[] {
  const lies = direction === "LR";
  const way = direction === "BT" ? -1 : 1;
  const corners = cards.map(({ along, across, length, breadth }) =>
    lies ? { x: along - length, y: across - breadth } : { x: across - breadth, y: way * along - length },
  );
  return (titles?.(corners) ?? []).map(({ x, y, width, height }) => {
    const [over, down] = [x + width / 2, y + height / 2];
    const [wide, high] = [width / 2, height / 2];
    return lies
      ? { along: over, across: down, length: wide, breadth: high }
      : { along: way * down, across: over, length: high, breadth: wide };
  });
}

/** From along and across to x and y, with everything moved to start at zero. */
function* turned(
  { edges, direction = "LR" }: LayoutInput,
  paths: Path[],
  pills: (Box | undefined)[],
  cards: Box[],
): Generator<void, Omit<Layout, "order">> {
  let low = Infinity;
  let high = -Infinity;
  let length = 0;
  const reach = (along: number, across: number) => {
    length = Math.max(length, along);
    low = Math.min(low, across);
    high = Math.max(high, across);
  };
  for (const box of [...cards, ...pills]) {
    if (!box) continue;
    reach(box.along + box.length, box.across - box.breadth);
    reach(0, box.across + box.breadth);
  }
  for (const path of paths) for (let i = 0; i < path.length; i += 2) reach(path[i]!, path[i + 1]!);
  if (low === Infinity) low = high = 0;
  yield;
  const lies = direction === "LR";
  const point = (along: number, across: number): Point =>
    lies
      ? { x: along, y: across - low }
      : { x: across - low, y: direction === "TB" ? along : length - along };
  const routes: Route[] = [];
  for (const [e, path] of paths.entries()) {
    const points: number[] = [];
    const isBack = edges[e]!.from > edges[e]!.to;
    for (let i = 0; i < path.length; i += 2) {
      const at = isBack ? path.length - 2 - i : i;
      const { x, y } = point(path[at]!, path[at + 1]!);
      points.push(x, y);
    }
    const pill = pills[e];
    routes.push({ path: points, pill: pill && point(pill.along, pill.across) });
    if (e % SOME === 0) yield;
  }
  return {
    width: lies ? length : high - low,
    height: lies ? high - low : length,
    nodes: cards.map(({ along, across, length: half, breadth }) =>
      point(along + (direction === "BT" ? half : -half), across - breadth),
    ),
    routes,
  };
}
