/**
 * Painting on a canvas: lines that are too many for elements, and far out, as on the map, the whole plan as
 * coloured boxes.
 */

import { largestOf } from "../../analysis/largest.ts";
import type { State } from "../../session/state.ts";
import type { Box } from "../box.ts";
import { clipped } from "./clip.ts";
import type { Plan } from "./plan.ts";

type Context = CanvasRenderingContext2D;

/** Colours that the style sheet gives a view, by name. */
export type Palette = (name: string) => string;

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`);
}

/** Widths of lines: of the thinnest, and of the one that carries most. */
const THINNEST = 1.4;
const THICKEST = 3.8;

/** The width of a line by what it carries, relative to the largest. */
export function lineWidth(sent: number | undefined, largest: number): number {
  if (!sent) return Number.isNaN(sent) ? THICKEST : THINNEST;
  const share = largest > 0 ? Math.min(1, Math.abs(sent) / largest) : 0;
  return THINNEST + (THICKEST - THINNEST) * share;
}

/** The arrowhead where a link leaves its producer: gradients arrive there. A link that leads back leaves the other way. */
export function headOf([x, y, nextX, nextY]: readonly number[], direction: Plan["direction"]): number[] {
  const [right, down] = { LR: [1, 0], TB: [0, 1], BT: [0, -1] }[direction] as [number, number];
  const way = (nextX! - x!) * right + (nextY! - y!) * down < 0 ? -1 : 1;
  const point = (along: number, across: number) => [
    x! + way * (along * right - across * down),
    y! + way * (along * down + across * right),
  ];
  return [...point(1, 0), ...point(9, -4.5), ...point(9, 4.5)];
}

/** Cubic Bézier curves end to end as SVG writes them. */
export function pathData([x, y, ...rest]: readonly number[]): string {
  return `M${x},${y}C${rest}`;
}

function stroke(
  context: Context,
  paths: readonly (readonly number[])[],
  colour: string,
  width: number,
  dash: number[] = [],
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke(new Path2D(paths.map(pathData).join("")));
}

/** A link as its element would show it, as far as it is in a box. */
export function paintLink(
  context: Context,
  state: State,
  { layout, picture, direction }: Plan,
  palette: Palette,
  index: number,
  box: Box,
): void {
  const { path } = layout.routes[index]!;
  const link = picture.links[index]!;
  const paths = clipped(path, box);
  const sent = state.sentAlong(link);
  if (sent === undefined) {
    stroke(context, paths, palette("rail"), 1.4, state.tracks(link) ? [] : [4, 4]);
    return;
  }
  const width = lineWidth(sent, state.largestSent);
  const isNeutral = sent === 0 || state.isShared(link) || state.comesFromLeft(link.slots);
  const colour = palette(isNeutral ? "rail" : sent < 0 ? "minus" : "grad");
  stroke(context, paths, colour, width);
  context.fillStyle = colour;
  context.fill(new Path2D(`M${headOf(path, direction)}`));
}

// -- far out: coloured boxes -----------------------------------------------------------------------------------------

/** Shades on each side of zero. */
const SHADES = 12;
/** Powers of ten with a colour of their own. */
const DECADES = 4;

/** From -1 to 1, by sign and order of magnitude: 1 is the largest, a ten-thousandth of that is hardly seen. */
export function shade(x: number, largest: number): number {
  const size = largest > 0 ? Math.min(1, Math.abs(x) / largest) : 0;
  return (Math.sign(x) * Math.log1p(size * 10 ** DECADES)) / Math.log1p(10 ** DECADES);
}

/** The colours from the most negative to the most positive, zero in the middle. */
function shades(palette: Palette): string[] {
  return Array.from({ length: 2 * SHADES + 1 }, (_, i) => {
    const share = (100 * Math.abs(i - SHADES)) / SHADES;
    return `color-mix(in srgb, ${palette(i < SHADES ? "minus" : "grad")} ${share}%, ${palette("line")})`;
  });
}

/** Boxes coloured by gradients, of which the largest is returned. None is smaller than `least`. */
export function paintFar(
  context: Context,
  state: State,
  plan: Plan,
  palette: Palette,
  least: number,
  items: Iterable<number> = plan.sizes.keys(),
): number {
  const numbers = plan.picture.items.map((item) =>
    item.kind === "group" ? state.largestGradient(item.group.nodes) : state.gradient(item.node),
  );
  const largest = largestOf(numbers);
  // By shade, so that the colour changes seldom.
  const colours = [...shades(palette), palette("soft"), palette("bad")];
  const byColour: number[][] = colours.map(() => []);
  for (const item of items) {
    const x = numbers[item];
    const place = SHADES * (1 + shade(x ?? 0, largest));
    const index = x === undefined ? 2 * SHADES + 1 : Number.isFinite(x) ? Math.round(place) : 2 * SHADES + 2;
    byColour[index]!.push(item);
  }
  byColour.forEach((its, i) => {
    context.fillStyle = colours[i]!;
    for (const item of its) {
      const { x, y } = plan.layout.nodes[item]!;
      const { width, height } = plan.sizes[item]!;
      context.fillRect(x, y, Math.max(width, least), Math.max(height, least));
    }
  });
  return largest;
}

/** Lines without a colour of their own. */
export function paintLines(
  context: Context,
  { layout }: Plan,
  palette: Palette,
  links: Iterable<number>,
  width: number,
): void {
  const paths = Array.from(links, (link) => layout.routes[link]!.path);
  stroke(context, paths, palette("line"), width);
}
