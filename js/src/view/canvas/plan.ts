/** What is to be drawn and where: the picture, how large each item is, and what the layout makes of it. */

import { formatGradient } from "../../analysis/format.ts";
import { largestOf } from "../../analysis/largest.ts";
import {
  type Card,
  type Direction,
  type Layout,
  type LayoutInput,
  type Point,
  type Size,
  steps,
} from "../../layout/index.ts";
import { type Item, nodesOf, type SceneGraph } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { type Box, clamp, middleOf, textWidth } from "../box.ts";
import { derivativeName, edgeWords, valueWords } from "../card/face.ts";
import { titlesOf } from "./titles.ts";

export interface Plan {
  readonly picture: SceneGraph;
  /** Whether anonymous operations are circles. */
  readonly compact: boolean;
  readonly direction: Direction;
  /** By item. */
  readonly sizes: readonly Size[];
  /** Of the numbers on links; whether each has its place is in the layout. */
  readonly pill: Size;
  /** Whether all numbers have their places, and not only those that are asked for. */
  readonly numbered: boolean;
  readonly layout: Layout;
}

/** As many cards as keep up with a hand when all are elements. */
export const MOST_CARDS = 150;

export function isSmall({ items }: SceneGraph): boolean {
  return items.length <= MOST_CARDS;
}

/** The least width of a card, its height and the radius of corners that are round: as they are in the style sheet. */
const SIZES = {
  parameter: { least: 121, height: 116, radius: 0 },
  input: { least: 118, height: 90, radius: 16 },
  operation: { least: 100, height: 50, radius: 0 },
  constant: { least: 48, height: 28, radius: 0 },
};
const GROUP: Card = { width: 168, height: 112, sheets: 6 };
const WIDEST = 176;
/** What the title of an open group takes above its cards. */
const FOR_TITLES = 24;
/** Pixels per character of a name and of a derivative, and what stands beside them: a number, a gap, the padding. */
const LETTER = 7;
const SMALL_LETTER = 6.6;
const BESIDE = 75;
/** What a number's characters take that are more than fit beside the name. */
const DIGIT = 8.5;
const DIGITS = 4;

/** For a number of so many characters besides its point, and what one more takes. */
const PILL: Size = { width: 43, height: 18 };
const SMALL_PILL: Size = { width: 41, height: 16 };
const ON_PILL = 4;
const PILL_LETTER = 8;
/** With more links, numbers stand only on those that are asked for. */
const MOST_PILLS = 150;

/** Everything; anonymous operations as circles; and only those numbers on edges that are asked for. */
export type Detail = "all" | "numbers" | "symbols";

/** The plan for a width; each `next()` does a bounded piece of work. */
export function* planned(
  state: State,
  detail: Detail,
  direction: Direction,
  maxWidth: number,
  before: Plan | undefined,
  order?: Layout["order"],
  mayCover = false,
): Generator<unknown, Plan> {
  const { picture } = state;
  const compact = detail !== "all";
  const sizes = picture.items.map((_, item) => sizeOf(state, picture, item, compact));
  const pill = pillOf(state, compact);
  const numbered = detail !== "symbols" && picture.links.length <= MOST_PILLS;
  const at = (corners: readonly Point[]) => (item: number) => ({ ...corners[item]!, ...sizes[item]! });
  const lies = direction === "LR";
  const titles = state.folds.open.size > 0 ? FOR_TITLES : 0;
  const input: LayoutInput = {
    sizes,
    edges: picture.links.map(({ from, to }) => ({ from, to, label: numbered ? pill : undefined })),
    direction,
    // Numbers stand in the middle of a gap, above or below a title.
    layerGap: (numbered ? 46 : 38) + (lies ? 0 : 1.5 * titles),
    nodeGap: (compact ? 12 : 16) + (lies ? titles : 0),
    maxWidth,
    mayCover,
    titles: titles
      ? (corners) => titlesOf(state, picture, direction, at(corners)).map(({ box }) => box)
      : undefined,
    order,
    before:
      before && before.picture !== picture ? (item) => placeBefore(before, picture.items[item]) : undefined,
  };
  yield;
  const layout = withTitles(state, yield* steps(input));
  return { picture, compact, direction, sizes, pill, numbered, layout };
}

/** As wide as the longest number takes that is on a link now, of as many as are shown at once. */
function pillOf(state: State, compact: boolean): Size {
  const { width, height } = compact ? SMALL_PILL : PILL;
  const lengths = state.picture.links
    .slice(0, MOST_PILLS)
    .map((link) => edgeWords(state, link, state.sentAlong(link) ?? 0).replace(".", "").length);
  const longest = Math.max(ON_PILL, ...lengths);
  return { width: width + (longest - ON_PILL) * PILL_LETTER, height };
}

/** How far across an item was drawn, if it was. */
function placeBefore(plan: Plan, item: Item | undefined): number | undefined {
  if (!item || item.kind === "copy") return undefined;
  const { picture, direction } = plan;
  const old = picture.itemOf[nodesOf(item).at(-1)!]!;
  const was = picture.items[old]!;
  // What was in a folded group had no place of its own.
  if (was.kind === "group" && (item.kind === "node" || was.group.id !== item.group.id)) return undefined;
  const { x, y } = middleOf(boxOf(plan, old));
  return direction === "LR" ? y : x;
}

/** Room at the top for the titles of open groups. */
function withTitles({ folds }: State, layout: Layout): Layout {
  if (folds.open.size === 0) return layout;
  const down = ({ x, y }: Point) => ({ x, y: y + FOR_TITLES });
  return {
    ...layout,
    height: layout.height + FOR_TITLES,
    nodes: layout.nodes.map(down),
    routes: layout.routes.map(({ path, label }) => ({
      path: path.map((x, i) => (i % 2 === 1 ? x + FOR_TITLES : x)),
      label: label && down(label),
    })),
  };
}

/** Whether numbers have outgrown their places since the plan was made. */
export function isOutgrown(state: State, { picture, sizes, compact, pill }: Plan): boolean {
  return (
    pillOf(state, compact).width > pill.width ||
    sizes.some(({ width }, item) => sizeOf(state, picture, item, compact).width > width)
  );
}

/** In columns by depth, with straight lines: for those who don't want to wait. */
export function roughPlan(state: State, compact: boolean, direction: Direction): Plan {
  const { picture } = state;
  const sizes = picture.items.map((_, item) => sizeOf(state, picture, item, compact));
  const depth = new Int32Array(sizes.length);
  for (const { from, to } of [...picture.links].sort((a, b) => a.to - b.to)) {
    if (from < to) depth[to] = Math.max(depth[to]!, depth[from]! + 1);
  }
  const lies = direction === "LR";
  const last = largestOf(depth);
  const filled = new Float64Array(last + 1);
  const [along, across] = lies ? [WIDEST + 60, 16] : [116 + 60, 16];
  const nodes = sizes.map(({ width, height }, item) => {
    const layer = depth[item]!;
    const place = filled[layer]!;
    filled[layer] = place + (lies ? height : width) + across;
    if (lies) return { x: layer * along, y: place };
    return { x: place, y: (direction === "TB" ? layer : last - layer) * along };
  });
  const side = (item: number, way: number) => {
    const box = { ...nodes[item]!, ...sizes[item]! };
    const { x, y } = middleOf(box);
    if (lies) return { x: box.x + (way > 0 ? box.width : 0), y };
    return { x, y: box.y + ((direction === "TB") === way > 0 ? box.height : 0) };
  };
  const routes = picture.links.map(({ from, to }) => {
    const [a, b] = [side(from, 1), side(to, -1)];
    return { path: [a.x, a.y, a.x, a.y, b.x, b.y, b.x, b.y] };
  });
  const [long, broad] = [(last + 1) * along, largestOf(filled)];
  const size = lies ? { width: long, height: broad } : { width: broad, height: long };
  const layout = withTitles(state, { ...size, nodes, routes, order: [] });
  return { picture, compact, direction, sizes, pill: pillOf(state, compact), numbered: false, layout };
}

export function isRound(state: State, { items }: SceneGraph, item: number, compact: boolean): boolean {
  const { kind, node } = items[item] as { kind: string; node: number };
  return compact && kind === "node" && state.kind(node) === "operation" && !state.names.label(node);
}

function sizeOf(state: State, picture: SceneGraph, item: number, compact: boolean): Card {
  if (isRound(state, picture, item, compact)) return { width: 40, height: 40, radius: 20 };
  const shown = picture.items[item]!;
  if (shown.kind === "group") return GROUP;
  const id = shown.node;
  const { names } = state;
  const kind = state.kind(id);
  const name = names.of(id);
  const { least, height, radius } = SIZES[kind];
  const wide = textWidth(name, LETTER);
  if (shown.kind === "copy") return { width: Math.round(clamp(wide + 66, 80, 130)), height: 30, radius };
  if (kind === "constant") return { width: clamp(wide + 30, least, 120), height, radius };
  const hasNote = kind === "operation" && names.label(id) && !compact;
  const note = hasNote ? textWidth(` ${names.expression(id)}`, LETTER) : 0;
  const more = (number: string, most: number) => DIGIT * Math.max(0, number.replace(".", "").length - most);
  const gradient = formatGradient(state.gradient(id) ?? 0);
  const text = Math.max(
    wide + note + more(valueWords(state, id), DIGITS),
    textWidth(derivativeName(state, id), SMALL_LETTER) + more(gradient, DIGITS + 1),
  );
  return { width: Math.round(clamp(text + BESIDE, least, WIDEST)), height, radius };
}

/** Where an item is. */
export function boxOf({ layout, sizes }: Plan, item: number): Box {
  return { ...layout.nodes[item]!, ...sizes[item]! };
}
