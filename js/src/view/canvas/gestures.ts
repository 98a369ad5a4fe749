/** Wheel and pointers on the background: they move the camera. */

import type { Point } from "../../layout/index.ts";
import { clamp } from "../box.ts";
import { on } from "../dom.ts";
import type { Camera } from "./camera.ts";

/** A notch of a wheel is about 100. */
const WHEEL = 0.0022;
/** A press that moves less is a click. */
const CLICK = 4;

/** The wheel is the page's, unless a key says otherwise or there is no page. */
export function zoomByWheel(camera: Camera): void {
  const { element } = camera;
  const zoom = (event: WheelEvent) => {
    const { ctrlKey, metaKey, deltaY, deltaMode } = event;
    if (!ctrlKey && !metaKey && !element.matches(":fullscreen *")) return;
    event.preventDefault();
    const pixels = clamp(deltaY * (deltaMode === 1 ? 33 : 1), -200, 200);
    const point = camera.pointOf(event);
    camera.pull(point, point, Math.exp(-pixels * WHEEL * (ctrlKey ? 2 : 1)));
  };
  on(element, ["wheel"], zoom, { passive: false });
}

/** Of the pointers that are down on the background one pans, two pinch. */
export function panByPointers(camera: Camera): void {
  const { element } = camera;
  const pointers = new Map<number, Point & { readonly isOnCard: boolean }>();
  let wasDragged = false;
  on(element, ["pointerdown"], (event) => {
    const { target, pointerId } = event;
    wasDragged = false;
    const isOnCard = target.closest(".agw-card") !== null;
    // Nobody moves the view by a card, but where cards stand close two fingers come down on them.
    const isOurs = event.button === 0 && !target.closest("button, input, [data-goto]");
    if (!isOurs || (isOnCard && event.pointerType !== "touch")) return;
    pointers.set(pointerId, { ...camera.pointOf(event), isOnCard });
    if (!isOnCard) element.setPointerCapture(pointerId);
  });
  on(element, ["pointermove"], (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { ...before, ...camera.pointOf(event) };
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if ((!other && before.isOnCard) || (!wasDragged && distance(now, before) < CLICK)) return;
    wasDragged = true;
    pointers.set(event.pointerId, now);
    const factor = other && distance(now, other) / distance(before, other);
    camera.pull(between(before, other), between(now, other), factor || 1);
  });
  on(element, ["pointerup", "pointercancel"], (event) => pointers.delete(event.pointerId));
  // Two fingers are ours, one is the page's.
  on(element, ["touchmove"], (event) => event.touches.length > 1 && event.preventDefault(), {
    passive: false,
  });
  // The click that ends a drag is none.
  on(element, ["click"], (event) => wasDragged && event.stopImmediatePropagation(), { capture: true });
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function between(a: Point, b = a): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
