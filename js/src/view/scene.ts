/**
 * The canvas: what the state's picture has, where the layout puts it, as far as the camera sees it.
 *
 * Close up, cards are elements and links are SVG, made for what is in view and taken away behind it. Far out, or where
 * there are too many, coloured boxes are painted on a canvas beneath. Small graphs are elements throughout.
 */

import type { Copies } from "../folds.ts";
import type { Direction, Point } from "../layout.ts";
import { type Group, type Item, type Link, nodesOf, type Picture } from "../picture.ts";
import type { Edge, State } from "../state.ts";
import { Camera, MARGIN, ZOOM } from "./camera.ts";
import { Card } from "./card.ts";
import { tilesAround } from "./clip.ts";
import { button, h, on, s, setText } from "./dom.ts";
import { EdgeView } from "./edges.ts";
import { Field } from "./field.ts";
import { Frames } from "./frames.ts";
import { CopyCard, GroupCard } from "./group.ts";
import { Highlight } from "./highlight.ts";
import type { Moves } from "./leaf.ts";
import { Overview } from "./overview.ts";
import { Paper } from "./paper.ts";
import { type Box, clamp, isRound, isSameBox, overlaps, type Plan, planned, roughPlan } from "./plan.ts";
import { Search } from "./search.ts";
import type { Seen } from "./svg.ts";

/** Below this width anonymous operations shrink to circles, and only the numbers asked for are shown on edges. */
const COMPACT_BELOW = 900;
/** A graph that is a little too wide is drawn smaller, while its smallest text keeps 11 px. */
const SMALLEST_SCALE = 0.92;
/** Smaller, texts can't be read. */
const READABLE = 0.55;
/** As many elements as keep up with a hand. A graph with no more cards is small. */
const MOST_CARDS = 150;
const MOST_EDGES = 300;
/** How far around what is seen elements are made, in pixels. */
const AROUND = 120;
/** The most that a canvas is high: where all can be seen, and where one moves about. */
const HIGHEST = 900;
const HIGH = 560;
/** How long a slice of the layout's work may take. */
const SLICE_MS = 20;
const MOVE_MS = 250;
/** What a click may miss a box by, far out. */
const NEAR = 6;
/** What an arrow key moves the view by. */
const STRIDE = 80;
/** Farther than any drawing goes. */
const EVERYWHERE = 1e9;
/** How far a number may lie on a card. */
const RIM = 3;

type AnyCard = Card | GroupCard | CopyCard;

/** What else the canvas can be asked for. */
export interface SceneActions {
  select(node: number): void;
  /** Have these groups open. */
  open(groups: readonly number[]): void;
}

export class Scene {
  readonly element = h("div", "canvas");
  /** Buttons for the bar. */
  readonly tools: HTMLElement;
  readonly #state: State;
  readonly #direction: Direction;
  readonly #moves: Moves;
  readonly #actions: SceneActions;
  readonly #ended = new AbortController();
  readonly #camera: Camera;
  readonly #overview: Overview;
  readonly #search: Search;
  readonly #paper: Paper;
  readonly #highlight: Highlight;
  readonly #lines = s("g", "");
  readonly #numbers = s("g", "");
  readonly #frames = new Frames();
  readonly #copies: HTMLButtonElement;
  readonly #working = h("div", "working", { role: "status", hidden: true });
  readonly #sizes = new ResizeObserver(() => {
    if (this.#plan && this.element.clientWidth !== this.#seen) this.#look();
    this.#seen = this.element.clientWidth;
  });
  /** By item and by link: what is an element just now. */
  readonly #cards = new Map<number, AnyCard>();
  readonly #edges = new Map<number, EdgeView>();
  #plan: Plan | undefined;
  #field: Field | undefined;
  /** Where things were before the last change of the plan, and how far they have come. */
  #from: { plan: Plan; paths: Map<string, readonly number[]>; begun: number } | undefined;
  #placed: Plan | undefined;
  /** The picture that was given to the layout. */
  #laidOut: Picture | undefined;
  #width = 0;
  /** The width of the canvas when it was last looked at. */
  #seen = 0;
  /** The scale that is not the reader's choice. */
  #usual = 1;
  #work: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  /** Whether the painter draws everything, or only the lines that are too many for elements. */
  #isFar = false;
  #isLined = false;
  /** The part of the drawing in which lines are drawn; undefined: all of it. */
  #tiles: Box | undefined;
  /** A node that is to stay where it is seen when the plan changes. */
  #about: number | undefined;
  #selected: number | null = null;

  constructor(state: State, direction: Direction, moves: Moves, actions: SceneActions) {
    this.#state = state;
    this.#direction = direction;
    this.#moves = moves;
    this.#actions = actions;
    const { messages } = state;
    const { signal } = this.#ended;
    this.#camera = new Camera(() => this.#draw(), signal);
    this.#overview = new Overview(state, this.#camera, () => this.#ask());
    this.#paper = new Paper(state, this.#camera, () => this.#ask());
    this.#highlight = new Highlight(state);
    const rough = () => this.#show(roughPlan(state, this.#width < COMPACT_BELOW, direction));
    const count = messages.layingOut(state.picture.items.length);
    this.#working.append(count, " ", button(messages.cancel, messages.cancel, rough));
    const flow = legend(messages.flow(direction), direction);
    this.#camera.element.setAttribute("aria-label", messages.graph);
    const drawing = s(
      "svg",
      "lines",
      { "aria-hidden": "true" },
      this.#frames.shades,
      this.#lines,
      this.#numbers,
    );
    this.#camera.board.append(drawing, this.#frames.titles);
    this.element.append(
      this.#paper.element,
      flow,
      this.#camera.element,
      this.#overview.element,
      this.#working,
    );
    this.#copies = button("", messages.copiesHint, () => this.#nextCopies());
    this.#copies.hidden = state.leaves.every((leaf) => state.consumersOf(leaf).length < 2);
    this.#search = new Search(state, (node) => node !== state.selected && actions.select(node));
    this.tools = h(
      "span",
      "group tools",
      {},
      this.#search.element,
      this.#copies,
      button("⤢", messages.fitHint, () => this.#camera.showAll(), "button", messages.fit),
    );
    on(this.element, ["click"], (event) => this.#clicked(event));
    on(this.element, ["keydown"], (event) => {
      if (event.key !== "Enter" || !(event.target instanceof HTMLElement)) return;
      if (event.shiftKey) this.#foldAround(event.target);
      else this.#choose(event.target);
    });
    on(this.element, ["pointerover"], (event) => this.#hover(event.target));
    on(this.element, ["pointerleave"], () => this.#hover(null));
    this.#sizes.observe(this.element);
  }

  /** What a picture of the canvas shows: all of a small graph, else what is in view; undefined until that is laid out. */
  get seen(): Seen | undefined {
    if (!this.#plan) return undefined;
    const { board, view } = this.#camera;
    const { width, height } = this.#plan.layout;
    const all = { x: -MARGIN, y: -MARGIN, width: width + 2 * MARGIN, height: height + 2 * MARGIN };
    return { board, paper: this.#paper.element, box: this.#isSmall && !this.#isFar ? all : view };
  }

  /** What the graph takes as it is laid out; a large one is looked at in parts. */
  get neededWidth(): number {
    return this.#isSmall ? (this.#plan?.layout.width ?? 0) + 2 * MARGIN : 0;
  }

  get #isSmall(): boolean {
    return this.#state.picture.items.length <= MOST_CARDS;
  }

  stop(): void {
    this.#ended.abort();
    this.#sizes.disconnect();
    this.#overview.stop();
    clearTimeout(this.#work);
    this.#paper.stop();
    cancelAnimationFrame(this.#asked);
  }

  // -- where things go -----------------------------------------------------------------------------------------------

  /** Lay out for a width. */
  resize(width: number): void {
    if (width <= 0 || width === this.#width) return;
    this.#width = width;
    // A large graph is wider than any page: how wide that is changes nothing, unless its cards do.
    const same = this.#plan?.picture === this.#state.picture && this.#plan.compact === width < COMPACT_BELOW;
    if (same && !this.#isSmall) this.#look();
    else this.#layOut();
  }

  /** Small graphs at once, larger ones in slices, with a word about it and a way out. */
  #layOut(): void {
    clearTimeout(this.#work);
    this.#laidOut = this.#state.picture;
    const small = this.#isSmall;
    const work = this.#plans();
    const slice = () => {
      const until = performance.now() + SLICE_MS;
      do {
        const step = work.next();
        if (step.done) return this.#show(step.value);
      } while (small || performance.now() < until);
      this.#work = setTimeout(slice);
    };
    this.#working.hidden = small;
    slice();
  }

  /** With every name and number, or where that is too wide and less is not, compactly. */
  *#plans(): Generator<unknown, Plan> {
    const room = (this.#width - 2 * MARGIN) / SMALLEST_SCALE;
    const plan = (compact: boolean) => planned(this.#state, compact, this.#direction, room, this.#plan);
    if (this.#width < COMPACT_BELOW) return yield* plan(true);
    const full = yield* plan(false);
    if (full.layout.width <= room || !this.#isSmall) return full;
    const compact = yield* plan(true);
    return compact.layout.width > room ? full : compact;
  }

  #show(plan: Plan): void {
    clearTimeout(this.#work);
    this.#working.hidden = true;
    const before = this.#plan;
    const anchor = before && this.#anchor(before);
    this.#plan = plan;
    this.#field = new Field(plan.layout, plan.sizes);
    this.element.classList.toggle("agw-compact", plan.compact);
    this.element.classList.toggle("agw-asked", plan.compact || !plan.numbered);
    if (before) this.#carryOver(before, plan);
    this.#frames.show(this.#state, plan, this.#fold);
    this.#overview.show(plan);
    this.#look();
    const item = plan.picture.itemOf[anchor?.node ?? this.#start()]!;
    const to = middleOf(plan, item);
    if (anchor) this.#camera.show(to, anchor.at);
    else if (!this.#camera.seesAll) this.#camera.centre(to, undefined, false);
    this.update();
  }

  /** What one begins with: the first parameter, where there is something to move. */
  #start(): number {
    const { leaves, subject } = this.#state;
    return leaves.find((leaf) => this.#state.kind(leaf) === "parameter") ?? subject;
  }

  /** What stays where it is seen when all else moves: what is chosen, or what is in the middle. */
  #anchor({ picture, ...plan }: Plan): { node: number; at: Point } | undefined {
    const { view, scale } = this.#camera;
    const middle = { x: view.x + view.width / 2, y: view.y + view.height / 2 };
    const { selected } = this.#state;
    const about = this.#about ?? selected ?? undefined;
    this.#about = undefined;
    const item = about === undefined ? this.#field!.at(middle, view.width) : picture.itemOf[about];
    const node = item === undefined ? -1 : picture.itemOf.indexOf(item);
    if (item === undefined || node < 0) return undefined;
    const place = middleOf({ picture, ...plan }, item);
    return { node, at: { x: (place.x - view.x) * scale, y: (place.y - view.y) * scale } };
  }

  /** Keep the cards that are still what they were; let everything come from where it was. */
  #carryOver(before: Plan, plan: Plan): void {
    const cards = [...this.#cards];
    this.#cards.clear();
    for (const [old, card] of cards) {
      const item = before.picture.items[old]!;
      const now = plan.picture.itemOf[nodesOf(item).at(-1)!]!;
      const then = plan.picture.items[now]!;
      const isSame =
        card instanceof Card
          ? then.kind === "node" && plan.compact === before.compact && card.kind === this.#state.kind(card.id)
          : item.kind === "group" && then.kind === "group" && item.group === then.group;
      if (isSame) this.#cards.set(now, card);
      else card.element.remove();
    }
    const paths = new Map<string, readonly number[]>();
    for (const [link, view] of this.#edges) {
      paths.set(view.name, before.layout.routes[link]!.path);
      view.remove();
    }
    this.#edges.clear();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || before.picture === plan.picture;
    this.#from = still ? undefined : { plan: before, paths, begun: performance.now() };
  }

  /** The window, and the scale where the reader hasn't chosen one. */
  #look(): void {
    const { layout } = this.#plan!;
    const width = this.element.clientWidth || this.#width;
    const usual = clamp((width - 2 * MARGIN) / layout.width, SMALLEST_SCALE, 1);
    const scale = this.#camera.scale === this.#usual ? usual : this.#camera.scale;
    const height = Math.ceil(Math.min(layout.height * usual + 2 * MARGIN, this.#isSmall ? HIGHEST : HIGH));
    this.#usual = usual;
    this.element.style.height = `${height}px`;
    this.#camera.look(layout, { width, height }, scale);
  }

  // -- what is seen of it --------------------------------------------------------------------------------------------

  /** Show what the state says now. */
  update(): void {
    const isOther = this.#laidOut !== undefined && this.#state.picture !== this.#laidOut;
    if (isOther) this.#layOut();
    if (isOther || !this.#plan) return;
    setText(this.#copies, this.#state.messages.copies[this.#state.folds.copies]);
    for (const card of this.#cards.values()) card.update();
    for (const edge of this.#edges.values()) edge.update();
    this.#mark();
    this.#ask();
    this.#overview.update();
    const { selected } = this.#state;
    if (selected !== this.#selected && selected !== null) {
      const item = this.#plan.picture.itemOf[selected]!;
      if (!isIn(middleOf(this.#plan, item), this.#camera.view))
        this.#camera.centre(middleOf(this.#plan, item));
    }
    this.#selected = selected;
  }

  /** The camera has moved: make what has come into view. */
  #draw(): void {
    const [plan, field] = [this.#plan, this.#field];
    if (!plan || !field) return;
    const { view, scale } = this.#camera;
    this.#isFar = scale < READABLE || (!this.#isSmall && field.items(view).length > MOST_CARDS);
    const around = this.#isSmall ? Infinity : AROUND / scale;
    const items = this.#isFar ? [] : field.items(view, around);
    let links = this.#isFar ? [] : field.links(view, around);
    this.#isLined = !this.#isSmall && links.length > MOST_EDGES;
    if (this.#isLined) links = links.filter((link) => this.#isNear(plan.picture.links[link]!));
    // In their order, which is that of the tab key.
    let next: Element | undefined;
    this.#keep(this.#cards, items.reverse(), (item) => {
      const card = this.#cards.get(item) ?? this.#makeCard(plan, item, next);
      next = card.element;
      return card;
    });
    const tiles = this.#isSmall ? undefined : tilesAround(view);
    const areOther = tiles !== undefined && !isSameBox(tiles, this.#tiles);
    this.#tiles = tiles;
    this.#keep(this.#edges, links, (link) => this.#edges.get(link) ?? this.#makeEdge(plan, link));
    this.#frames.draw(this.#isFar && !this.#isSmall ? undefined : grown(view, around));
    this.#place(areOther);
    this.#mark();
    this.#overview.move(this.#isFar);
    this.#ask();
  }

  /** Have elements for these and no others, but for one that has the focus. */
  #keep<T extends AnyCard | EdgeView>(
    shown: Map<number, T>,
    wanted: number[],
    partOf: (index: number) => T,
  ): void {
    const still = new Set(wanted);
    for (const [index, part] of shown) {
      if (still.has(index) || part.element.matches(":focus-within")) continue;
      part.remove();
      shown.delete(index);
    }
    for (const index of wanted) {
      const part = partOf(index);
      if (!shown.has(index)) part.update();
      shown.set(index, part);
    }
  }

  #makeCard(plan: Plan, item: number, next: Element | undefined): AnyCard {
    const shown = plan.picture.items[item]!;
    const isSymbol = isRound(this.#state, plan.picture, item, plan.compact);
    const card =
      shown.kind === "node"
        ? new Card(this.#state, shown.node, isSymbol, this.#moves)
        : shown.kind === "copy"
          ? new CopyCard(this.#state, shown.node)
          : new GroupCard(this.#state, shown.group, this.#fold);
    card.place(plan.layout.nodes[item]!, plan.sizes[item]!);
    this.#camera.board.insertBefore(card.element, next ?? null);
    return card;
  }

  #makeEdge(plan: Plan, index: number): EdgeView {
    const view = new EdgeView(this.#state, plan.picture.links[index]!);
    view.place(plan.layout.routes[index]!.path, plan.layout.routes[index]!.pill, plan, this.#tiles);
    this.#lines.append(view.lines);
    this.#numbers.append(view.element);
    return view;
  }

  /** Move everything on its way from where it was before the plan changed. */
  #place(areCutAnew = false): void {
    const [plan, from] = [this.#plan!, this.#from];
    const t = from ? Math.min(1, (performance.now() - from.begun) / MOVE_MS) : 1;
    const between = (a: number, b: number) => a + (b - a) * (1 - (1 - t) ** 3);
    if (t === 1) this.#from = undefined;
    if (!from && this.#placed === plan && !areCutAnew) return;
    this.#placed = plan;
    for (const [item, card] of this.#cards) {
      const to = plan.layout.nodes[item]!;
      const start = from ? startOf(from.plan, plan.picture.items[item]!) : to;
      card.place({ x: between(start.x, to.x), y: between(start.y, to.y) }, plan.sizes[item]!);
    }
    for (const [link, view] of this.#edges) {
      const { path, pill } = plan.layout.routes[link]!;
      const start = from?.paths.get(view.name);
      const way = start?.length === path.length ? path.map((x, i) => between(start[i]!, x)) : path;
      view.place(way, t < 1 && start ? undefined : pill, plan, this.#tiles);
    }
    if (t < 1) requestAnimationFrame(() => this.#plan === plan && this.#place());
  }

  /** Paint in the next frame, once. */
  #ask(): void {
    const isPainted = this.#isFar || this.#isLined;
    this.#paper.element.hidden = !isPainted;
    if (isPainted) this.#asked ||= requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    this.#asked = 0;
    const [plan, field] = [this.#plan!, this.#field!];
    if (this.#isFar) this.#paper.paintAll(plan, field, this.#overview.colouring);
    else this.#paper.paintRest(plan, field, this.#edges, this.#tiles!);
  }

  // -- what is singled out -------------------------------------------------------------------------------------------

  /** Light up a road; none of its slots: no longer. */
  point(slots: readonly number[]): void {
    this.#highlight.pointed = slots;
    this.#mark();
  }

  /** What is pointed at, else what is chosen: its edges stay, the rest steps back. */
  #mark(): void {
    const plan = this.#plan;
    if (!plan) return;
    const { selected, currentStep } = this.#state;
    const { itemOf } = plan.picture;
    const { lit, hovered } = this.#highlight;
    for (const [item, card] of this.#cards) {
      const shown = plan.picture.items[item]!;
      const isChosen = shown.kind === "copy" ? shown.node === selected : item === itemOf[selected ?? -1];
      card.mark(isChosen, shown.kind !== "copy" && item === itemOf[currentStep?.node ?? -1]);
      const isTwin = shown.kind !== "group" && shown.node === hovered;
      card.element.classList.toggle("agw-twin", isTwin);
    }
    const near: EdgeView[] = [];
    for (const view of this.#edges.values()) {
      const isNear = this.#isNear(view.link);
      const isLit = lit !== undefined && view.link.slots.some((slot) => lit[slot]);
      view.mark(isLit, lit !== undefined && !isLit, isNear);
      if (isNear) near.push(view);
    }
    if (plan.compact || !plan.numbered) this.#placePillsOf(near);
  }

  #isNear({ from, to }: Link): boolean {
    const { selected, currentStep, picture } = this.#state;
    const { items, itemOf } = picture;
    return [selected, this.#highlight.hovered, currentStep?.node].some((node) => {
      const item = itemOf[node ?? -1];
      const start = items[from]!;
      return item === from || item === to || (start.kind === "copy" && start.node === node);
    });
  }

  /** Where there is no room for all numbers they are placed when asked for, where they cover nothing. */
  #placePillsOf(views: EdgeView[]): void {
    const { sizes, layout, pill, picture } = this.#plan!;
    // A number may lie on the rim of a card: there is only air.
    const taken = [...this.#cards.keys()].map((item) => {
      const { x, y } = layout.nodes[item]!;
      const { width, height } = sizes[item]!;
      return { x: x + RIM, y: y + RIM, width: width - 2 * RIM, height: height - 2 * RIM };
    });
    const around = ({ x, y }: Point) => ({ x: x - pill.width / 2, y: y - pill.height / 2, ...pill });
    for (const view of views) {
      const points = pointsOf(layout.routes[picture.links.indexOf(view.link)]!.path);
      const free = points.find((point) => !taken.some((box) => overlaps(box, around(point))));
      view.placePill(free);
      if (free) taken.push(around(free));
    }
  }

  // -- what a reader does --------------------------------------------------------------------------------------------

  /** The keys of the canvas; true if it was one. */
  key({ key, shiftKey }: KeyboardEvent): boolean {
    const camera = this.#camera;
    const { selected, subject } = this.#state;
    const at = selected ?? subject;
    const arrows: Readonly<Record<string, [number, number]>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const arrow = shiftKey && Object.hasOwn(arrows, key) ? arrows[key] : undefined;
    const actions: Readonly<Record<string, () => void>> = {
      "+": () => camera.zoom(ZOOM, undefined, true),
      "=": () => camera.zoom(ZOOM, undefined, true),
      "-": () => camera.zoom(1 / ZOOM, undefined, true),
      "0": () => camera.showAll(),
      "/": () => this.#search.open(),
      "[": () => this.#jump(this.#state.operandsOf(at), ({ producer }) => producer),
      "]": () => this.#jump(this.#state.consumersOf(at), ({ consumer }) => consumer),
    };
    if (arrow) camera.pan(arrow[0] * STRIDE, arrow[1] * STRIDE, true);
    else if (Object.hasOwn(actions, key)) actions[key]!();
    else return false;
    return true;
  }

  /** To the node at the other end of the edge that carries most. */
  #jump(edges: readonly Edge[], end: (edge: Edge) => number): void {
    const size = (edge: Edge) => Math.abs(this.#state.contribution(edge));
    const [first] = [...edges].sort((a, b) => size(b) - size(a));
    if (first) this.#actions.select(end(first));
  }

  #clicked(event: MouseEvent): void {
    if (!(event.target instanceof Element) || event.target.closest("input, button")) return;
    if (!this.#isFar || !this.#camera.element.contains(event.target)) {
      this.#choose(event.target);
      return;
    }
    const place = this.#camera.placeAt(this.#camera.pointOf(event));
    const item = this.#field!.at(place, NEAR / this.#camera.scale);
    if (item !== undefined) this.#chooseItem(this.#plan!.picture.items[item]!);
  }

  #choose(target: Element): void {
    if (target.closest("input, button")) return;
    const item = this.#itemOf(target);
    if (item) this.#chooseItem(item);
  }

  #chooseItem(item: Item): void {
    if (item.kind === "group") this.#fold(item.group);
    else this.#actions.select(item.node);
  }

  /** Open a group, or fold it. */
  readonly #fold = (group: Group) => {
    this.#about = group.nodes.at(-1);
    this.#actions.open(this.#state.folds.toggled(group.id));
  };

  #nextCopies(): void {
    const next: Readonly<Record<Copies, Copies>> = { auto: "never", never: "all", all: "auto" };
    this.#state.setCopies(next[this.#state.folds.copies]);
    this.update();
  }

  /** Fold the innermost open group that something is in. */
  #foldAround(target: Element): void {
    const item = this.#itemOf(target);
    const { groups, open } = this.#state.folds;
    const node = item && nodesOf(item).at(-1)!;
    const around = groups.filter(
      ({ id, nodes }) => open.has(id) && node !== undefined && nodes.includes(node),
    );
    if (around.length > 0) this.#fold(around.at(-1)!);
  }

  /** The item whose card something is in. */
  #itemOf(target: EventTarget | null): Item | undefined {
    const card = target instanceof Element ? target.closest(".agw-card") : null;
    const [item] = [...this.#cards].find(([, { element }]) => element === card) ?? [];
    return item === undefined ? undefined : this.#plan!.picture.items[item];
  }

  #hover(target: EventTarget | null): void {
    const item = this.#itemOf(target);
    const node = item && nodesOf(item).at(-1);
    if (node === this.#highlight.hovered) return;
    this.#highlight.hovered = node;
    this.#mark();
  }
}

function legend([values, gradients]: readonly [string, string], direction: Direction): HTMLElement {
  const [there, back] = { LR: ["→", "←"], TB: ["↓", "↑"], BT: ["↑", "↓"] }[direction] as [string, string];
  return h("div", "legend", {}, `${values} ${there}`, h("br", ""), `${back} ${gradients}`);
}

/** Where an item was, or what it was in or of. */
function startOf({ picture, layout }: Plan, item: Item): Point {
  return layout.nodes[picture.itemOf[nodesOf(item).at(-1)!]!]!;
}

function middleOf({ layout, sizes }: Plan, item: number): Point {
  const { x, y } = layout.nodes[item]!;
  const { width, height } = sizes[item]!;
  return { x: x + width / 2, y: y + height / 2 };
}

function grown({ x, y, width, height }: Box, around: number): Box {
  const by = Math.min(around, EVERYWHERE);
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

function isIn({ x, y }: Point, box: Box): boolean {
  return x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height;
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
