/**
 * Layered drawing of a graph of cards, pure, without a DOM.
 *
 * The frame is Sugiyama, Tagawa and Toda's (1981), in six phases, each in a file of its own:
 *
 *  1. layers  A network simplex minimises the total number of layers that edges pass (Gansner, Koutsofios, North and Vo
 *             1993). Ties go to the earlier layer, so that equal computations stand in one layer. Edges of a card with
 *             many uses count less, since they share a dummy chain.
 *  2. net     An edge over several layers passes each of them through a dummy item between the cards. All edges of one
 *             producer share its dummy chain: a parameter used at a hundred steps is one line with a hundred branches,
 *             and not five thousand dummies. This keeps long recurrences cheap and flat.
 *  3. order   Multi-start barycentre sweeps, then sifting. A Fenwick tree counts crossings (Barth, Jünger and Mutzel
 *             2004). Ties follow the written order: `w` above `x` in `w*x`. Cards with a known place keep their order.
 *  4. best    Minimise crossings times length³, one crossing added to each, over the orders with few crossings. Then
 *             neighbours swap where shorter edges outweigh the crossings.
 *  5. places  Weighted isotonic regression places each row (pool adjacent violators; Barlow, Bartholomew, Bremner and
 *             Brunk 1972). Reweighting minimises the sum of distances rather than of squares, which gives few bends
 *             instead of many slight ones. Then each dummy chain is straightened.
 *  6. routes  Ports first: each line leaves and enters its card as near as possible to its other end. Then as few Bézier
 *             curves as keep clear of cards and dummies. Then edge labels, each on the last curve of its own edge. A
 *             label without room turns the gap before its consumer into a runway, with room for all labels.
 *
 * Inside, coordinates run 'along' the flow of values and 'across' it; `turned` converts them to x and y at the end.
 * Nothing recurses, and the random numbers are seeded: equal input gives equal output.
 */

import { bestDrawing } from "./best.ts";
import { ARROW, type Box, LABEL_CLEARANCE, placeLabels } from "./labels.ts";
import { shortestLayers } from "./layers.ts";
import { withDummies } from "./net.ts";
import { goodOrders } from "./order.ts";
import { places, roomIn, roughly } from "./places.ts";
import { ports } from "./ports.ts";
import { routes } from "./routes.ts";
import type { Layout, LayoutInput, Path, Point, Route, Size } from "./types.ts";

export { pointOf } from "./routes.ts";
export type { Card, Direction, Layout, LayoutEdge, LayoutInput, Point, Route, Size } from "./types.ts";

const TITLE = 28; // height of a title above its card
const OVER_TITLE = 14; // extra distance of a line, so that it passes over a title and not behind it
const SLICE = 2000; // edges in one slice of work
const CORNER = 5; // between a line and the end of its card's side
const LEVEL = 3; // a line runs level this far past its layer, or it would cut its neighbours' corners

export function layout(input: LayoutInput): Layout {
  const phases = steps(input);
  for (;;) {
    const step = phases.next();
    if (step.done) return step.value;
  }
}

/** Run the layout in slices: each `next()` does a bounded piece of work. */
export function* steps(input: LayoutInput): Generator<void, Layout> {
  const { sizes, edges, direction = "LR", layerGap = 46, nodeGap = 16, maxWidth } = input;
  const lies = direction === "LR";
  const turn = ({ width, height }: Size): Size =>
    lies ? { width, height } : { width: height, height: width };
  const cards = sizes.map(turn);
  const labels = edges.map(({ label }) => label && turn(label));
  const label = labels.reduce(
    (max: Size, one = max) => ({
      width: Math.max(max.width, one.width),
      height: Math.max(max.height, one.height),
    }),
    { width: 0, height: 0 },
  );
  const operands = new Int32Array(cards.length);
  for (const { from, to } of edges) operands[Math.max(from, to)]! += 1;
  const sheets = (card: number) => sizes[card]!.sheets ?? 0;
  // Distance between the edges that enter a card, and half the height of a card with the labels before it.
  const spacing = Float64Array.from(cards, ({ height }, card) =>
    Math.min(Math.max(14, label.height + 2 * LABEL_CLEARANCE), height / (operands[card]! + 0.15)),
  );
  const halfHeight = Float64Array.from(cards, ({ height }, card) =>
    Math.max(
      height / 2 + sheets(card),
      operands[card]! && ((operands[card]! - 1) * spacing[card]! + label.height) / 2,
    ),
  );
  const layers = yield* shortestLayers(cards.length, edges);
  yield;
  const net = withDummies(input, layers, halfHeight);
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
  /** Distance of a card's side from its middle, at `over` across: less at round corners. */
  const sideAt = (card: number, over: number, leaves: boolean): number => {
    const { width, height } = cards[card]!;
    const radius = rounding(card);
    const past = Math.max(0, Math.abs(over) - height / 2 + radius);
    const under = leaves && direction !== "BT" ? sheets(card) : 0;
    return width / 2 - radius + Math.sqrt(radius * radius - past * past) + under;
  };
  // A corner has receded there by a fifth of its radius.
  const reach = (card: number) => cards[card]!.height / 2 - Math.max(CORNER, 0.4 * rounding(card));
  const edgePorts = yield* ports(drawing, spacing, reach, label.height);

  yield;
  const band = new Float64Array(net.layers);
  cards.forEach(({ width }, card) => {
    band[net.layer[card]!] = Math.max(band[net.layer[card]!]!, width + 2 * sheets(card));
  });
  const tight = label.width && label.width + 2 * LABEL_CLEARANCE;
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
    columns[k] = Math.max(columns[k]!, Math.ceil((label.height + LABEL_CLEARANCE) / spacing[card]! - 1e-9));
  });
  // A gap with a label without room gets a runway: lines run level there, and each label has its place.
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
    const fixed = labels.map((size, e): Box | undefined => {
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
    const placed = placeLabels(
      paths,
      labels,
      [...boxes, ...titlesAmong(input, boxes)],
      fixed,
      (e) => net.from[e]! >= net.cards,
      input.mayCover,
    );
    yield;
    crowded.clear();
    labels.forEach((size, e) => {
      if (size && !placed[e]) crowded.add(net.head[e]!);
    });
    if (crowded.size === 0) return { ...(yield* turned(input, paths, placed, boxes)), order };
  }
}

/** Boxes of titles, in the coordinates of the layout. */
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

/** Convert along and across to x and y, from zero on. */
function* turned(
  { edges, direction = "LR" }: LayoutInput,
  paths: Path[],
  labels: (Box | undefined)[],
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
  for (const box of [...cards, ...labels]) {
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
    const label = labels[e];
    routes.push({ path: points, label: label && point(label.along, label.across) });
    if (e % SLICE === 0) yield;
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
