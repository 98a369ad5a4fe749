/** What one needs where not everything is seen: a map, buttons to come closer, and what the colours mean. */

import { formatValue } from "../format.ts";
import type { State } from "../state.ts";
import { type Camera, ZOOM } from "./camera.ts";
import { button, h, setText } from "./dom.ts";
import { type Colouring, largestOf, numbersOf, paintFar, paintLines, paletteOf, ramp } from "./paint.ts";
import { CanvasPen } from "./pen.ts";
import { clamp, type Plan } from "./plan.ts";

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
  #scale = { x: 1, y: 1 };
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(state: State, camera: Camera, onChange: () => void) {
    this.#state = state;
    this.#camera = camera;
    const { messages } = state;
    this.#map = h("canvas", "paper");
    this.#frame = h("div", "map", { title: messages.map }, this.#map, this.#window);
    for (const kind of ["pointerdown", "pointermove"] as const)
      this.#frame.addEventListener(kind, (event) => this.#point(event));
    const zoom = (factor: number) => () => camera.zoom(factor, undefined, true);
    this.#by = button("", messages.coloursHint, () => {
      this.colouring = this.colouring === "gradient" ? "value" : "gradient";
      this.#paint();
      onChange();
    });
    this.#key = h("span", "group key-row", {}, this.#by, this.#low, this.#ramp, this.#high);
    this.element = h(
      "div",
      "overview",
      { hidden: true },
      this.#key,
      button("−", messages.farther, zoom(1 / ZOOM)),
      button("+", messages.closer, zoom(ZOOM)),
      this.#frame,
    );
  }

  /** Another plan. */
  show(plan: Plan): void {
    this.#plan = plan;
    const { width, height } = plan.layout;
    const scale = Math.min(MAP.width / width, MAP.height / height);
    // A long chain would be a hair: it is drawn as broad as can be seen.
    this.#scale = { x: Math.max(scale, LEAST_MAP / width), y: Math.max(scale, LEAST_MAP / height) };
    this.#map.width = width * this.#scale.x * devicePixelRatio;
    this.#map.height = height * this.#scale.y * devicePixelRatio;
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
    const [left, top] = [clamp(view.x, 0, width), clamp(view.y, 0, height)];
    const right = clamp(view.x + view.width, 0, width);
    const bottom = clamp(view.y + view.height, 0, height);
    const { x, y } = this.#scale;
    const box = { left: left * x, top: top * y, width: (right - left) * x, height: (bottom - top) * y };
    for (const [name, size] of Object.entries(box)) this.#window.style.setProperty(name, `${size}px`);
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
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#map.width, this.#map.height);
    const scale = Math.min(this.#scale.x, this.#scale.y) * devicePixelRatio;
    context.scale(this.#scale.x * devicePixelRatio, this.#scale.y * devicePixelRatio);
    const pen = new CanvasPen(context);
    const palette = paletteOf(this.#map);
    const links = plan.layout.routes.keys();
    if (plan.layout.routes.length <= MOST_LINES) paintLines(pen, plan, palette, links, 0.5 / scale);
    const numbers = numbersOf(this.#state, plan, this.colouring);
    const largest = largestOf(numbers);
    paintFar(pen, numbers, plan, palette, undefined, 1 / scale);
    setText(this.#by, this.#state.messages.colours(this.colouring === "gradient"));
    setText(this.#low, formatValue(-largest));
    setText(this.#high, `+${formatValue(largest)}`);
    this.#ramp.style.background = `linear-gradient(90deg,${ramp(palette).join()})`;
  }

  #point(event: PointerEvent): void {
    if (event.buttons !== 1) return;
    this.#frame.setPointerCapture(event.pointerId);
    const box = this.#frame.getBoundingClientRect();
    const { x, y } = this.#scale;
    const place = { x: (event.clientX - box.left) / x, y: (event.clientY - box.top) / y };
    this.#camera.centre(place, undefined, false);
  }
}
