/** What one needs where not everything is seen: a map, buttons to come closer, and what the colours mean. */

import { formatValue } from "../../analysis/format.ts";
import { largestOf } from "../../analysis/largest.ts";
import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { button, h, on, setText } from "../dom.ts";
import { type Camera, ZOOM } from "./camera.ts";
import { type Colouring, numbersOf, paintFar, paintLines, paletteOf, ramp } from "./paint.ts";
import type { Plan } from "./plan.ts";

const MAP = { width: 150, height: 96 };
const LEAST_MAP = 24;
/** Lines on the map where they are no more than this. */
const MOST_LINES = 600;
/** The map follows numbers when they have come to rest. */
const REST_MS = 200;

export class Overview {
  readonly element: HTMLElement;
  colouring: Colouring = "gradient";
  readonly #state: State;
  readonly #camera: Camera;
  readonly #map: HTMLCanvasElement;
  readonly #window = h("div", "window");
  readonly #frame: HTMLElement;
  readonly #key: HTMLElement;
  readonly #ramp = h("span", "ramp");
  readonly #low = h("span", "");
  readonly #high = h("span", "");
  readonly #by: HTMLButtonElement;
  #plan: Plan | undefined;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(state: State, camera: Camera, onChange: () => void) {
    this.#state = state;
    this.#camera = camera;
    const { messages } = state;
    this.#map = h("canvas", "paper");
    this.#frame = h("div", "map", { title: messages.map }, this.#map, this.#window);
    on(this.#frame, ["pointerdown", "pointermove"], (event) => this.#point(event));
    const zoom = (factor: number) => () => camera.zoom(factor);
    this.#by = button("", messages.coloursHint, () => {
      this.colouring = this.colouring === "gradient" ? "value" : "gradient";
      this.#paint();
      onChange();
    });
    this.#key = h("span", "group key-row", {}, this.#by, this.#low, this.#ramp, this.#high);
    this.element = h(
      "div",
      "overview",
      { hidden: true, "data-overlay": true },
      this.#key,
      button("−", messages.farther, zoom(1 / ZOOM)),
      button("+", messages.closer, zoom(ZOOM)),
      this.#frame,
    );
  }

  /** Another plan, in a canvas of some width. */
  show(plan: Plan, room: number): void {
    this.#plan = plan;
    const { width, height } = plan.layout;
    const scale = Math.min(MAP.width / width, room / 5 / width, MAP.height / height);
    // A long chain would be a hair: it is drawn as broad as can be seen.
    this.#map.width = Math.max(scale * width, LEAST_MAP) * devicePixelRatio;
    this.#map.height = Math.max(scale * height, LEAST_MAP) * devicePixelRatio;
    this.#map.style.width = `${this.#map.width / devicePixelRatio}px`;
    this.#paint();
  }

  /** The camera has moved. */
  move(isColoured: boolean): void {
    const { seesAll, view } = this.#camera;
    this.element.hidden = seesAll && !isColoured;
    this.#frame.hidden = seesAll;
    this.#key.hidden = !isColoured;
    const { width, height } = this.#plan!.layout;
    const part = (at: number, of: number) => `${100 * clamp(at / of, 0, 1)}%`;
    const [right, bottom] = [width - view.x - view.width, height - view.y - view.height];
    const inset = [part(view.y, height), part(right, width), part(bottom, height), part(view.x, width)];
    this.#window.style.inset = inset.join(" ");
  }

  /** Numbers have changed. */
  update(): void {
    clearTimeout(this.#resting);
    if (!this.element.hidden) this.#resting = setTimeout(() => this.#paint(), REST_MS);
  }

  stop(): void {
    clearTimeout(this.#resting);
  }

  #paint(): void {
    const plan = this.#plan!;
    const context = this.#map.getContext("2d")!;
    const [x, y] = [this.#map.width / plan.layout.width, this.#map.height / plan.layout.height];
    const scale = Math.min(x, y);
    context.reset();
    context.setTransform(x, 0, 0, y, 0, 0);
    const palette = paletteOf(this.#map);
    const links = plan.layout.routes.keys();
    if (plan.layout.routes.length <= MOST_LINES) paintLines(context, plan, palette, links, 0.5 / scale);
    const numbers = numbersOf(this.#state, plan, this.colouring);
    const largest = largestOf(numbers);
    paintFar(context, numbers, plan, palette, undefined, 1 / scale);
    setText(this.#by, this.#state.messages.colours(this.colouring === "gradient"));
    setText(this.#low, formatValue(-largest));
    setText(this.#high, `+${formatValue(largest)}`);
    this.#ramp.style.background = `linear-gradient(90deg,${ramp(palette).join()})`;
  }

  #point(event: PointerEvent): void {
    if (event.buttons !== 1) return;
    this.#frame.setPointerCapture(event.pointerId);
    const box = this.#frame.getBoundingClientRect();
    const { width, height } = this.#plan!.layout;
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.#camera.centre({ x: x * width, y: y * height }, undefined, false);
  }
}
