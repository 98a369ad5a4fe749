/** Has the layout made: of a small graph at once, of a larger one in slices, with a word about it and a way out. */

import type { Direction } from "../../layout/index.ts";
import type { SceneGraph } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { button, h } from "../dom.ts";
import { MARGIN } from "./camera.ts";
import { type Detail, isSmall, type Plan, planned, roughPlan } from "./plan.ts";

/** Below this width cards shrink also where that does not make them fit. */
const COMPACT_BELOW = 900;
/** A graph that is a little too wide is drawn smaller, while its smallest text keeps 11 px. */
export const SMALLEST_SCALE = 0.92;
/** How long a slice of the layout's work may take. */
const SLICE_MS = 20;

export class Planner {
  /** The word about it. */
  readonly element = h("div", "working", { role: "status", hidden: true });
  /** What is planned for. */
  width = 0;
  /** What was given to the layout last. */
  picture: SceneGraph | undefined;
  readonly #state: State;
  readonly #direction: Direction;
  readonly #onPlan: (plan: Plan) => void;
  #work: ReturnType<typeof setTimeout> | undefined;

  constructor(state: State, direction: Direction, onPlan: (plan: Plan) => void) {
    this.#state = state;
    this.#direction = direction;
    this.#onPlan = onPlan;
    const { cancel, layingOut } = state.messages;
    const rough = () => this.#end(roughPlan(state, this.isNarrow, direction));
    this.element.append(layingOut(state.picture.items.length), " ", button(cancel, cancel, rough));
  }

  get isNarrow(): boolean {
    return this.width < COMPACT_BELOW;
  }

  /** Plan for another width from now on; false if it is none. */
  resize(width: number): boolean {
    const isOther = width > 0 && width !== this.width;
    if (isOther) this.width = width;
    return isOther;
  }

  /** Make a plan of the state's picture, in which what was planned before keeps its order. */
  plan(before: Plan | undefined): void {
    clearTimeout(this.#work);
    this.picture = this.#state.picture;
    const small = isSmall(this.picture);
    const work = this.#plans(small, before);
    const slice = () => {
      const until = performance.now() + SLICE_MS;
      do {
        const step = work.next();
        if (step.done) return this.#end(step.value);
      } while (small || performance.now() < until);
      this.#work = setTimeout(slice);
    };
    this.element.hidden = small;
    slice();
  }

  stop(): void {
    clearTimeout(this.#work);
  }

  /**
   * With every name and number, or where that is too wide with what fits, numbers on other lines before none at all; in a
   * wide view not with less for nothing.
   */
  *#plans(small: boolean, before: Plan | undefined): Generator<unknown, Plan> {
    const room = (this.width - 2 * MARGIN) / SMALLEST_SCALE;
    const plan = (detail: Detail, known?: Plan, mayCover?: boolean) =>
      planned(this.#state, detail, this.#direction, room, before, known?.layout.order, mayCover);
    const fits = ({ layout }: Plan) => layout.width <= room;
    const first = yield* plan(!small && this.isNarrow ? "symbols" : "all");
    if (!small || fits(first)) return first;
    for (const mayCover of [false, true]) {
      const numbers = yield* plan("numbers", first, mayCover);
      if (fits(numbers)) return numbers;
    }
    const symbols = yield* plan("symbols", first);
    return this.isNarrow || fits(symbols) ? symbols : first;
  }

  #end(plan: Plan): void {
    this.stop();
    this.element.hidden = true;
    this.#onPlan(plan);
  }
}
