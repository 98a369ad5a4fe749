/** Elements of the plan in view: cards and links, which are moved to where the next plan has them. */

import { largestOf } from "../../analysis/largest.ts";
import { type Point, pointOf } from "../../layout/index.ts";
import { type Item, nodesOf, rowsOf } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { type Box, grown, isSameBox, middleOf, overlaps } from "../box.ts";
import { nodeCard } from "../card/card.ts";
import { gradientHere } from "../card/face.ts";
import { type CardView, type Fold, groupCard } from "../card/group.ts";
import type { Moves } from "../card/leaf.ts";
import { smallLeaf } from "../card/row.ts";
import { type Choose, sampleCard, sampleLedger } from "../card/samples.ts";
import { stepsCard } from "../card/steps.ts";
import { isStill, s, toggle } from "../dom.ts";
import { type EdgeView, edgeView } from "./edges.ts";
import { boxOf, type CardSize, type Plan } from "./plan.ts";

const MOVING = { duration: 250, easing: "ease-out" };
/** Pixels of a card that a number may cover: its rim, where there is only air. */
const RIM = 3;
/** Places of a number on its link, best first: near the consumer, where no other edge of the producer runs. */
const PLACES = [0.6, 0.7, 0.5, 0.8, 0.4, 0.3, 0.2].flatMap((place) => [place, place + 0.05]);

/** A card, or a link with its lines. */
interface Part {
  readonly element: Element;
  readonly lines?: Element;
}

export class Elements {
  readonly lines = s("g", "");
  readonly numbers = s("g", "");
  /** By item and by link. */
  readonly cards = new Map<number, CardView>();
  readonly edges = new Map<number, EdgeView>();
  /** The part of the drawing in which lines are drawn; undefined: all of it. */
  tiles: Box | undefined;
  readonly #state: State;
  readonly #board: HTMLElement;
  readonly #moves: Moves;
  readonly #fold: Fold;
  readonly #choose: Choose;
  #plan: Plan | undefined;
  /** The plan before its last change, from which cards are to come. */
  #from: Plan | undefined;

  constructor(state: State, board: HTMLElement, moves: Moves, fold: Fold, choose: Choose) {
    this.#state = state;
    this.#board = board;
    this.#moves = moves;
    this.#fold = fold;
    this.#choose = choose;
  }

  /** Keep the cards that are still what they were; let everything come from where it was. */
  carryOver(before: Plan, plan: Plan): void {
    const cards = [...this.cards];
    this.cards.clear();
    for (const [old, card] of cards) {
      const item = before.picture.items[old]!;
      const now = plan.picture.itemOf[nodesOf(item).at(-1)!]!;
      const then = plan.picture.items[now]!;
      const isSame =
        item.kind === "group"
          ? then.kind === "group" && item.group === then.group
          : then.kind === "node" &&
            String(nodesOf(item)) === String(nodesOf(then)) &&
            plan.form.isTiny === before.form.isTiny &&
            card.element.getAttribute("data-kind") === this.#state.kind(item.node);
      if (isSame) this.cards.set(now, card);
      else remove(card);
    }
    for (const view of this.edges.values()) remove(view);
    this.edges.clear();
    this.#from = isStill() || before.picture === plan.picture ? undefined : before;
  }

  /** Have elements for these items and links and no others. */
  show(plan: Plan, items: number[], links: number[], tiles: Box | undefined): void {
    const isOther = plan !== this.#plan || (tiles !== undefined && !isSameBox(tiles, this.tiles));
    this.#plan = plan;
    this.tiles = tiles;
    // In their order, which is that of the tab key.
    keep(this.cards, items.reverse(), (item, next) => this.#makeCard(plan, item, next));
    keep(this.edges, links, (link) => this.#makeEdge(plan, link));
    if (isOther) this.#place(plan);
  }

  /** Show what the state says now. */
  update(): void {
    const largest = this.#largestOfRows;
    for (const card of this.cards.values()) card.update(this.#plan?.openRow, largest);
    for (const edge of this.edges.values()) edge.update();
  }

  /** All bars of rows have one scale. */
  get #largestOfRows(): number {
    const items = this.#plan?.picture.items ?? [];
    const small = this.#plan?.form.isTiny ? this.#state.leaves : [];
    return largestOf([...items.flatMap(rowsOf), ...small].map((leaf) => gradientHere(this.#state, leaf)));
  }

  /** The node whose element something is in, if that is a card with a row of its own. */
  nodeOf(target: Element | null): number | undefined {
    const node = target?.closest("[data-node]")?.getAttribute("data-node");
    return node ? Number(node) : undefined;
  }

  /** The item whose card something is in. */
  itemOf(target: Element | null): Item | undefined {
    const card = target?.closest(".agw-card");
    const [item = -1] = [...this.cards].find(([, { element }]) => element === card) ?? [];
    return this.#plan?.picture.items[item];
  }

  /** Place numbers that are asked for where they cover nothing: there is no room for all. */
  placeNumbers(views: readonly EdgeView[]): void {
    const { layout, labelSize, picture } = this.#plan!;
    const taken = [...this.cards.keys()].map((item) => grown(boxOf(this.#plan!, item), -RIM));
    for (const view of views) {
      const { path } = layout.routes[picture.links.indexOf(view.link)]!;
      const boxes = PLACES.map((share) => {
        const way = (share * (path.length - 2)) / 6;
        const [x, y] = pointOf(path, Math.floor(way), way % 1);
        return { x: x - labelSize.width / 2, y: y - labelSize.height / 2, ...labelSize };
      });
      const free = boxes.find((box) => !taken.some((other) => overlaps(other, box)));
      view.placeLabel(free && middleOf(free));
      if (free) taken.push(free);
    }
  }

  #makeCard(plan: Plan, item: number, next: Element | null): CardView {
    const card = this.#cardOf(plan, plan.picture.items[item]!);
    place(card, boxOf(plan, item));
    this.#board.insertBefore(card.element, next);
    card.update(plan.openRow, this.#largestOfRows);
    return card;
  }

  #cardOf({ form }: Plan, item: Item): CardView {
    const [state, moves, fold] = [this.#state, this.#moves, this.#fold];
    if (item.kind === "node")
      return form.isTiny && state.graph.ops[item.node] === "leaf"
        ? smallLeaf(state, item.node, moves)
        : nodeCard(state, item.node, item.rows, moves);
    const { group } = item;
    const { neuron, samples, steps, isInputs } = group;
    if (neuron) return nodeCard(state, neuron.head, rowsOf(item), moves, { group, fold });
    if (steps) return stepsCard(state, group, fold);
    if (isInputs) return sampleCard(state, group, this.#choose);
    if (!samples) return groupCard(state, group, fold);
    const body = sampleLedger(state, this.#choose);
    return nodeCard(state, samples.root, [], moves, { group, fold, body });
  }

  #makeEdge(plan: Plan, index: number): EdgeView {
    const view = edgeView(this.#state, plan.picture.links[index]!);
    view.place(plan.layout.routes[index]!, plan, this.tiles);
    this.lines.append(view.lines);
    this.numbers.append(view.element);
    view.update();
    return view;
  }

  /** Place everything; after a change of the plan cards come from where they were, and lines appear. */
  #place(plan: Plan): void {
    const from = this.#from;
    this.#from = undefined;
    for (const [item, card] of this.cards) {
      const box = boxOf(plan, item);
      place(card, box);
      const start = from && startOf(from, plan.picture.items[item]!);
      if (start) card.element.animate({ transform: [start, box].map(translated) }, MOVING);
    }
    for (const [link, view] of this.edges) view.place(plan.layout.routes[link]!, plan, this.tiles);
    if (from) for (const all of [this.lines, this.numbers]) all.animate({ opacity: [0, 1] }, MOVING);
  }
}

function translated({ x, y }: Point): string {
  return `translate(${x}px,${y}px)`;
}

/** Put a card where it belongs. */
function place(
  { element }: CardView,
  { x, y, width, height, columns = [0, 0], isOff = false }: Box & CardSize,
): void {
  const [value, gradient] = columns;
  element.style.cssText =
    `transform:${translated({ x, y })};width:${width}px;height:${height}px` +
    (value ? `;--columns:1fr ${value}px ${gradient}px` : "");
  toggle(element, "is-off", isOff);
}

function remove({ element, lines }: Part): void {
  element.remove();
  lines?.remove();
}

/** Have elements for these and no others, but for one that has the focus. */
function keep<T extends Part>(
  shown: Map<number, T>,
  wanted: readonly number[],
  make: (index: number, after: Element | null) => T,
): void {
  const still = new Set(wanted);
  for (const [index, part] of shown) {
    if (still.has(index) || part.element.matches(":focus-within")) continue;
    remove(part);
    shown.delete(index);
  }
  let last: Element | null = null;
  for (const index of wanted) {
    const part: T = shown.get(index) ?? make(index, last);
    shown.set(index, part);
    last = part.element;
  }
}

/** Place of an item, or of what it was in or of. */
function startOf({ picture, layout }: Plan, item: Item): Point {
  return layout.nodes[picture.itemOf[nodesOf(item).at(-1)!]!]!;
}
