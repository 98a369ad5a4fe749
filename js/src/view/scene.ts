/** The canvas: cards and edges where the layout puts them. */

import { type Layout, layout, type Point, type Size } from "../layout.ts";
import type { Edge, State } from "../state.ts";
import { Card } from "./card.ts";
import { h, s } from "./dom.ts";
import { EdgeView } from "./edges.ts";
import type { Moves } from "./leaf.ts";

/** Below this width anonymous operations shrink to circles, and only the numbers asked for are shown on edges. */
const COMPACT_BELOW = 900;
const MARGIN = 14;
/** The least width of a card, and its height: as its rows are in the style sheet. */
const SIZES = {
  parameter: { least: 121, height: 116 },
  input: { least: 118, height: 90 },
  operation: { least: 100, height: 50 },
};
const WIDEST = 176;
/** Pixels per character of a name and of a derivative, and what stands beside them: a number, a gap, the padding. */
const LETTER = 7;
const SMALL_LETTER = 6.6;
const BESIDE = 75;
/** A graph that is a little too wide is drawn smaller, while its smallest text keeps 11 px. */
const SMALLEST_SCALE = 0.92;

const PILL: Size = { width: 43, height: 18 };
const RIM = 3;
const SMALL_PILL: Size = { width: 35, height: 16 };

/** Where everything goes, decided but not yet drawn. */
interface Plan {
  readonly compact: boolean;
  readonly sizes: readonly Size[];
  readonly layout: Layout;
}

export class Scene {
  readonly element = h("div", "canvas");
  readonly #state: State;
  readonly #moves: Moves;
  readonly #onSelect: (node: number) => void;
  readonly #board = h("div", "board");
  readonly #frame = h("div", "frame", {}, this.#board);
  #cards: Card[] = [];
  #edges: EdgeView[] = [];
  #shown: Plan | undefined;
  #width = 0;
  #hovered: number | undefined;
  /** Operand slots of a road that is pointed at in the inspector. */
  #pointed: ReadonlySet<number> = new Set();
  /** The kinds that the cards were made for: freezing a leaf changes its card. */
  #kinds = "";

  constructor(state: State, moves: Moves, onSelect: (node: number) => void) {
    this.#state = state;
    this.#moves = moves;
    this.#onSelect = onSelect;
    this.element.append(this.#frame);
    this.#board.addEventListener("click", (event) => this.#clicked(event));
    this.#board.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLElement) this.#choose(event.target);
    });
    this.#board.addEventListener("pointerover", (event) => this.#hover(event));
    this.#board.addEventListener("pointerleave", () => this.#setHovered(undefined));
  }

  /** What the graph takes as it is laid out. */
  get neededWidth(): number {
    return (this.#shown?.layout.width ?? 0) + 2 * MARGIN;
  }

  /** Lay out for a width: with every name and number, or where that is too wide and less is not, compactly. */
  resize(width: number): void {
    if (width <= 0 || width === this.#width) return;
    this.#width = width;
    const room = (width - 2 * MARGIN) / SMALLEST_SCALE;
    const full = width < COMPACT_BELOW ? undefined : this.#plan(false);
    const plan = full && full.layout.width <= room ? full : this.#plan(true);
    this.#show(full && plan.layout.width > room ? full : plan);
  }

  /** Show what the state says now. */
  update(): void {
    if (this.#kinds !== "" && this.#kindsNow() !== this.#kinds) {
      this.#shown = undefined;
      const width = this.#width;
      this.#width = 0;
      this.resize(width);
      return;
    }
    for (const card of this.#cards) card.update();
    const flowing = this.#state.edges.filter((edge) => this.#state.flows(edge));
    const largest = flowing.reduce((most, edge) => {
      const size = Math.abs(this.#state.contribution(edge));
      return size > most && size < Infinity ? size : most;
    }, 0);
    for (const edge of this.#edges) edge.update(largest);
    this.#mark();
  }

  #plan(compact: boolean): Plan {
    const { graph, edges } = this.#state;
    const sizes = graph.ops.map((_, id) => this.#sizeOf(id, compact));
    const pill = compact ? undefined : PILL;
    const placed = layout({
      sizes,
      edges: edges.map(({ producer: from, consumer: to, slot }) => ({
        from,
        to,
        slot,
        ...(pill && { pill }),
      })),
      layerGap: compact ? 38 : 46,
      nodeGap: compact ? 12 : 16,
      maxWidth: (this.#width - 2 * MARGIN) / SMALLEST_SCALE,
    });
    return { compact, sizes, layout: placed };
  }

  #show(plan: Plan): void {
    if (this.#shown?.compact !== plan.compact) this.#build(plan);
    this.#shown = plan;
    const { nodes, routes, width, height } = plan.layout;
    for (const [id, card] of this.#cards.entries()) card.place(nodes[id]!, plan.sizes[id]!);
    for (const [i, edge] of this.#edges.entries()) edge.place(routes[i]!, plan.compact ? SMALL_PILL : PILL);
    const scale = clamp((this.#width - 2 * MARGIN) / width, SMALLEST_SCALE, 1);
    this.#board.style.cssText = `width:${width}px;height:${height}px;transform:scale(${scale.toFixed(4)})`;
    this.#frame.style.cssText = `width:${Math.ceil(width * scale)}px;height:${Math.ceil(height * scale)}px`;
    this.update();
  }

  #build({ compact }: Plan): void {
    const { graph, edges } = this.#state;
    this.#kinds = this.#kindsNow();
    this.#cards = graph.ops.map(
      (_, id) => new Card(this.#state, id, this.#isRound(id, compact), this.#moves),
    );
    this.#edges = edges.map((edge) => new EdgeView(this.#state, edge));
    // Numbers above all lines: where lines meet, none runs through a number.
    const lines = this.#edges.map((edge) => edge.lines);
    const numbers = this.#edges.map((edge) => edge.element);
    const drawing = s("svg", "lines", { "aria-hidden": "true" }, ...lines, ...numbers);
    this.#board.replaceChildren(drawing, ...this.#cards.map((card) => card.element));
    this.element.classList.toggle("agw-compact", compact);
  }

  /** Light up a road; none of its slots: no longer. */
  point(slots: readonly number[]): void {
    this.#pointed = new Set(slots);
    this.#mark();
  }

  /** What is pointed at, else what is chosen: its edges stay, the rest steps back. */
  #mark(): void {
    const { selected, currentStep } = this.#state;
    const lit = this.#lit();
    for (const [id, card] of this.#cards.entries()) card.mark(id === selected, id === currentStep?.node);
    const near: EdgeView[] = [];
    for (const view of this.#edges) {
      const isNear = this.#isNear(view.edge);
      const isLit = lit?.(view.edge) ?? false;
      view.mark(isLit, lit !== undefined && !isLit, isNear);
      if (isNear) near.push(view);
    }
    if (this.#shown?.compact) this.#placePillsOf(near);
  }

  /** Which edges belong to it; undefined: none is singled out. */
  #lit(): ((edge: Edge) => boolean) | undefined {
    const { selected, currentStep } = this.#state;
    if (this.#pointed.size > 0) return (edge) => this.#pointed.has(edge.index);
    if (this.#hovered !== undefined && this.#hovered !== selected) {
      const related = this.#state.relatedTo(this.#hovered);
      return (edge) => related.has(edge);
    }
    if (currentStep) {
      // A value comes from the operands, a gradient goes to them.
      return (edge) => currentStep.kind !== "seed" && edge.consumer === currentStep.node;
    }
    if (selected === null) return undefined;
    const roads = this.#state.roadsThrough(selected);
    return (edge) => roads.has(edge);
  }

  #kindsNow(): string {
    return this.#state.leaves.map((leaf) => this.#state.kind(leaf)[0]).join("");
  }

  #isNear({ producer, consumer }: Edge): boolean {
    const { selected, currentStep } = this.#state;
    return [selected, this.#hovered, currentStep?.node].some(
      (node) => node === producer || node === consumer,
    );
  }

  /** In a narrow place numbers on edges are placed when asked for, where they cover nothing. */
  #placePillsOf(views: EdgeView[]): void {
    const { sizes, layout } = this.#shown!;
    // A number may lie on the rim of a card: there is only air.
    const taken: Box[] = sizes.map(({ width, height }, id) => {
      const { x, y } = layout.nodes[id]!;
      return { x: x + RIM, y: y + RIM, width: width - 2 * RIM, height: height - 2 * RIM };
    });
    const { width, height } = SMALL_PILL;
    const around = ({ x, y }: Point) => ({ x: x - width / 2, y: y - height / 2, width, height });
    for (const view of views) {
      const points = pointsOf(layout.routes[view.edge.index]!.path);
      const free = points.find((point) => !taken.some((box) => overlaps(box, around(point))));
      view.placePill(free);
      if (free) taken.push(around(free));
    }
  }

  #clicked(event: MouseEvent): void {
    if (event.target instanceof Element && !event.target.closest("input, button")) this.#choose(event.target);
  }

  #choose(target: Element): void {
    if (target.closest("input, button")) return;
    const card = target.closest<HTMLElement>("[data-node]");
    if (card) this.#onSelect(Number(card.dataset.node));
  }

  #hover(event: PointerEvent): void {
    const card = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-node]") : null;
    this.#setHovered(card ? Number(card.dataset.node) : undefined);
  }

  #setHovered(node: number | undefined): void {
    if (node === this.#hovered) return;
    this.#hovered = node;
    this.#mark();
  }

  #isRound(id: number, compact: boolean): boolean {
    return compact && this.#state.kind(id) === "operation" && !this.#state.names.label(id);
  }

  #sizeOf(id: number, compact: boolean): Size {
    const { names } = this.#state;
    const kind = this.#state.kind(id);
    if (this.#isRound(id, compact)) return { width: 40, height: 40 };
    const name = names.of(id);
    if (kind === "constant") return { width: clamp(LETTER * name.length + 30, 48, 120), height: 28 };
    const note = kind === "operation" && names.label(id) && !compact ? 1 + names.expression(id).length : 0;
    const derivative = `∂${names.label(this.#state.subject) || "·"}/∂${names.label(id) || "·"}`;
    const text = Math.max(LETTER * (name.length + note), SMALL_LETTER * derivative.length);
    const { least, height } = SIZES[kind];
    return { width: Math.round(clamp(text + BESIDE, least, WIDEST)), height };
  }
}

function clamp(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x));
}

interface Box extends Point, Size {}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Points along cubic Bézier curves: first those near the consumer, where no other edge of the producer runs. */
function pointsOf(path: readonly number[]): Point[] {
  const curves = (path.length - 2) / 6;
  const steps = [0.6, 0.65, 0.55, 0.7, 0.5, 0.75, 0.8, 0.45, 0.85, 0.4, 0.35, 0.3, 0.25, 0.2].map(
    (t) => t * curves,
  );
  return steps.map((t) => {
    const k = Math.min(curves - 1, Math.floor(t));
    const u = t - k;
    const at = (i: number) => path[k * 6 + i]!;
    const bezier = (i: number) =>
      at(i) * (1 - u) ** 3 +
      3 * at(i + 2) * u * (1 - u) ** 2 +
      3 * at(i + 4) * u * u * (1 - u) +
      at(i + 6) * u ** 3;
    return { x: bezier(0), y: bezier(1) };
  });
}
