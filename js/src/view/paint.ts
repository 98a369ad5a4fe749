/**
 * The painter: a plan as shapes and texts, with whatever pen draws them. The same one paints the canvas of what is far
 * out, the map and the exported pictures. It asks the state and the plan, and knows no page.
 */

import { formatOnEdge, formatShort } from "../format.ts";
import type { Group, Item } from "../picture.ts";
import type { State } from "../state.ts";
import { clipped } from "./clip.ts";
import { gradientWords, groupWords, totalWords, valueWords } from "./face.ts";
import { type Box, clamp, isRound, type Plan } from "./plan.ts";

export interface Look {
  readonly fill?: string;
  readonly stroke?: string;
  /** Of the stroke. */
  readonly width?: number;
  readonly dashed?: boolean;
}

export interface Letters {
  readonly size: number;
  readonly fill: string;
  readonly bold?: boolean;
  readonly anchor?: "middle" | "end";
}

/** All in the plan's pixels. */
export interface Pen {
  rect(x: number, y: number, width: number, height: number, radius: number, look: Look): void;
  /** Lines, each of cubic Bézier curves end to end, as a route has them: a start, then six numbers per curve. */
  curves(paths: Iterable<readonly number[]>, look: Look): void;
  polygon(points: readonly number[], fill: string): void;
  /** `y` is the baseline. */
  text(text: string, x: number, y: number, letters: Letters): void;
  /** How wide a text is. */
  measure(text: string, size: number, bold: boolean): number;
}

const COLOURS = [
  "bg",
  "ink",
  "mute",
  "line",
  "card",
  "soft",
  "param",
  "rail",
  "grad",
  "minus",
  "bad",
] as const;
export type Palette = Readonly<Record<(typeof COLOURS)[number], string>>;

/** The colours that the style sheet gives a view. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const entries = COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return Object.fromEntries(entries) as Palette;
}

/** Widths of lines: of the thinnest, and of the one that carries most. */
const THINNEST = 1.4;
const THICKEST = 3.8;
/** How much wider a negative number's line is: it is a double one. */
export const DOUBLED = 1.6;

/** The width of a line by what it carries, relative to the largest. */
export function lineWidth(sent: number | undefined, largest: number): number {
  if (!sent) return Number.isNaN(sent) ? THICKEST : THINNEST;
  const share = largest > 0 ? Math.min(1, Math.abs(sent) / largest) : 0;
  return THINNEST + (THICKEST - THINNEST) * share;
}

/** The arrowhead where a link leaves its producer: gradients arrive there. */
export function headOf([x, y]: readonly number[], direction: Plan["direction"]): number[] {
  const turn = { LR: [1, 0], TB: [0, 1], BT: [0, -1] }[direction] as [number, number];
  const point = (along: number, across: number) => [
    x! + along * turn[0] - across * turn[1],
    y! + along * turn[1] + across * turn[0],
  ];
  return [...point(1, 0), ...point(9, -4.5), ...point(9, 4.5)];
}

// -- close up: what the page shows there -----------------------------------------------------------------------------

/** Links first, then cards, then the numbers on links; of all links, or of those that are given, in a box. */
export function paintClose(
  pen: Pen,
  state: State,
  plan: Plan,
  palette: Palette,
  items: Iterable<number> = plan.sizes.keys(),
  links: readonly number[] = [...plan.layout.routes.keys()],
  box?: Box,
): void {
  for (const link of links) paintLink(pen, state, plan, palette, link, box);
  for (const item of items) paintCard(pen, state, plan, palette, item);
  for (const link of links) paintPill(pen, state, plan, palette, link);
}

export function paintLink(
  pen: Pen,
  state: State,
  plan: Plan,
  palette: Palette,
  link: number,
  box?: Box,
): void {
  const { path } = plan.layout.routes[link]!;
  const paths = box ? clipped(path, box) : [path];
  const sent = state.sentAlong(plan.picture.links[link]!);
  if (sent === undefined) {
    const dashed = !state.tracks(plan.picture.links[link]!);
    pen.curves(paths, { stroke: palette.rail, width: 1.3, dashed });
    return;
  }
  const width = lineWidth(sent, state.largestSent);
  const colour = sent < 0 ? palette.minus : palette.grad;
  pen.curves(paths, { stroke: colour, width: sent < 0 ? width + DOUBLED : width });
  if (sent < 0) pen.curves(paths, { stroke: palette.bg, width: 1.2 });
  pen.polygon(headOf(path, plan.direction), colour);
}

function paintPill(pen: Pen, state: State, { layout, picture, pill }: Plan, palette: Palette, link: number) {
  const at = layout.routes[link]!.pill;
  const sent = state.sentAlong(picture.links[link]!);
  if (!at || sent === undefined) return;
  const { width, height } = pill;
  const colour = sent === 0 ? palette.rail : sent < 0 ? palette.minus : palette.grad;
  const fill = sent === 0 ? palette.mute : colour;
  pen.rect(at.x - width / 2, at.y - height / 2, width, height, height / 2, {
    fill: palette.bg,
    stroke: colour,
    width: 1,
  });
  pen.text(formatOnEdge(sent), at.x, at.y + 4, { size: 12, fill, bold: true, anchor: "middle" });
}

function paintCard(pen: Pen, state: State, plan: Plan, palette: Palette, item: number): void {
  const { x, y } = plan.layout.nodes[item]!;
  const { width, height } = plan.sizes[item]!;
  const shown = plan.picture.items[item]!;
  if (shown.kind === "group") {
    paintGroup(pen, state, shown.group, palette, { x, y, width, height });
    return;
  }
  const { node } = shown;
  const kind = state.kind(node);
  const { names } = state;
  const { ink, mute, param, rail, card, soft } = palette;
  if (isRound(state, plan.picture, item, plan.compact)) {
    pen.rect(x, y, width, height, width / 2, { fill: card, stroke: rail, width: 1.4 });
    const symbol = names.symbol(node);
    pen.text(symbol, x + width / 2, y + height / 2 + 5, { size: 15, fill: ink, anchor: "middle" });
    return;
  }
  const shapes: Record<typeof kind, [number, Look]> = {
    parameter: [4, { fill: card, stroke: param, width: 2 }],
    input: [16, { fill: card, stroke: rail, width: 1.4, dashed: true }],
    constant: [7, { fill: soft }],
    operation: [7, { fill: card, stroke: rail, width: 1.4 }],
  };
  pen.rect(x, y, width, height, ...shapes[kind]);
  const left = x + (kind === "input" ? 12 : 10);
  const right = x + width - (kind === "input" ? 12 : 10);
  const value = valueWords(state, node);
  const label = names.label(node);
  if (kind === "constant") {
    if (label) write(pen, label, left, y + 18, right - 40, { size: 12.5, fill: mute });
    pen.text(value, right, y + 18, { size: 12.5, fill: ink, anchor: "end" });
    return;
  }
  const room = right - pen.measure(value, 15, true) - 6;
  const end = write(pen, names.of(node), left, y + 20, room, { size: 12.5, fill: ink, bold: label !== "" });
  if (kind === "operation" && label && !plan.compact)
    write(pen, names.expression(node), end + 4, y + 20, room, { size: 12.5, fill: mute });
  pen.text(value, right, y + 20, { size: 15, fill: ink, bold: true, anchor: "end" });
  if (shown.kind === "copy") return;
  const isLeaf = kind !== "operation";
  if (isLeaf) paintSlider(pen, state, node, palette, left, right, y + 38);
  paintGradient(pen, state, node, palette, left, right, y + (isLeaf ? 79 : 41));
  if (kind !== "parameter") return;
  pen.curves([straight(left - 2, y + 89, right + 2, y + 89)], { stroke: palette.line, width: 1 });
  const { words, total } = totalWords(state, node);
  pen.text(".grad", left, y + 105, { size: 12, fill: mute });
  const fill = total === undefined ? mute : ink;
  pen.text(words, right, y + 105, { size: 12.5, fill, anchor: "end" });
}

function paintGroup(
  pen: Pen,
  state: State,
  group: Group,
  { card, rail, ink, mute, grad }: Palette,
  { x, y, width, height }: Box,
): void {
  const look = { fill: card, stroke: rail, width: 1.4 };
  for (const away of [6, 3, 0]) pen.rect(x + away, y + away, width, height, 7, look);
  const { title, inputs, outputs, parts, gradient, words } = groupWords(state, group);
  const [left, right] = [x + 10, x + width - 10];
  write(pen, title, left, y + 20, right, { size: 12.5, fill: ink, bold: true });
  [`${state.messages.into} ${inputs}`, `${state.messages.outOf} ${outputs}`, parts].forEach((row, i) => {
    write(pen, row, left, y + 44 + 17 * i, right, { size: 12, fill: mute });
  });
  const fill = gradient === undefined ? mute : grad;
  pen.text("max |∂|", left, y + 97, { size: 12, fill: mute });
  pen.text(words, right, y + 97, { size: 12.5, fill, bold: gradient !== undefined, anchor: "end" });
}

function paintGradient(
  pen: Pen,
  state: State,
  node: number,
  { grad, minus, mute }: Palette,
  left: number,
  right: number,
  y: number,
): void {
  const { name, words, gradient } = gradientWords(state, node);
  const given = gradient !== undefined;
  const fill = !given ? mute : gradient < 0 ? minus : grad;
  pen.text(words, right, y, { size: given ? 12.5 : 12, fill, bold: given, anchor: "end" });
  write(pen, name, left, y, right - pen.measure(words, 12.5, given) - 6, { size: 12, fill: mute });
}

function paintSlider(
  pen: Pen,
  state: State,
  leaf: number,
  { rail, mute, param, card }: Palette,
  left: number,
  right: number,
  y: number,
): void {
  const { low, high } = state.range(leaf);
  const value = state.graph.values[leaf]!;
  const at = (x: number) => left + (right - left) * clamp((x - low) / (high - low), 0, 1);
  const here = at(Number.isFinite(value) ? value : 0);
  const colour = state.kind(leaf) === "parameter" ? param : mute;
  pen.rect(left, y - 2, right - left, 4, 0, { fill: rail });
  pen.rect(Math.min(at(0), here), y - 2, Math.abs(here - at(0)), 4, 0, { fill: colour });
  pen.rect(at(0) - 0.75, y - 5, 1.5, 10, 0, { fill: mute });
  const thumb = clamp(here, left + 8, right - 8);
  pen.rect(thumb - 6.75, y - 6.75, 13.5, 13.5, 6.75, { fill: card, stroke: colour, width: 2.5 });
  pen.text(formatShort(low), left, y + 22, { size: 12, fill: mute });
  pen.text(formatShort(high), right, y + 22, { size: 12, fill: mute, anchor: "end" });
}

/** A text, cut where it has no room; returns where it ends. */
function write(pen: Pen, text: string, x: number, y: number, right: number, letters: Letters): number {
  const wide = (part: string) => pen.measure(part, letters.size, letters.bold === true);
  let shown = text;
  while (shown && x + wide(shown) > right) shown = shown.replace(/.?…?$/u, shown.length > 1 ? "…" : "");
  if (shown !== "…") pen.text(shown, x, y, letters);
  return x + wide(shown);
}

function straight(x0: number, y0: number, x1: number, y1: number): number[] {
  return [x0, y0, x0, y0, x1, y1, x1, y1];
}

// -- far out: coloured boxes -----------------------------------------------------------------------------------------

/** What the colours tell. */
export type Colouring = "gradient" | "value";

/** Shades on each side of zero. */
const SHADES = 12;
/** How many powers of ten have a colour of their own. */
const DECADES = 4;

/** From -1 to 1, by sign and order of magnitude: 1 is the largest, a ten-thousandth of that is hardly seen. */
export function shade(x: number, largest: number): number {
  const size = largest > 0 ? Math.min(1, Math.abs(x) / largest) : 0;
  return (Math.sign(x) * Math.log1p(size * 10 ** DECADES)) / Math.log1p(10 ** DECADES);
}

/** The colours from the most negative to the most positive, zero in the middle. */
export function ramp({ minus, line, grad }: Palette): string[] {
  const mix = (to: string, share: number) =>
    `color-mix(in srgb, ${to} ${(100 * share).toFixed(0)}%, ${line})`;
  return Array.from({ length: 2 * SHADES + 1 }, (_, i) => {
    const share = Math.abs(i - SHADES) / SHADES;
    return mix(i < SHADES ? minus : grad, share);
  });
}

/** The number that an item is coloured by; undefined where there is none. */
function numberOf(state: State, item: Item, by: Colouring): number | undefined {
  if (item.kind === "group") {
    const { group } = item;
    return by === "gradient"
      ? state.largestGradient(group.nodes)
      : state.value(state.folds.inside(group).outputs[0] ?? group.nodes.at(-1)!);
  }
  return by === "gradient" ? state.gradient(item.node) : state.value(item.node);
}

/** By item the number that it is coloured by. */
export function numbersOf(state: State, { picture }: Plan, by: Colouring): (number | undefined)[] {
  return picture.items.map((item) => numberOf(state, item, by));
}

/** The largest finite size. */
export function largestOf(numbers: readonly (number | undefined)[]): number {
  let most = 0;
  for (const x of numbers) {
    const size = Math.abs(x ?? 0);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}

/** Boxes by shade, so that a pen changes its colour seldom. None is smaller than `least`. */
export function paintFar(
  pen: Pen,
  numbers: readonly (number | undefined)[],
  plan: Plan,
  palette: Palette,
  items: Iterable<number> = plan.sizes.keys(),
  least = 0,
): void {
  const largest = largestOf(numbers);
  const colours = [...ramp(palette), palette.soft, palette.bad];
  const byColour: number[][] = colours.map(() => []);
  for (const item of items) {
    const x = numbers[item];
    const place = SHADES * (1 + shade(x ?? 0, largest));
    const index = x === undefined ? 2 * SHADES + 1 : Number.isFinite(x) ? Math.round(place) : 2 * SHADES + 2;
    byColour[index]!.push(item);
  }
  byColour.forEach((its, i) => {
    const look: Look = { fill: colours[i]! };
    for (const item of its) {
      const { x, y } = plan.layout.nodes[item]!;
      const { width, height } = plan.sizes[item]!;
      pen.rect(x, y, Math.max(width, least), Math.max(height, least), 0, look);
    }
  });
}

/** Lines without a colour of their own. */
export function paintLines(
  pen: Pen,
  { layout }: Plan,
  palette: Palette,
  links: Iterable<number>,
  width: number,
): void {
  const paths = Array.from(links, (link) => layout.routes[link]!.path);
  pen.curves(paths, { stroke: palette.line, width });
}
