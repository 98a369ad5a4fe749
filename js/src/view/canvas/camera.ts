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
/** A notch of a wheel is about 100. */
const WHEEL = 0.0022;
const SMOOTH_MS = 180;
/** A press that moves less is a click. */
const CLICK = 4;

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

export interface Camera {
  readonly element: HTMLElement;
  /** Holds what is put on the board, in the drawing's own pixels. */
  readonly board: HTMLElement;
  readonly scale: number;
  /** The part of the drawing that is seen, in its own pixels. */
  readonly view: Box;
  /** All of the drawing is seen. */
  readonly seesAll: boolean;
  /** Look at another drawing, or through a window of another size. */
  look(drawing: Size, room: Size, scale?: number): void;
  /** A place of the drawing that is under a place of the view. */
  placeAt(seen: Point): Point;
  /** Place in the view of a place of the drawing. */
  seenAt(place: Point): Point;
  /** Place in the view of an event. */
  pointOf(event: MouseEvent): Point;
  /** Come closer to what is at a point, or smoothly to what is in the middle. */
  zoom(factor: number, at?: Point): void;
  showAll(): void;
  /** Bring a place into the middle. */
  centre(place: Point, scale?: number, smooth?: boolean): void;
  pan(dx: number, dy: number, smooth?: boolean): void;
  /** Show a place at a point of the view. */
  show(place: Point, at: Point): void;
  stop(): void;
}

export function cameraOf(onMove: () => void): Camera {
  const board = h("div", "board");
  const frame = h("div", "frame", {}, board);
  const element = h("div", "camera", { tabindex: 0, role: "group" }, frame);
  let scale = 1;
  let drawing: Size = { width: 1, height: 1 };
  let room: Size = { width: 1, height: 1 };
  /** Scroll offset. */
  let [x, y] = [0, 0];
  let asked = 0;

  /** Offset of the drawing's corner in what is scrolled. */
  const corner = () => ({
    x: inset(drawing.width, scale, room.width),
    y: inset(drawing.height, scale, room.height),
  });
  const placeAt = (seen: Point) => {
    const { x: left, y: top } = corner();
    return { x: (x - left + seen.x) / scale, y: (y - top + seen.y) / scale };
  };
  const seenAt = (place: Point) => {
    const { x: left, y: top } = corner();
    return { x: place.x * scale - x + left, y: place.y * scale - y + top };
  };
  const pointOf = ({ clientX, clientY }: MouseEvent) => {
    const box = element.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  };
  const apply = (toX: number, toY: number) => {
    const { x: left, y: top } = corner();
    const width = drawing.width * scale + 2 * left;
    const height = drawing.height * scale + 2 * top;
    frame.style.cssText = `width:${Math.floor(width)}px;height:${Math.floor(height)}px`;
    board.style.cssText = `transform:translate(${left}px,${top}px) scale(${scale.toFixed(4)})`;
    x = element.scrollLeft = clamp(toX, 0, Math.max(0, width - room.width));
    y = element.scrollTop = clamp(toY, 0, Math.max(0, height - room.height));
    onMove();
  };
  const show = (place: Point, at: Point) => {
    const { x: left, y: top } = corner();
    apply(left + place.x * scale - at.x, top + place.y * scale - at.y);
  };
  const fitted = () => fitting(drawing, room);
  /** Show a place at a point of the view; from where it is seen now, if that is to be smooth. */
  const go = (toScale: number, place: Point, to: Point, smooth: boolean) => {
    const from = scale;
    const end = clamp(toScale, Math.min(fitted(), from), CLOSEST);
    const start = seenAt(place);
    const begun = performance.now();
    const time = smooth && !isStill() ? SMOOTH_MS : 0;
    cancelAnimationFrame(asked);
    const step = () => {
      const t = Math.min(1, (performance.now() - begun) / time || 0);
      const eased = 1 - (1 - t) ** 3;
      scale = from * (end / from) ** eased;
      show(place, { x: start.x + (to.x - start.x) * eased, y: start.y + (to.y - start.y) * eased });
      if (t < 1) asked = requestAnimationFrame(step);
    };
    step();
  };
  const centre = (place: Point, toScale = scale, smooth = true) => go(toScale, place, middleOf(room), smooth);
  const zoom = (factor: number, at?: Point) => {
    const point = at ?? middleOf(room);
    go(scale * factor, placeAt(point), point, at === undefined);
  };
  const pan = (dx: number, dy: number, smooth = false) => {
    const middle = middleOf(room);
    centre(placeAt({ x: middle.x + dx, y: middle.y + dy }), scale, smooth);
  };

  // What has the focus was brought into view by the browser.
  on(element, ["scroll"], () => {
    if (Math.abs(element.scrollLeft - x) < 2 && Math.abs(element.scrollTop - y) < 2) return;
    [x, y] = [element.scrollLeft, element.scrollTop];
    onMove();
  });
  on(
    element,
    ["wheel"],
    (event) => {
      // The wheel is the page's, unless a key says otherwise or there is no page.
      if (!event.ctrlKey && !event.metaKey && !element.matches(":fullscreen *")) return;
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === 1 ? 33 : 1);
      zoom(Math.exp(-clamp(pixels, -200, 200) * WHEEL * (event.ctrlKey ? 2 : 1)), pointOf(event));
    },
    { passive: false },
  );
  listenToPointers(element, pointOf, pan, (factor, from, to) => go(scale * factor, placeAt(from), to, false));
  return {
    element,
    board,
    get scale() {
      return scale;
    },
    get view() {
      return { ...placeAt({ x: 0, y: 0 }), width: room.width / scale, height: room.height / scale };
    },
    get seesAll() {
      return (
        drawing.width * scale + 2 * MARGIN <= room.width + 1 &&
        drawing.height * scale + 2 * MARGIN <= room.height + 1
      );
    },
    look(otherDrawing, otherRoom, toScale = scale) {
      [drawing, room, scale] = [otherDrawing, otherRoom, toScale];
      apply(x, y);
    },
    placeAt,
    seenAt,
    pointOf,
    zoom,
    showAll: () => centre(middleOf(drawing), fitted()),
    centre,
    pan,
    show,
    stop: () => cancelAnimationFrame(asked),
  };
}

/** Pointers that are down on the background: one pans, two pinch. */
function listenToPointers(
  element: HTMLElement,
  pointOf: (event: MouseEvent) => Point,
  pan: (dx: number, dy: number) => void,
  pinch: (factor: number, from: Point, to: Point) => void,
): void {
  const pointers = new Map<number, Point & { readonly isOnCard: boolean }>();
  let wasDragged = false;
  on(element, ["pointerdown"], (event) => {
    wasDragged = false;
    const isOn = (what: string) => event.target.closest(what) !== null;
    const isOnCard = isOn(".agw-card");
    // Nobody moves the view by a card, but where cards stand close two fingers come down on them.
    if (
      event.button !== 0 ||
      isOn("button, input, [data-goto]") ||
      (isOnCard && event.pointerType !== "touch")
    )
      return;
    pointers.set(event.pointerId, { ...pointOf(event), isOnCard });
    if (!isOnCard) element.setPointerCapture(event.pointerId);
  });
  on(element, ["pointermove"], (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { ...before, ...pointOf(event) };
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (!other && before.isOnCard) return;
    if (!wasDragged && Math.hypot(now.x - before.x, now.y - before.y) < CLICK) return;
    wasDragged = true;
    pointers.set(event.pointerId, now);
    if (!other) {
      pan(before.x - now.x, before.y - now.y);
      return;
    }
    const spread = (a: Point) => Math.hypot(a.x - other.x, a.y - other.y);
    const middle = (a: Point) => ({ x: (a.x + other.x) / 2, y: (a.y + other.y) / 2 });
    pinch(spread(now) / spread(before) || 1, middle(before), middle(now));
  });
  on(element, ["pointerup", "pointercancel"], (event) => pointers.delete(event.pointerId));
  // Two fingers are ours, one is the page's.
  on(element, ["touchmove"], (event) => event.touches.length > 1 && event.preventDefault(), {
    passive: false,
  });
  // The click that ends a drag is none.
  on(element, ["click"], (event) => wasDragged && event.stopImmediatePropagation(), { capture: true });
}
