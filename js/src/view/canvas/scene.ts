/**
 * The canvas: what the state's picture has, where the layout puts it, as far as the camera sees it.
 *
 * Close up, cards are elements and links are SVG, made for what is in view and taken away behind it. Far out, or where
 * there are too many, coloured boxes are painted on a canvas beneath. Small graphs are elements throughout.
 */

import type { Step } from "../../analysis/steps.ts";
import type { Point } from "../../layout/index.ts";
import type { Group, Item } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import type { Rankdir } from "../../session/traits.ts";
import { type Box, clamp, grown, middleOf, overlaps } from "../box.ts";
import type { Moves } from "../card/leaf.ts";
import { type At, button, h, s, toggle } from "../dom.ts";
import { type Acts, actOnKey, listenToActs } from "./acts.ts";
import { Camera, MARGIN } from "./camera.ts";
import { tilesAround } from "./clip.ts";
import { Elements } from "./elements.ts";
import { Field } from "./field.ts";
import { Frames } from "./frames.ts";
import { panByPointers, zoomByWheel } from "./gestures.ts";
import { Highlight } from "./highlight.ts";
import { type Legend, legendOf } from "./legend.ts";
import { isNear, mark } from "./marks.ts";
import { Overview } from "./overview.ts";
import { Paper } from "./paper.ts";
import { boxOf, isOutgrown, isSmall, MOST_CARDS, openRowOf, type Plan } from "./plan.ts";
import { HIGHEST, Planner } from "./planner.ts";
import { type Search, searchOf } from "./search.ts";
import type { Seen } from "./svg.ts";

/** Smaller, texts can't be read. */
const READABLE = 0.55;
/** Limit of links that keep up with a hand when all are elements. */
const MOST_EDGES = 300;
/** Pixels around the view in which elements are made. */
const AROUND = 120;
/** The most that a canvas is high where one moves about. */
const HIGH = 560;
/** Pixels that a click may miss a box by, far out. */
const NEAR = 6;
/** Farther than any drawing goes. */
const EVERYWHERE = 1e9;

/** Acts that change the model. */
export interface SceneActions {
  select(node: number): void;
  /** Have these groups open. */
  open(groups: readonly number[]): void;
}

export class Scene {
  readonly element = h("div", "scene");
  /** Buttons for the bar. */
  readonly tools: HTMLElement;
  readonly #state: State;
  readonly #actions: SceneActions;
  readonly #camera: Camera;
  readonly #planner: Planner;
  readonly #elements: Elements;
  readonly #overview: Overview;
  readonly #search: Search;
  readonly #paper: Paper;
  readonly #legend: Legend;
  readonly #canvas = h("div", "canvas");
  /** Beneath the canvas: what would lie over the drawing. */
  readonly #strip = h("div", "strip");
  readonly #highlight: Highlight;
  readonly #frames = new Frames();
  readonly #acts: Acts = {
    select: (node) => this.#actions.select(node),
    fold: (group) => this.#fold(group),
    hover: (node) => {
      if (node === this.#highlight.hovered) return;
      this.#highlight.hovered = node;
      this.#mark();
    },
    search: () => this.#search.open(),
    itemAt: (event) => this.#itemAt(event),
  };
  readonly #sizes = new ResizeObserver(() => {
    if (this.#plan && this.element.clientWidth !== this.#seen) this.#look();
    this.#seen = this.element.clientWidth;
  });
  #plan: Plan | undefined;
  #field: Field | undefined;
  /** The width of the canvas when it was last looked at. */
  #seen = 0;
  /** The scale that is not the reader's choice. */
  #usual = 1;
  #asked = 0;
  /** The painter draws everything, or only the lines that are too many for elements. */
  #isFar = false;
  #isLined = false;
  /** A node that is to stay where it is seen when the plan changes. */
  #about: number | undefined;
  #selected: number | null = null;
  #step: Step | undefined;

  constructor(state: State, rankdir: Rankdir, moves: Moves, actions: SceneActions) {
    this.#state = state;
    this.#actions = actions;
    const { messages } = state;
    this.#camera = new Camera(() => this.#draw());
    this.#planner = new Planner(state, rankdir, (plan) => this.#show(plan));
    this.#elements = new Elements(state, this.#camera.board, moves, this.#fold, (sample, isSum) => {
      state.folds.showSample(sample, isSum);
      this.update();
    });
    this.#overview = new Overview(state, this.#camera);
    this.#strip.append(this.#overview.element);
    this.#paper = new Paper(state, this.#camera, () => this.#ask());
    this.#highlight = new Highlight(state);
    this.#legend = legendOf(state);
    this.#camera.element.setAttribute("aria-label", messages.graph);
    const drawing = s(
      "svg",
      "lines",
      { "aria-hidden": "true" },
      this.#frames.shades,
      this.#elements.lines,
      this.#elements.numbers,
    );
    this.#camera.board.append(drawing, this.#frames.titles);
    const { element: paper } = this.#paper;
    this.#canvas.append(paper, this.#legend.element, this.#camera.element, this.#planner.element);
    this.element.append(this.#canvas, this.#strip);
    this.#search = searchOf(state, (node) => this.#find(node));
    this.tools = h(
      "span",
      "group tools",
      {},
      this.#search.element,
      button("⤢", messages.fitHint, () => this.#camera.showAll(), "button", messages.fit),
    );
    zoomByWheel(this.#camera);
    panByPointers(this.#camera);
    listenToActs(state, this.element, this.#elements, this.#acts);
    this.#sizes.observe(this.element);
  }

  /** Subject of a picture: all of a small graph, else what is in view; undefined until that is laid out. */
  get seen(): Seen | undefined {
    if (!this.#plan) return undefined;
    const { board, view } = this.#camera;
    const { width, height } = this.#plan.layout;
    const all = grown({ x: 0, y: 0, width, height }, MARGIN);
    return { board, paper: this.#paper.element, box: this.#isSmall && !this.#isFar ? all : view };
  }

  /** Width of the graph as it is laid out; a large one is looked at in parts. */
  get neededWidth(): number {
    return this.#isSmall ? (this.#plan?.layout.width ?? 0) + 2 * MARGIN : 0;
  }

  get #isSmall(): boolean {
    return isSmall(this.#state.picture);
  }

  stop(): void {
    this.#camera.stop();
    this.#sizes.disconnect();
    this.#overview.stop();
    this.#planner.stop();
    this.#paper.stop();
    cancelAnimationFrame(this.#asked);
  }

  // -- where things go -----------------------------------------------------------------------------------------------

  /** Lay out for a width. */
  resize(width: number): void {
    if (!this.#planner.resize(width)) return;
    // A large graph is wider than any page: how wide that is changes nothing, unless its cards do.
    const same =
      this.#plan?.picture === this.#state.picture && this.#plan.form.isShort === this.#planner.isNarrow;
    if (same && !this.#isSmall) this.#look();
    else this.#planner.plan(this.#plan);
  }

  /** Lay out anew where numbers have outgrown their places: not while they change, which would shake the drawing. */
  widen(): void {
    if (this.#plan && this.#isSmall && isOutgrown(this.#state, this.#plan))
      this.#planner.plan(this.#plan, this.#plan.direction);
  }

  #show(plan: Plan): void {
    const before = this.#plan;
    const anchor = before && this.#anchor(before);
    this.#plan = plan;
    this.#field = new Field(plan.layout, plan.sizes, plan.picture.links);
    toggle(this.element, "compact", plan.form.isShort);
    toggle(this.element, "asked", !plan.numbered);
    if (before) this.#elements.carryOver(before, plan);
    this.#frames.show(this.#state, plan, this.#fold);
    this.#overview.show(plan, this.#planner.width);
    this.#legend.update(plan.direction);
    this.#look();
    const item = plan.picture.itemOf[anchor?.node ?? this.#start()]!;
    const to = middleOf(boxOf(plan, item));
    if (anchor || !this.#camera.seesAll) this.#camera.show(to, anchor?.at);
    this.update();
  }

  /** Node in view at first: the first parameter, where there is something to move. */
  #start(): number {
    const { leaves, subject } = this.#state;
    return leaves.find((leaf) => this.#state.kind(leaf) === "parameter") ?? subject;
  }

  /** Node that stays in place when all else moves: the selection, or what is in the middle. */
  #anchor(plan: Plan): { node: number; at: Point } | undefined {
    const { view } = this.#camera;
    const { selected } = this.#state;
    const about = this.#about ?? selected ?? undefined;
    this.#about = undefined;
    const { itemOf } = plan.picture;
    const item = about === undefined ? this.#field!.at(middleOf(view), view.width) : itemOf[about];
    const node = item === undefined ? -1 : itemOf.indexOf(item);
    if (item === undefined || node < 0) return undefined;
    return { node, at: this.#camera.seenAt(middleOf(boxOf(plan, item))) };
  }

  /** The window, and the scale where the reader hasn't chosen one. */
  #look(): void {
    const { layout, form } = this.#plan!;
    const width = this.element.clientWidth || this.#planner.width;
    const high = this.#isSmall ? (HIGHEST - 2 * MARGIN) / layout.height : 1;
    const usual = clamp(Math.min((width - 2 * MARGIN) / layout.width, high), form.least, 1);
    const scale = this.#camera.scale === this.#usual ? usual : this.#camera.scale;
    const height = Math.ceil(Math.min(layout.height * usual + 2 * MARGIN, this.#isSmall ? HIGHEST : HIGH));
    this.#usual = usual;
    this.#canvas.style.height = `${height}px`;
    this.#camera.look(layout, { width, height }, scale);
  }

  /** Place the legend in a free corner, or beneath where not all is seen. */
  #placeOverlays(): void {
    const camera = this.#camera;
    const toSeen = (box: Box) => ({
      ...camera.seenAt(box),
      width: box.width * camera.scale,
      height: box.height * camera.scale,
    });
    const isFree = camera.seesAll && this.#legend.place(this.#plan!, camera.room, toSeen);
    if (isFree) this.#canvas.append(this.#legend.element);
    else this.#strip.prepend(this.#legend.element);
    this.#strip.hidden = isFree && this.#overview.element.hidden;
  }

  // -- what is seen of it --------------------------------------------------------------------------------------------

  /** Show what the state says now. */
  update(): void {
    const { picture } = this.#planner;
    const plan = this.#plan;
    const isOther =
      picture !== undefined &&
      (this.#state.picture !== picture || (plan?.picture === picture && this.#isOutdated(plan)));
    if (isOther) this.#planner.plan(this.#plan);
    if (isOther || !this.#plan) return;
    this.#legend.update(this.#plan.direction);
    this.#elements.update();
    this.#mark();
    this.#ask();
    this.#overview.update();
    const { selected, currentStep } = this.#state;
    if (selected !== this.#selected && selected !== null) this.#reveal(selected);
    else if (currentStep && currentStep !== this.#step) this.#reveal(currentStep.node);
    this.#selected = selected;
    this.#step = currentStep;
  }

  /** A new selection takes another plan: its row is to be open, or its neuron to show its rows. */
  #isOutdated(plan: Plan): boolean {
    if (this.#state.selected === this.#selected || !this.#isSmall) return false;
    return openRowOf(this.#state, plan.picture, plan) !== plan.openRow || isOutgrown(this.#state, plan);
  }

  /** Bring a node into view, if it is not. */
  #reveal(node: number): void {
    const { picture } = this.#plan!;
    const middle = middleOf(boxOf(this.#plan!, picture.itemOf[node]!));
    const isSeen = overlaps({ ...middle, width: 0, height: 0 }, this.#camera.view);
    if (!isSeen) this.#camera.centre(middle);
  }

  /** Choose a node that was looked for, and bring it into the window too. */
  #find(node: number): void {
    if (node !== this.#state.selected) this.#actions.select(node);
    const item = this.#plan?.picture.itemOf[node];
    const { element } = this.#elements.cards.get(item ?? -1) ?? this.#camera;
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** The camera has moved: make what has come into view. */
  #draw(): void {
    const [plan, field] = [this.#plan, this.#field];
    if (!plan || !field) return;
    const { view, scale } = this.#camera;
    this.#isFar = scale < READABLE || (!this.#isSmall && field.items(view).length > MOST_CARDS);
    const part = grown(view, this.#isSmall ? EVERYWHERE : AROUND / scale);
    const items = this.#isFar ? [] : field.items(part);
    let links = this.#isFar ? [] : field.links(part);
    this.#isLined = !this.#isSmall && links.length > MOST_EDGES;
    if (this.#isLined)
      links = links.filter((link) => isNear(this.#state, this.#highlight.hovered, plan.picture.links[link]!));
    this.#elements.show(plan, items, links, this.#isSmall ? undefined : tilesAround(view));
    this.#frames.draw(this.#isFar && !this.#isSmall ? undefined : part);
    this.#mark();
    this.#overview.move(this.#isFar);
    this.#placeOverlays();
    this.#ask();
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
    if (this.#isFar) this.#paper.paintAll(plan, field);
    else this.#paper.paintRest(plan, field, this.#elements.edges, this.#elements.tiles!);
  }

  // -- what is singled out -------------------------------------------------------------------------------------------

  /** Light up a path; none of its slots: no longer. */
  point(slots: readonly number[]): void {
    this.#highlight.pointed = slots;
    this.#mark();
  }

  #mark(): void {
    if (this.#plan) mark(this.#state, this.#plan, this.#elements, this.#highlight);
  }

  // -- what a reader does --------------------------------------------------------------------------------------------

  /** Do what a key is for; true if it is one of the canvas. */
  key(event: KeyboardEvent): boolean {
    return actOnKey(this.#state, this.#camera, this.#acts, event);
  }

  /** The item at an event, far out the nearest. */
  #itemAt(event: At<MouseEvent>): Item | undefined {
    const { element, scale } = this.#camera;
    if (!this.#isFar || !element.contains(event.target)) return this.#elements.itemOf(event.target);
    const place = this.#camera.placeAt(this.#camera.pointOf(event));
    return this.#plan!.picture.items[this.#field!.at(place, NEAR / scale) ?? -1];
  }

  /** Open a group, or fold it. */
  readonly #fold = (group: Group) => {
    this.#about = group.nodes.at(-1);
    this.#actions.open(this.#state.folds.toggled(group.id));
  };
}
