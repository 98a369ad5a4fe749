/**
 * Conversion between the coordinates of the layout, along and across the flow, and those of the page, x and y.
 */

import type { Box } from "./labels.ts";
import type { Layout, LayoutInput, Path, Point, Route } from "./types.ts";

const SLICE = 2000; // edges in one slice of work

/** Boxes of titles, in the coordinates of the layout. */
export function titlesAmong({ titles, direction }: LayoutInput, cards: readonly Box[]): Box[] {
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
export function* turned(
  { edges, direction, top = 0 }: LayoutInput,
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
      ? { x: along, y: across - low + top }
      : { x: across - low, y: top + (direction === "TB" ? along : length - along) };
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
    height: top + (lies ? high - low : length),
    nodes: cards.map(({ along, across, length: half, breadth }) =>
      point(along + (direction === "BT" ? half : -half), across - breadth),
    ),
    routes,
  };
}
