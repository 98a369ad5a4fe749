/**
 * The canvas beneath the elements. Far out everything is painted on it, close up only the lines that are too many for
 * elements.
 *
 * Lines far out say nothing new while numbers change, and take long where they are many: a picture of them is kept, and
 * while the camera moves it moves along.
 */

import type { State } from "../../session/state.ts";
import { type Box, grown, isSameBox } from "../box.ts";
import { h } from "../dom.ts";
import type { Camera } from "./camera.ts";
import type { Field } from "./field.ts";
import { type Palette, paintFar, paintLines, paintLink, paletteOf } from "./paint.ts";
import { boxOf, type Plan } from "./plan.ts";

/** With more lines than this, far out, they are painted when the camera has come to rest. */
const MOST_LINES = 1000;
const REST_MS = 100;

export class Paper {
  readonly element = h("canvas", "paper", { "aria-hidden": "true" });
  readonly #state: State;
  readonly #camera: Camera;
  readonly #onRest: () => void;
  /** A picture of the lines, and what it is of. */
  #kept: { canvas: HTMLCanvasElement; view: Box; plan: Plan; line: string } | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The camera has come to rest since the lines were painted. */
  #isResting = false;

  /** `onRest` is called when it is to be painted again. */
  constructor(state: State, camera: Camera, onRest: () => void) {
    this.#state = state;
    this.#camera = camera;
    this.#onRest = onRest;
  }

  stop(): void {
    clearTimeout(this.#rest);
  }

  /** Everything that is in view. */
  paintAll(plan: Plan, field: Field): void {
    const { view, scale } = this.#camera;
    const context = this.#blank();
    const palette = paletteOf(this.element);
    this.#paintLines(context, plan, palette, field.links(view));
    paintFar(context, this.#state, plan, palette, 1.5 / scale, field.items(view));
    const { selected } = this.#state;
    if (selected === null) return;
    const rim = 4 / scale;
    const { x, y, width, height } = grown(boxOf(plan, plan.picture.itemOf[selected]!), rim);
    context.strokeStyle = palette("ink");
    context.lineWidth = 2 / scale;
    context.beginPath();
    context.roundRect(x, y, width, height, rim);
    context.stroke();
  }

  /** The links in view that have no elements, as far as the tiles go. */
  paintRest(plan: Plan, field: Field, elements: ReadonlyMap<number, unknown>, tiles: Box): void {
    const context = this.#blank();
    const palette = paletteOf(this.element);
    for (const link of field.links(this.#camera.view))
      if (!elements.has(link)) paintLink(context, this.#state, plan, palette, link, tiles);
  }

  /** Nothing on it, as large as its place, in the drawing's own pixels. */
  #blank(): CanvasRenderingContext2D {
    const { view, scale } = this.#camera;
    const { clientWidth, clientHeight } = this.element;
    const size = {
      width: Math.round(clientWidth * devicePixelRatio),
      height: Math.round(clientHeight * devicePixelRatio),
    };
    // (Setting a size takes time, even the same one.)
    if (this.element.width !== size.width || this.element.height !== size.height)
      Object.assign(this.element, size);
    const context = this.element.getContext("2d")!;
    const sharp = scale * devicePixelRatio;
    context.reset();
    context.setTransform(sharp, 0, 0, sharp, -view.x * sharp, -view.y * sharp);
    return context;
  }

  #paintLines(
    context: CanvasRenderingContext2D,
    plan: Plan,
    palette: Palette,
    links: readonly number[],
  ): void {
    const kept = this.#kept;
    const { view, scale } = this.#camera;
    const isSame = isSameBox(view, kept?.view);
    const line = palette("line");
    const isOld = kept?.plan !== plan || kept.line !== line;
    if (isOld || (!isSame && (links.length <= MOST_LINES || this.#isResting))) {
      const canvas = kept?.canvas ?? h("canvas", "");
      const { width, height } = this.element;
      Object.assign(canvas, { width, height });
      const own = canvas.getContext("2d")!;
      own.setTransform(context.getTransform());
      paintLines(own, plan, palette, links, 1 / scale);
      this.#kept = { canvas, view, plan, line };
    } else if (!isSame) {
      clearTimeout(this.#rest);
      this.#rest = setTimeout(() => {
        this.#isResting = true;
        this.#onRest();
      }, REST_MS);
    }
    this.#isResting = false;
    const { canvas, view: seen } = this.#kept!;
    context.drawImage(canvas, seen.x, seen.y, seen.width, seen.height);
  }
}
