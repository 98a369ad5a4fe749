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
 *  4. best    Minimise crossings times length³, one crossing added to each, over the orders with few crossings.
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

import { Bands } from "./bands.ts";
import { bestDrawing } from "./best.ts";
import { Frame } from "./frame.ts";
import { boxAround, placeLabels } from "./labels.ts";
import { latestLayers, layersOfLeastLength, withinWidth } from "./layers.ts";
import { type Net, netWithDummyNodes } from "./net.ts";
import { goodOrders, inWrittenOrder } from "./order.ts";
import { type Drawing, places, roomIn, roughly, stacked } from "./places.ts";
import { type Ports, ports } from "./ports.ts";
import { routes } from "./routes.ts";
import { titlesAmong, turned } from "./turn.ts";
import type { Layout, LayoutInput } from "./types.ts";

export { pointOf } from "./curves.ts";
export type { Card, Direction, Layout, LayoutEdge, LayoutInput, Point, Route, Size } from "./types.ts";

const OVER_TITLE = 14; // extra distance of a line, so that it passes over a title and not behind it
const PER_LAYER = 100; // what a layer counts in the length of an edge, besides its gap

export function layout(input: LayoutInput): Layout {
  return finished(steps(input));
}

/** Run to the end what could be run in slices. */
export function finished<T>(slices: Generator<unknown, T>): T {
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
  }
}

/** Run the layout in slices: each `next()` does a bounded piece of work. */
export function* steps(input: LayoutInput): Generator<void, Layout> {
  const frame = new Frame(input);
  const count = frame.cards.length;
  const shortest = input.isRough
    ? latestLayers(count, input.edges)
    : yield* layersOfLeastLength(count, input.edges);
  yield;
  const layers = input.direction === "LR" ? shortest : withinWidth(shortest, input);
  const net = netWithDummyNodes(input, layers, frame.halfHeight);
  yield;
  const drawing = yield* drawn(input, net);
  const edgePorts = yield* ports(drawing, frame);
  yield;
  return yield* routed(input, frame, drawing, edgePorts);
}

/** Phases 3 to 5: order and places, or places alone if the order is known; roughly, neither. */
function* drawn(input: LayoutInput, net: Net): Generator<void, Drawing> {
  const { layerGap, nodeGap, direction } = input;
  const known = Float64Array.from({ length: net.items }, (_, item) =>
    item < net.cards ? (input.before?.(item) ?? Number.NaN) : Number.NaN,
  );
  const room = roomIn(net, nodeGap, input.top && direction === "LR" ? OVER_TITLE : 0);
  if (input.isRough) return stacked(net, inWrittenOrder(net).rows, room);
  const isKnown = input.order?.every((row, k) => row.every((item) => net.layer[item] === k));
  const drawing = isKnown
    ? yield* roughly(net, input.order!, room)
    : yield* bestDrawing(net, yield* goodOrders(net, known), room, layerGap + PER_LAYER);
  yield* places(drawing);
  return drawing;
}

/** Phase 6: routes and labels, again with runways until each label has room. */
function* routed(
  input: LayoutInput,
  frame: Frame,
  drawing: Drawing,
  edgePorts: Ports,
): Generator<void, Layout> {
  const { net, across, rows: order } = drawing;
  const { cards, labels } = frame;
  const bands = new Bands(input, frame, net);
  const layerBefore = (edge: number) => net.layer[net.head[edge]!]!;
  for (;;) {
    const paths = yield* routes(drawing, edgePorts, bands, frame);
    const fixed = labels.map((size, e) => {
      if (!size || !bands.runway[layerBefore(e)]) return undefined;
      const along = bands.onRunway(layerBefore(e), edgePorts.nth[e]!);
      return boxAround(along, across[net.head[e]!]! + edgePorts.entry[e]!, size);
    });
    const boxes = cards.map((size, card) => boxAround(bands.middle(net.layer[card]!), across[card]!, size));
    const taken = [...boxes, ...titlesAmong(input, boxes)];
    const isBranch = (e: number) => net.from[e]! >= net.cards;
    const placed = placeLabels(paths, labels, taken, fixed, isBranch, input.mayCover);
    yield;
    const crowded = new Set([...labels.keys()].filter((e) => labels[e] && !placed[e]).map(layerBefore));
    if (crowded.size === 0) return { ...(yield* turned(input, paths, placed, boxes)), order };
    bands.addRunways(crowded);
  }
}
