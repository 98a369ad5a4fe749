/** The overview, where not everything is seen: a map, buttons to come closer, and a key to the colours. */

import { formatValue } from "../../analysis/format.ts";
import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { button, h, on, setText } from "../dom.ts";
import { type Camera, ZOOM } from "./camera.ts";
import { paintFar, paintLines, paletteOf } from "./paint.ts";
import type { Plan } from "./plan.ts";

const MAP = { width: 150, height: 96 };
const LEAST_MAP = 24;
/** Lines on the map where they are no more than this. */
const MOST_LINES = 600;
const REST_MS = 200;

export class Overview {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #camera: Camera;
  readonly #canvas = h("canvas", "paper");
  /** The part of the drawing that is in view. */
  readonly #window = h("div", "window");
  readonly #map: HTMLElement;
  readonly #low = h("span", "");
  readonly #high = h("span", "");
  readonly #key: HTMLElement;
  #plan!: Plan;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(state: State, camera: Camera) {
    const { map, gradient, farther, closer } = state.messages;
    this.#state = state;
    this.#camera = camera;
    this.#map = h("div", "map", { title: map }, this.#canvas, this.#window);
    on(this.#map, ["pointerdown", "pointermove"], (event) => this.#goTo(event));
    const ramp = h("span", "ramp");
    this.#key = h("span", "group key-row", {}, gradient, " ", this.#low, ramp, this.#high);
    this.element = h(
      "div",
      "group overview",
      { hidden: true, "data-overlay": true },
      this.#key,
      button("−", farther, () => camera.zoom(1 / ZOOM)),
      button("+", closer, () => camera.zoom(ZOOM)),
      this.#map,
    );
  }

  /** Take in another plan, in a canvas of some width. */
  show(plan: Plan, room: number): void {
    this.#plan = plan;
    const { width, height } = plan.layout;
    const scale = Math.min(MAP.width / width, room / 5 / width, MAP.height / height);
    const canvas = this.#canvas;
    // A long chain would be a hair: it is drawn as broad as can be seen.
    canvas.width = Math.max(scale * width, LEAST_MAP) * devicePixelRatio;
    canvas.height = Math.max(scale * height, LEAST_MAP) * devicePixelRatio;
    canvas.style.width = `${canvas.width / devicePixelRatio}px`;
    this.#paint();
  }

  /** Follow the camera. */
  move(isColoured: boolean): void {
    const { seesAll, view } = this.#camera;
    this.element.hidden = seesAll && !isColoured;
    this.#map.hidden = seesAll;
    this.#key.hidden = !isColoured;
    const { width, height } = this.#plan.layout;
    const part = (at: number, of: number) => `${100 * clamp(at / of, 0, 1)}%`;
    const [right, bottom] = [width - view.x - view.width, height - view.y - view.height];
    this.#window.style.inset = `${part(view.y, height)} ${part(right, width)} ${part(bottom, height)} ${part(view.x, width)}`;
  }

  /** Follow numbers, when they have come to rest. */
  update(): void {
    this.stop();
    if (!this.element.hidden) this.#resting = setTimeout(() => this.#paint(), REST_MS);
  }

  stop(): void {
    clearTimeout(this.#resting);
  }

  /** Look at the place on the map that is pressed. */
  #goTo(event: PointerEvent): void {
    if (event.buttons !== 1) return;
    this.#map.setPointerCapture(event.pointerId);
    const box = this.#map.getBoundingClientRect();
    const { width, height } = this.#plan.layout;
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.#camera.show({ x: x * width, y: y * height });
  }

  #paint(): void {
    const plan = this.#plan;
    const { width, height, routes } = plan.layout;
    const canvas = this.#canvas;
    const context = canvas.getContext("2d")!;
    const [x, y] = [canvas.width / width, canvas.height / height];
    const pixel = 1 / Math.min(x, y);
    context.reset();
    context.setTransform(x, 0, 0, y, 0, 0);
    const palette = paletteOf(canvas);
    if (routes.length <= MOST_LINES) paintLines(context, plan, palette, routes.keys(), pixel / 2);
    const largest = paintFar(context, this.#state, plan, palette, pixel);
    setText(this.#low, formatValue(-largest));
    setText(this.#high, `+${formatValue(largest)}`);
  }
}
