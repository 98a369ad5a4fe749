/**
 * The camera: which part of the drawing is seen, and how large. It moves by scrolling an element that a reader can't
 * scroll directly: so the page's wheel and touches stay the page's, and what gets the focus still comes into view.
 */

import type { Point, Size } from "../../layout/index.ts";
import { type Box, clamp, middleOf } from "../box.ts";
import { h, isStill, on } from "../dom.ts";

export const MARGIN = 14;
const CLOSEST = 2.5;
/** One press of a key or button. */
export const ZOOM = 1.3;
const SMOOTH_MS = 180;

/** Offset of the drawing's corner in what is scrolled: it is centred in a larger room, at its margin else. */
export function inset(drawn: number, scale: number, room: number): number {
  return Math.max(MARGIN, (room - drawn * scale) / 2);
}

/** The scale at which all is seen. */
export function fitting(drawing: Size, room: Size): number {
  const wide = (room.width - 2 * MARGIN) / drawing.width;
  const high = (room.height - 2 * MARGIN) / drawing.height;
  return Math.min(1, wide, high) || 1;
}

export class Camera {
  /** Holds what is put on the board, in the drawing's own pixels. */
  readonly board = h("div", "board");
  readonly #frame = h("div", "frame", {}, this.board);
  readonly element = h("div", "camera", { tabindex: 0, role: "group" }, this.#frame);
  // What others only read.
  scale = 1;
  /** The size of the window. */
  room: Size = { width: 1, height: 1 };
  /** All of the drawing is seen. */
  seesAll = true;
  readonly #onMove: () => void;
  #drawing: Size = { width: 1, height: 1 };
  /** Place on the canvas of the drawing's corner. */
  #corner: Point = { x: 0, y: 0 };
  #asked = 0;

  constructor(onMove: () => void) {
    this.#onMove = onMove;
    on(this.element, ["scroll"], () => this.#follow());
  }

  /** The part of the drawing that is seen, in its own pixels. */
  get view(): Box {
    const { width, height } = this.room;
    return { ...this.placeAt({ x: 0, y: 0 }), width: width / this.scale, height: height / this.scale };
  }

  // -- places --------------------------------------------------------------------------------------------------------

  /** A place of the drawing that is under a place of the view. */
  placeAt({ x, y }: Point): Point {
    return { x: (x - this.#corner.x) / this.scale, y: (y - this.#corner.y) / this.scale };
  }

  /** Place in the view of a place of the drawing. */
  seenAt({ x, y }: Point): Point {
    return { x: x * this.scale + this.#corner.x, y: y * this.scale + this.#corner.y };
  }

  /** Place in the view of an event. */
  pointOf({ clientX, clientY }: MouseEvent): Point {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  /** Offset of the drawing's corner in what is scrolled. */
  get #inset(): Point {
    return {
      x: inset(this.#drawing.width, this.scale, this.room.width),
      y: inset(this.#drawing.height, this.scale, this.room.height),
    };
  }

  // -- movements -----------------------------------------------------------------------------------------------------

  /** Look at another drawing, or through a window of another size. */
  look(drawing: Size, room: Size, scale: number): void {
    this.#drawing = drawing;
    this.room = room;
    this.scale = scale;
    this.#scroll(this.#corner);
  }

  /** Show a place at a point of the view. */
  show(place: Point, at = middleOf(this.room)): void {
    this.stop();
    this.#scroll({ x: at.x - place.x * this.scale, y: at.y - place.y * this.scale });
  }

  /** Bring what is at a point to another, and come closer. */
  pull(from: Point, to: Point, factor: number): void {
    const place = this.placeAt(from);
    this.scale = this.#allowed(this.scale * factor);
    this.show(place, to);
  }

  showAll(): void {
    this.centre(middleOf(this.#drawing), fitting(this.#drawing, this.room));
  }

  /** Come closer to what is in the middle. */
  zoom(factor: number): void {
    this.centre(this.placeAt(middleOf(this.room)), this.scale * factor);
  }

  pan(x: number, y: number): void {
    this.centre(this.placeAt({ x, y }), this.scale, { x: 0, y: 0 });
  }

  stop(): void {
    cancelAnimationFrame(this.#asked);
  }

  #allowed(scale: number): number {
    return clamp(scale, Math.min(fitting(this.#drawing, this.room), this.scale), CLOSEST);
  }

  /** Bring a place into the middle, or to another point of the view, smoothly. */
  centre(place: Point, scale = this.scale, to = middleOf(this.room)): void {
    const from = this.scale;
    const end = this.#allowed(scale);
    const start = this.seenAt(place);
    const begun = performance.now();
    const time = isStill() ? 1 : SMOOTH_MS;
    const step = () => {
      const eased = 1 - (1 - Math.min(1, (performance.now() - begun) / time)) ** 3;
      this.scale = from * (end / from) ** eased;
      this.show(place, { x: start.x + (to.x - start.x) * eased, y: start.y + (to.y - start.y) * eased });
      if (eased < 1) this.#asked = requestAnimationFrame(step);
    };
    step();
  }

  /** Have the drawing's corner at a point of the view, or as near to it as the drawing may move. */
  #scroll(corner: Point): void {
    const { element, scale } = this;
    const { width, height } = this.#drawing;
    const { x: left, y: top } = this.#inset;
    const right = width * scale + 2 * left;
    const bottom = height * scale + 2 * top;
    this.#frame.style.cssText = `width:${Math.floor(right)}px;height:${Math.floor(bottom)}px`;
    this.board.style.cssText = `transform:translate(${left}px,${top}px) scale(${scale.toFixed(4)})`;
    const [overX, overY] = [right - this.room.width, bottom - this.room.height];
    const x = clamp(left - corner.x, 0, overX);
    const y = clamp(top - corner.y, 0, overY);
    element.scrollTo(x, y);
    this.#corner = { x: left - x, y: top - y };
    this.seesAll = Math.max(overX, overY) <= 1;
    this.#onMove();
  }

  /** The browser has brought what has the focus into view. */
  #follow(): void {
    const { x, y } = this.#inset;
    const { scrollLeft, scrollTop } = this.element;
    const corner = { x: x - scrollLeft, y: y - scrollTop };
    if (Math.abs(corner.x - this.#corner.x) < 2 && Math.abs(corner.y - this.#corner.y) < 2) return;
    this.#corner = corner;
    this.#onMove();
  }
}
