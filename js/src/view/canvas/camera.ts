/**
 * The camera: which part of the drawing is seen, and how large. It moves by scrolling an element that a reader can't
 * scroll directly: so the page's wheel and touches stay the page's, and what gets the focus still comes into view.
 */

import type { Point, Size } from "../../layout/index.ts";
import { type Box, clamp, middleOf } from "../box.ts";
import { type At, focusedIn, h, isStill, on } from "../dom.ts";

export const MARGIN = 14;
const CLOSEST = 2.5;
/** One press of a key or button. */
export const ZOOM = 1.3;
/** A notch of a wheel is about 100. */
const WHEEL = 0.0022;
const SMOOTH_MS = 180;
/** A press that moves less is a click. */
const CLICK = 4;

/** Where the drawing's corner is in what is scrolled: in the middle of what is larger than the drawing, at its margin else. */
export function inset(drawn: number, scale: number, room: number): number {
  return Math.max(MARGIN, (room - drawn * scale) / 2);
}

/** The scale at which all is seen. */
export function fitting(drawing: Size, room: Size): number {
  const wide = (room.width - 2 * MARGIN) / drawing.width;
  const high = (room.height - 2 * MARGIN) / drawing.height;
  return Math.min(1, wide, high) || 1;
}

/** How far to scroll, so that a place in the drawing is seen at a place in the view. */
export function scrollTo(place: number, seen: number, drawn: number, scale: number, room: number): number {
  return clamp(
    inset(drawn, scale, room) + place * scale - seen,
    0,
    Math.max(0, drawn * scale + 2 * MARGIN - room),
  );
}

export class Camera {
  /** Holds what is put on the board, in the drawing's own pixels. */
  readonly board = h("div", "board");
  readonly #frame = h("div", "frame", {}, this.board);
  readonly element = h("div", "camera", { tabindex: 0, role: "group" }, this.#frame);
  scale = 1;
  readonly #onMove: () => void;
  #drawing: Size = { width: 1, height: 1 };
  #room: Size = { width: 1, height: 1 };
  #x = 0;
  #y = 0;
  #frameAsked = 0;
  /** Pointers that are down on the background, where they are. */
  readonly #pointers = new Map<number, Point & { readonly isOnCard: boolean }>();
  #wasDragged = false;

  constructor(onMove: () => void) {
    this.#onMove = onMove;
    const { element } = this;
    // What has the focus was brought into view by the browser.
    on(element, ["scroll"], () => {
      if (Math.abs(element.scrollLeft - this.#x) < 2 && Math.abs(element.scrollTop - this.#y) < 2) return;
      this.#x = element.scrollLeft;
      this.#y = element.scrollTop;
      onMove();
    });
    on(element, ["wheel"], (event) => this.#wheel(event), { passive: false });
    on(element, ["pointerdown"], (event) => this.#down(event));
    on(element, ["pointermove"], (event) => this.#move(event));
    on(element, ["pointerup", "pointercancel"], (event) => this.#pointers.delete(event.pointerId));
    // Two fingers are ours, one is the page's.
    on(element, ["touchmove"], (event) => event.touches.length > 1 && event.preventDefault(), {
      passive: false,
    });
    // The click that ends a drag is none.
    on(element, ["click"], (event) => this.#wasDragged && event.stopImmediatePropagation(), {
      capture: true,
    });
  }

  stop(): void {
    cancelAnimationFrame(this.#frameAsked);
  }

  /** The part of the drawing that is seen, in its own pixels. */
  get view(): Box {
    const { scale } = this;
    const { width, height } = this.#room;
    const { x, y } = this.#corner;
    return {
      x: (this.#x - x) / scale,
      y: (this.#y - y) / scale,
      width: width / scale,
      height: height / scale,
    };
  }

  /** Where the drawing's corner is in what is scrolled. */
  get #corner(): Point {
    const { width, height } = this.#drawing;
    return {
      x: inset(width, this.scale, this.#room.width),
      y: inset(height, this.scale, this.#room.height),
    };
  }

  /** Whether all of the drawing is seen. */
  get seesAll(): boolean {
    const { width, height } = this.#drawing;
    return (
      width * this.scale + 2 * MARGIN <= this.#room.width + 1 &&
      height * this.scale + 2 * MARGIN <= this.#room.height + 1
    );
  }

  get fit(): number {
    return fitting(this.#drawing, this.#room);
  }

  /** Look at another drawing, or through a window of another size. */
  look(drawing: Size, room: Size, scale = this.scale): void {
    this.#drawing = drawing;
    this.#room = room;
    this.scale = scale;
    this.#apply(this.#x, this.#y);
  }

  /** A place of the drawing that is under a place of the view. */
  placeAt({ x, y }: Point): Point {
    const view = this.view;
    return { x: view.x + x / this.scale, y: view.y + y / this.scale };
  }

  /** Where in the view a place of the drawing is. */
  seenAt({ x, y }: Point): Point {
    const view = this.view;
    return { x: (x - view.x) * this.scale, y: (y - view.y) * this.scale };
  }

  /** Where in the view an event is. */
  pointOf({ clientX, clientY }: MouseEvent): Point {
    const box = this.element.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  /** Come closer to what is at a point, or smoothly to what is in the middle. */
  zoom(factor: number, at?: Point): void {
    const point = at ?? middleOf(this.#room);
    this.#go(this.scale * factor, this.placeAt(point), point, at === undefined);
  }

  showAll(): void {
    this.centre(middleOf(this.#drawing), this.fit);
  }

  /** Bring a place into the middle. */
  centre(place: Point, scale = this.scale, smooth = true): void {
    this.#go(scale, place, middleOf(this.#room), smooth);
  }

  pan(dx: number, dy: number, smooth = false): void {
    const { x, y } = middleOf(this.#room);
    this.centre(this.placeAt({ x: x + dx, y: y + dy }), this.scale, smooth);
  }

  /** Show a place at a point of the view; from where it is seen now, if that is to be smooth. */
  #go(scale: number, place: Point, to: Point, smooth: boolean): void {
    const from = this.scale;
    const end = clamp(scale, Math.min(this.fit, from), CLOSEST);
    const start = this.seenAt(place);
    cancelAnimationFrame(this.#frameAsked);
    const still = !smooth || isStill();
    const begun = performance.now();
    const step = () => {
      const t = still ? 1 : clamp((performance.now() - begun) / SMOOTH_MS, 0, 1);
      const eased = 1 - (1 - t) ** 3;
      this.scale = from * (end / from) ** eased;
      this.show(place, { x: start.x + (to.x - start.x) * eased, y: start.y + (to.y - start.y) * eased });
      if (t < 1) this.#frameAsked = requestAnimationFrame(step);
    };
    step();
  }

  /** Show a place at a point of the view. */
  show(place: Point, at: Point): void {
    const { width, height } = this.#drawing;
    this.#apply(
      scrollTo(place.x, at.x, width, this.scale, this.#room.width),
      scrollTo(place.y, at.y, height, this.scale, this.#room.height),
    );
  }

  #apply(x: number, y: number): void {
    const { element, scale } = this;
    const { width, height } = this.#drawing;
    const { x: left, y: top } = this.#corner;
    const all = { width: width * scale + 2 * left, height: height * scale + 2 * top };
    this.#frame.style.cssText = `width:${Math.floor(all.width)}px;height:${Math.floor(all.height)}px`;
    this.board.style.cssText = `transform:translate(${left}px,${top}px) scale(${scale.toFixed(4)})`;
    this.#x = clamp(x, 0, Math.max(0, all.width - this.#room.width));
    this.#y = clamp(y, 0, Math.max(0, all.height - this.#room.height));
    element.scrollLeft = this.#x;
    element.scrollTop = this.#y;
    this.#onMove();
  }

  #wheel(event: WheelEvent): void {
    // The wheel is the page's, unless the graph was clicked on or a key says otherwise.
    const focused = focusedIn(this.element);
    const ours = focused === this.element || focused?.matches("[data-node]");
    if (!ours && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 33 : 1);
    this.zoom(Math.exp(-clamp(pixels, -200, 200) * WHEEL * (event.ctrlKey ? 2 : 1)), this.pointOf(event));
  }

  #down(event: At<PointerEvent>): void {
    this.#wasDragged = false;
    const isOn = (what: string) => event.target.closest(what) !== null;
    const isOnCard = isOn(".agw-card");
    // Nobody moves the view by a card, but where cards stand close two fingers come down on them.
    if (event.button !== 0 || isOn("button, input") || (isOnCard && event.pointerType !== "touch")) return;
    this.#pointers.set(event.pointerId, { ...this.pointOf(event), isOnCard });
    if (!isOnCard) this.element.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = { ...this.pointOf(event), isOnCard: before.isOnCard };
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (!other && before.isOnCard) return;
    if (!this.#wasDragged && Math.hypot(now.x - before.x, now.y - before.y) < CLICK) return;
    this.#wasDragged = true;
    this.#pointers.set(event.pointerId, now);
    if (!other) {
      this.pan(before.x - now.x, before.y - now.y);
      return;
    }
    const spread = (a: Point) => Math.hypot(a.x - other.x, a.y - other.y);
    const middle = (a: Point) => ({ x: (a.x + other.x) / 2, y: (a.y + other.y) / 2 });
    this.#go(
      this.scale * (spread(now) / spread(before) || 1),
      this.placeAt(middle(before)),
      middle(now),
      false,
    );
  }
}
