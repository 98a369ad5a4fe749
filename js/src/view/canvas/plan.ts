/** The plan of a drawing: the scene graph, the size of each item, and their layout. */

import { largestOf } from "../../analysis/largest.ts";
import {
  type Card,
  type Direction,
  type Layout,
  type LayoutInput,
  type Size,
  steps,
} from "../../layout/index.ts";
import { type Group, type Item, type Link, nodesOf, rowsOf, type SceneGraph } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { type Box, clamp, middleOf, textWidth } from "../box.ts";
import {
  derivativeName,
  edgeWords,
  gradientWords,
  hasOwnGradient,
  rowGradient,
  valueWords,
} from "../card/face.ts";
import { matrixHeight } from "../card/matrix.ts";
import { rowsOfLedger } from "../card/samples.ts";
import { STEPS } from "../card/steps.ts";
import { titlesOf } from "./titles.ts";

/** Form of a drawing. */
export interface Form {
  /** Cards of operations in one line. */
  readonly isShort: boolean;
  /** Leaves as small as rows. */
  readonly isTiny: boolean;
  readonly direction: Direction;
  /** All numbers on links have their places, and not only those that are asked for. */
  readonly isNumbered: boolean;
  /** A number may stand on a line of another link. */
  readonly mayCover: boolean;
  /** Least scale at which it may be drawn to fit. */
  readonly least: number;
  /** For those who don't want to wait. */
  readonly isRough: boolean;
}

export interface Plan {
  readonly picture: SceneGraph;
  readonly form: Form;
  readonly direction: Direction;
  /** By item. */
  readonly sizes: readonly CardSize[];
  /** Of the numbers on links; whether each has its place is in the layout. */
  readonly labelSize: Size;
  /** All numbers have their places, and not only those that are asked for. */
  readonly numbered: boolean;
  /** The leaf whose row has its slider in full. */
  readonly openRow: number | undefined;
  readonly layout: Layout;
}

export interface CardSize extends Card {
  /** Widths of the values and the gradients of its rows. */
  readonly columns?: readonly [number, number];
  /** Of a neuron whose rows are not shown. */
  readonly isOff?: boolean;
}

/** Limit of cards that keep up with a hand when all are elements. */
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
/** A card in one line. */
const LINE = 28;
/** The title of a card with rows, each row, and what the one that is open takes besides. */
const TITLE = 27;
export const ROW = 26;
const OPEN = 38;
/** A neuron that is off. */
const OFF = 46;
/** A letter of a name that stands out. */
const NAME = 7.4;
/** Under the last row. */
const FOOT = 5;
/** Between the columns of a row, and around them. */
const AROUND_COLUMNS = 25;
const COLUMN = 39;
const COLUMN_LETTER = 7.6;
const COLUMN_LETTERS = 5;
const GROUP: Card = { width: 168, height: 112, sheets: 6 };
const WIDEST = 176;
/** Room of the title of an open group above its cards. */
const FOR_TITLES = 24;
/** Pixels per character of a name and of a derivative, and what stands beside them: a number, a gap, the padding. */
const LETTER = 7;
const SMALL_LETTER = 6.6;
const BESIDE = 77;
/** A character of a value, and of a gradient in a card of one line. */
const DIGIT = 9.6;
/** Characters that a number has room for anyway, so that a sign changes nothing. */
const USUAL = 5;
const LINE_GRADIENT = 8.2;
const DIGITS = 4;

/** For a number of so many characters besides its point, and what one more takes. */
const LABEL: Size = { width: 43, height: 18 };
const SMALL_LABEL: Size = { width: 41, height: 16 };
const ON_LABEL = 4;
const LABEL_LETTER = 8;
/** With more links, numbers stand only on those that are asked for. */
const MOST_LABELS = 150;

/** The plan for a width; each `next()` does a bounded piece of work. */
export function* planned(
  state: State,
  picture: SceneGraph,
  form: Form,
  maxWidth: number,
  before: Plan | undefined,
  order?: Layout["order"],
): Generator<unknown, Plan> {
  const { direction, mayCover, isRough } = form;
  const openRow = openRowOf(state, picture, before);
  const sizes = sizesOf(state, picture, form, openRow);
  const labelSize = labelSizeOf(state, picture, form);
  const numbered = form.isNumbered && picture.links.length <= MOST_LABELS;
  const lies = direction === "LR";
  const titles = state.folds.framed.length > 0 ? FOR_TITLES : 0;
  const input: LayoutInput = {
    sizes,
    edges: picture.links.map((link) => {
      const { from, to } = link;
      const isStill = isOff(state, picture.items[to]!);
      return {
        from,
        to,
        label: numbered && !isStill ? labelSize : undefined,
        entry: entryOf(picture, link, sizes[to]!, openRow),
      };
    }),
    direction,
    // Numbers stand in the middle of a gap, above or below a title.
    layerGap: gapOf(form) + (lies ? 0 : 1.5 * titles),
    nodeGap: (form.isShort ? 8 : 16) + (lies ? titles : 0),
    maxWidth,
    mayCover,
    isRough,
    top: titles,
    titles(corners) {
      const boxes = sizes.map((size, item) => ({ ...corners[item]!, ...size }));
      return titlesOf(state, picture, direction, boxes).map(({ box }) => box);
    },
    order,
    before:
      before && before.picture !== picture ? (item) => placeBefore(before, picture.items[item]) : undefined,
  };
  yield;
  const layout = yield* steps(input);
  return { picture, form, direction, sizes, labelSize, numbered, openRow, layout };
}

/**
 * Distance from the top of a card with rows at which a line enters: at the row of the weight that it is multiplied with in a neuron, at the
 * title where it is the only one.
 */
function entryOf(
  { items, links }: SceneGraph,
  { to, slots }: Link,
  { columns, isOff }: CardSize,
  openRow: number | undefined,
): number | undefined {
  const item = items[to]!;
  if (item.kind === "node")
    return columns && links.filter((link) => link.to === to).length === 1 ? TITLE / 2 : undefined;
  const weights = item.group.neuron?.weights ?? [];
  const row = weights.findIndex(({ slot }) => slot === slots[0]);
  if (row < 0 || slots.length > 1 || isOff) return undefined;
  const isBelow = weights.slice(0, row).some(({ leaf }) => leaf === openRow);
  return TITLE + row * ROW + ROW / 2 + (isBelow ? OPEN : 0);
}

/** An item is a neuron whose relu lets nothing through, which is said in two lines. */
export function isOff(state: State, item: Item): boolean {
  if (item.kind !== "group" || !item.group.neuron) return false;
  const { head, nodes } = item.group.neuron;
  const isChosen = state.selected !== null && nodes.includes(state.selected);
  return state.graph.ops[head] === "relu" && !(state.value(head)! > 0) && !isChosen;
}

function gapOf({ isShort, isTiny, isNumbered }: Form): number {
  if (isTiny && !isNumbered) return 30;
  return isNumbered && !isShort ? 46 : 38;
}

/** The row that is open: what is chosen, or what was open, or the leaf with the largest gradient. */
export function openRowOf(state: State, picture: SceneGraph, before: Plan | undefined): number | undefined {
  const rows = picture.items.flatMap(rowsOf);
  const { selected } = state;
  const leaves = rows.filter((leaf) => state.kind(leaf) !== "constant");
  const kept = [selected, before?.openRow].find((leaf) => leaves.includes(leaf ?? -1));
  if (typeof kept === "number") return kept;
  // Where all are 0, the one that would open a relu.
  const size = (leaf: number) =>
    Math.abs(state.gradient(leaf) ?? -1) || (state.opening(leaf) ? Number.MIN_VALUE : 0);
  const parameters = leaves.filter((leaf) => state.kind(leaf) === "parameter");
  return parameters.sort((a, b) => size(b) - size(a))[0];
}

/** As wide as the longest number takes that is on a link now, of as many as are shown at once. */
function labelSizeOf(state: State, picture: SceneGraph, { isShort }: Form): Size {
  const { width, height } = isShort ? SMALL_LABEL : LABEL;
  const lengths = picture.links
    .slice(0, MOST_LABELS)
    .map((link) => edgeWords(state, link, state.sentAlong(link) ?? 0).replace(".", "").length);
  const longest = Math.max(ON_LABEL, ...lengths);
  return { width: width + (longest - ON_LABEL) * LABEL_LETTER, height };
}

/** Earlier place of an item across the flow, if it was drawn. */
function placeBefore(plan: Plan, item: Item | undefined): number | undefined {
  if (!item) return undefined;
  const { picture, direction } = plan;
  const old = picture.itemOf[nodesOf(item).at(-1)!]!;
  const was = picture.items[old]!;
  // What was in a folded group had no place of its own.
  if (was.kind === "group" && (item.kind === "node" || was.group.id !== item.group.id)) return undefined;
  const { x, y } = middleOf(boxOf(plan, old));
  return direction === "LR" ? y : x;
}

/** Numbers have outgrown their places since the plan was made, by more than a digit, for which there is room. */
export function isOutgrown(state: State, { picture, sizes, form, labelSize, openRow }: Plan): boolean {
  return (
    labelSizeOf(state, picture, form).width > labelSize.width + DIGIT ||
    sizesOf(state, picture, form, openRow).some((now, item) => {
      const { width, height } = sizes[item]!;
      return now.width > width + DIGIT || now.height !== height;
    })
  );
}

/** The least that any drawing takes along the flow, and whether that is known to be too much. */
export function leastLength(state: State, picture: SceneGraph, form: Form): number {
  const lies = form.direction === "LR";
  const sizes = sizesOf(state, picture, form, openRowOf(state, picture, undefined));
  const lengths = sizes.map(({ width, height }) => (lies ? width : height));
  const { width, height } = labelSizeOf(state, picture, form);
  const gap = form.isNumbered ? (lies ? width : height) + 4 : 16;
  const reach = lengths.slice();
  for (const { from, to } of [...picture.links].sort((a, b) => a.to - b.to))
    if (from < to) reach[to] = Math.max(reach[to]!, reach[from]! + gap + lengths[to]!);
  return largestOf(reach);
}

function sizesOf(state: State, { items }: SceneGraph, form: Form, openRow: number | undefined): CardSize[] {
  return items.map((item) =>
    item.kind === "group" ? groupSize(state, item, form, openRow) : nodeSize(state, item, form, openRow),
  );
}

function groupSize(
  state: State,
  item: Item & { readonly kind: "group" },
  form: Form,
  openRow: number | undefined,
): CardSize {
  const { group } = item;
  if (group.steps) return STEPS;
  if (group.samples) return sampleSize(state, group, openRow);
  if (group.neuron) return neuronSize(state, item, form, openRow);
  const heights = state.folds.inside(group).matrices.map(matrixHeight);
  return { ...GROUP, height: heights.reduce((sum, height) => sum + height, GROUP.height) };
}

function nodeSize(
  state: State,
  { node: id, rows }: Item & { readonly kind: "node" },
  { isShort, isTiny }: Form,
  openRow: number | undefined,
): CardSize {
  const { names } = state;
  const kind = state.kind(id);
  const name = names.label(id) || names.inSigns(id);
  const { least, height, radius } = SIZES[kind];
  const wide = textWidth(name, LETTER);
  if (kind === "constant") return { width: clamp(wide + 30, least, 120), height, radius };
  if (isTiny && kind !== "operation") {
    const { width, columns } = withRows(state, [id], undefined, { width: 0, height: LINE, radius });
    return { width: width + 8, height: ROW + 12, radius, columns: columns! };
  }
  const isLine = isShort && kind === "operation";
  const note = kind === "operation" && names.label(id) ? textWidth(` ${names.note(id)}`, LETTER) : 0;
  const more = (number: string, most: number) => DIGIT * Math.max(0, number.replace(".", "").length - most);
  const value = valueWords(state, id);
  if (isLine) {
    const gradient = hasOwnGradient(state, id)
      ? 10 + LINE_GRADIENT * Math.max(USUAL, gradientWords(state, id).words.length)
      : 0;
    const width = Math.round(Math.max(56, 25 + wide + DIGIT * Math.max(USUAL, value.length) + gradient));
    return withRows(state, rows, openRow, { width, height: LINE, radius });
  }
  const gradient = state.spelling.gradient(state.gradient(id) ?? 0);
  const text = Math.max(
    wide + note + DIGIT + more(value, DIGITS + 1), // one more may come
    textWidth(derivativeName(state, id), SMALL_LETTER) + more(gradient, DIGITS + 1),
  );
  const width = Math.round(
    clamp(text + BESIDE, isShort && kind !== "parameter" ? least - 18 : least, WIDEST),
  );
  return withRows(state, rows, openRow, { width, height, radius });
}

/** The inputs of a sample, or the ledger of all. */
function sampleSize(state: State, { isInputs, nodes }: Group, openRow: number | undefined): CardSize {
  const batch = state.folds.batch!;
  const rows = rowsOfLedger(batch).length;
  const { samples, shown } = batch;
  if (isInputs) {
    const inputs = batch.inputsOf(shown).filter((node) => nodes.includes(node)).length;
    return { width: Math.max(122, 44 + (rows + 1) * 26), height: 66 + 20 * inputs, radius: 0, sheets: 6 };
  }
  const leaf = openRow === undefined ? "" : state.names.of(openRow);
  const width = 106 + 7.2 * samples.inputs.length * 2 + 56 + textWidth(leaf, SMALL_LETTER);
  return { width: Math.round(Math.max(190, width)), height: 78 + 24 * rows, radius: 0, exit: TITLE / 2 };
}

function neuronSize(
  state: State,
  item: Item & { readonly kind: "group" },
  { isShort }: Form,
  openRow: number | undefined,
): CardSize {
  const { head } = item.group.neuron!;
  const word = isShort ? 0 : textWidth(` ${state.names.word(head)}`, SMALL_LETTER);
  const name = textWidth(state.folds.title(item.group), NAME) + word;
  const value = DIGIT * valueWords(state, head).length;
  const card = withRows(state, rowsOf(item), openRow, {
    width: Math.round(name + value + 40),
    height: LINE,
    radius: 0,
  });
  return isOff(state, item) ? { ...card, height: OFF, isOff: true } : card;
}

/** About what a name takes in a row, where every pixel counts: brackets, points and the like are narrow. */
function nameWidth(name: string): number {
  return [...name].reduce((sum, one) => {
    return sum + (one > "\u2e80" ? 12 : /[[\]().,:|·ijl]/.test(one) ? 4.7 : /[WMmw]/.test(one) ? 11.8 : 7.6);
  }, 0);
}

/** A card with the rows of its leaves. */
function withRows(state: State, rows: readonly number[], openRow: number | undefined, card: Card): CardSize {
  const leaves = rows.filter((leaf) => state.kind(leaf) !== "constant");
  if (leaves.length === 0) return card;
  const column = (words: (leaf: number) => string) => {
    const longest = Math.max(...leaves.map((leaf) => textWidth(words(leaf), COLUMN_LETTER)));
    return Math.round(Math.max(COLUMN, COLUMN + longest - COLUMN_LETTERS * COLUMN_LETTER));
  };
  const columns = [
    column((leaf) => valueWords(state, leaf)),
    column((leaf) => rowGradient(state, leaf).words),
  ] as const;
  const names = Math.max(...leaves.map((leaf) => nameWidth(state.names.of(leaf))));
  const width = Math.round(Math.max(card.width, names + columns[0] + columns[1] + AROUND_COLUMNS));
  const open = leaves.includes(openRow ?? -1) ? OPEN : 0;
  const title = card.height === LINE ? TITLE : card.height - 3;
  return { ...card, width, height: title + leaves.length * ROW + open + FOOT, columns, exit: TITLE / 2 };
}

/** Boxes of all items. */
export function boxesOf(plan: Plan): Box[] {
  return plan.sizes.map((_, item) => boxOf(plan, item));
}

/** Box of an item. */
export function boxOf({ layout, sizes }: Plan, item: number): Box & CardSize {
  return { ...layout.nodes[item]!, ...sizes[item]! };
}
