/** The overview, where not everything is seen: a map, buttons to come closer, and a key to the colours. */

import { formatValue } from "../../analysis/format.ts";
import { largestOf } from "../../analysis/largest.ts";
import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { button, h, on, setText } from "../dom.ts";
import { type Camera, ZOOM } from "./camera.ts";
import { numbersOf, paintFar, paintLines, paletteOf } from "./paint.ts";
import type { Plan } from "./plan.ts";

const MAP = { width: 150, height: 96 };
const LEAST_MAP = 24;
/** Lines on the map where they are no more than this. */
const MOST_LINES = 600;
/** The map follows numbers when they have come to rest. */
const REST_MS = 200;

export interface Overview {
  readonly element: HTMLElement;
  /** Take in another plan, in a canvas of some width. */
  show(plan: Plan, room: number): void;
  /** Follow the camera. */
  move(isColoured: boolean): void;
  /** Follow numbers. */
  update(): void;
  stop(): void;
}

export function overviewOf(state: State, camera: Camera): Overview {
  const { messages } = state;
  const map = h("canvas", "paper");
  const seen = h("div", "window");
  const frame = h("div", "map", { title: messages.map }, map, seen);
  const [low, high] = [h("span", ""), h("span", "")];
  let plan: Plan;
  let resting: ReturnType<typeof setTimeout> | undefined;

  const paint = () => {
    const { layout } = plan;
    const context = map.getContext("2d")!;
    const [x, y] = [map.width / layout.width, map.height / layout.height];
    const pixel = 1 / Math.min(x, y);
    context.reset();
    context.setTransform(x, 0, 0, y, 0, 0);
    const palette = paletteOf(map);
    const links = layout.routes.keys();
    if (layout.routes.length <= MOST_LINES) paintLines(context, plan, palette, links, pixel / 2);
    const numbers = numbersOf(state, plan);
    paintFar(context, numbers, plan, palette, undefined, pixel);
    const largest = largestOf(numbers);
    setText(low, formatValue(-largest));
    setText(high, `+${formatValue(largest)}`);
  };
  const key = h("span", "group key-row", {}, messages.gradient, " ", low, h("span", "ramp"), high);
  on(frame, ["pointerdown", "pointermove"], (event) => {
    if (event.buttons !== 1) return;
    frame.setPointerCapture(event.pointerId);
    const box = frame.getBoundingClientRect();
    const { width, height } = plan.layout;
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    camera.centre({ x: x * width, y: y * height }, undefined, false);
  });
  const element = h(
    "div",
    "group overview",
    { hidden: true, "data-overlay": true },
    key,
    button("−", messages.farther, () => camera.zoom(1 / ZOOM)),
    button("+", messages.closer, () => camera.zoom(ZOOM)),
    frame,
  );
  return {
    element,
    show(other, room) {
      plan = other;
      const { width, height } = plan.layout;
      const scale = Math.min(MAP.width / width, room / 5 / width, MAP.height / height);
      // A long chain would be a hair: it is drawn as broad as can be seen.
      map.width = Math.max(scale * width, LEAST_MAP) * devicePixelRatio;
      map.height = Math.max(scale * height, LEAST_MAP) * devicePixelRatio;
      map.style.width = `${map.width / devicePixelRatio}px`;
      paint();
    },
    move(isColoured) {
      const { seesAll, view } = camera;
      element.hidden = seesAll && !isColoured;
      frame.hidden = seesAll;
      key.hidden = !isColoured;
      const { width, height } = plan.layout;
      const part = (at: number, of: number) => `${100 * clamp(at / of, 0, 1)}%`;
      const [right, bottom] = [width - view.x - view.width, height - view.y - view.height];
      seen.style.inset = `${part(view.y, height)} ${part(right, width)} ${part(bottom, height)} ${part(view.x, width)}`;
    },
    update() {
      clearTimeout(resting);
      if (!element.hidden) resting = setTimeout(paint, REST_MS);
    },
    stop: () => clearTimeout(resting),
  };
}
