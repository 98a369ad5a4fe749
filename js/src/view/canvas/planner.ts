/** Has the layout made: of a small graph at once, of a larger one in slices, with a word about it and a way out. */

import { type Direction, finished, type Layout } from "../../layout/index.ts";
import type { Shape } from "../../picture/folds.ts";
import type { SceneGraph } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import type { Rankdir } from "../../session/traits.ts";
import { button, h } from "../dom.ts";
import { MARGIN } from "./camera.ts";
import { type Form, isSmall, leastLength, type Plan, planned } from "./plan.ts";

/** Below this width a large graph has its cards in one line. */
const COMPACT_BELOW = 900;
/** A graph that is a little too wide is drawn smaller, while its smallest text keeps 11 px; if nothing else helps, 10 px. */
const SMALLEST_SCALE = 0.92;
const LAST_SCALE = 0.84;
/** The most that a small graph's canvas is high, and what a page likes to show at once. */
export const HIGHEST = 900;
const COMFORTABLE = 720;
/** Of a graph of so many nodes, every number is shown; of a larger one, rather all of it at once. */
const ALL_NUMBERS = 24;
/** Pixels that a better form must spare before it is taken again, so that a window's edge can be dragged. */
const TO_SPARE = 28;
/** Time of a slice of the layout's work. */
const SLICE_MS = 20;

const USUAL = { isShort: false, isTiny: false, isNumbered: true, mayCover: false, isRough: false };

/** A shape to draw, its form, and its limit of height. */
interface Choice {
  readonly shape: Shape;
  readonly form: Form;
  readonly highest: number;
}

export class Planner {
  /** The word about it. */
  readonly element = h("div", "group working", { role: "status", hidden: true });
  /** Width to plan for. */
  width = 0;
  /** The scene graph that was given to the layout last. */
  picture: SceneGraph | undefined;
  readonly #state: State;
  readonly #rankdir: Rankdir;
  readonly #onPlan: (plan: Plan) => void;
  #work: ReturnType<typeof setTimeout> | undefined;
  /** The place of what was chosen last among the choices. */
  #taken = 0;

  constructor(state: State, rankdir: Rankdir, onPlan: (plan: Plan) => void) {
    this.#state = state;
    this.#rankdir = rankdir;
    this.#onPlan = onPlan;
    const { cancel, layingOut } = state.messages;
    const rough = () => this.#end(finished(this.#planOfMany({ isRough: true, isNumbered: false })));
    this.element.append(
      layingOut(state.picture.items.length.toLocaleString("en")),
      " ",
      button(cancel, cancel, rough),
    );
  }

  get isNarrow(): boolean {
    return this.width < COMPACT_BELOW;
  }

  /** Plan a graph of many cards, which is wider than any page and looked at in parts. */
  #planOfMany(form: Partial<Form>, before?: Plan): Generator<unknown, Plan> {
    const direction = this.#rankdir === "auto" ? "LR" : this.#rankdir;
    const { picture } = this.#state;
    const whole = { ...USUAL, isShort: this.isNarrow, direction, least: 1, ...form };
    // Thousands of leaves side by side are not put into hundreds of layers for the width of a page.
    const room = direction === "LR" ? this.width - 2 * MARGIN : Infinity;
    return planned(this.#state, picture, whole, room, before);
  }

  /** Plan for another width from now on; false if it is none. */
  resize(width: number): boolean {
    const isOther = width > 0 && width !== this.width;
    if (isOther) this.width = width;
    return isOther;
  }

  /** Make a plan of the state's picture, in which what was planned before keeps its order, and its direction too if asked. */
  plan(before?: Plan, direction?: Direction): void {
    this.picture = this.#state.picture;
    const small = isSmall(this.picture);
    this.element.hidden = small;
    if (small) this.#end(this.#choose(before, direction));
    else this.#run(this.#planOfMany({}, before));
  }

  /** Make a plan in slices. */
  #run(slices: Generator<unknown, Plan>): void {
    this.stop();
    for (const until = performance.now() + SLICE_MS; performance.now() < until; ) {
      const slice = slices.next();
      if (slice.done) return this.#end(slice.value);
    }
    this.#work = setTimeout(() => this.#run(slices));
  }

  stop(): void {
    clearTimeout(this.#work);
  }

  /** The first of all that may be drawn that fits; where nothing does, what shows most of itself. */
  #choose(before?: Plan, direction?: Direction): Plan {
    const { folds } = this.#state;
    const isMany = this.#state.graph.size > ALL_NUMBERS;
    const choices = folds.shapes.flatMap((shapes) => choicesOf(shapes, this.#rankdir, isMany));
    const orders = new Map<SceneGraph, Layout["order"]>();
    const layOut = ({ shape, form }: Choice, room: number) => {
      folds.choose(shape);
      const { picture } = folds;
      const plan = finished(planned(this.#state, picture, form, room, before, orders.get(picture)));
      orders.set(picture, plan.layout.order);
      return plan;
    };
    const tried: { choice: Choice; room: number; high: number; overflow: number; isReal: boolean }[] = [];
    for (const [index, choice] of choices.entries()) {
      const { shape, form, highest } = choice;
      if (direction && form.direction !== direction) continue;
      const spare = index < this.#taken ? TO_SPARE : 0;
      const room = (this.width - 2 * MARGIN - spare) / form.least;
      const high = (highest - 2 * MARGIN) / form.least;
      // At first by what it takes at least, which is soon known.
      let overflow =
        leastLength(this.#state, folds.pictureOf(shape), form) / (form.direction === "LR" ? room : high);
      const isReal = overflow <= 1;
      if (isReal) {
        const plan = layOut(choice, room);
        overflow = overflowOf(plan, room, high);
        if (overflow <= 1) {
          this.#taken = index;
          return plan;
        }
      }
      tried.push({ choice, room, high, overflow, isReal });
    }
    this.#taken = 0;
    for (;;) {
      const best = tried.sort((a, b) => a.overflow - b.overflow)[0]!;
      const plan = layOut(best.choice, best.room);
      if (best.isReal) return plan;
      best.isReal = true;
      best.overflow = overflowOf(plan, best.room, best.high);
    }
  }

  #end(plan: Plan): void {
    this.stop();
    this.picture = plan.picture;
    this.element.hidden = true;
    this.#onPlan(plan);
  }
}

function overflowOf({ layout }: Plan, room: number, high: number): number {
  return Math.max(layout.width / room, layout.height / high);
}

/** Choices, best first. These give way: leaves with an edge each, the direction, second lines, size, numbers on edges. */
function choicesOf(shapes: readonly Shape[], rankdir: Rankdir, isMany: boolean): Choice[] {
  const cards = shapes[0]!;
  const rows = shapes.at(-1)!;
  const across = rankdir === "auto" ? "LR" : rankdir;
  const down = rankdir === "auto" ? "TB" : rankdir;
  const choice = (shape: Shape, direction: Direction, highest: number, form: Partial<Form> = {}): Choice => ({
    shape,
    form: { ...USUAL, direction, least: SMALLEST_SCALE, ...form },
    highest,
  });
  const isShort = true;
  const last = { isShort, least: LAST_SCALE };
  const tiny = { ...last, isTiny: true };
  const high = isMany ? COMFORTABLE : HIGHEST;
  const tall = choice(rows, down, HIGHEST, { ...tiny, mayCover: true });
  const bare = choice(rows, across, HIGHEST, { ...tiny, isNumbered: false });
  return [
    choice(cards, across, HIGHEST),
    choice(rows, across, HIGHEST),
    choice(cards, down, COMFORTABLE),
    choice(rows, down, COMFORTABLE),
    choice(rows, across, HIGHEST, { isShort }),
    choice(cards, down, COMFORTABLE, { isShort }),
    choice(rows, down, high, { isShort }),
    choice(rows, across, HIGHEST, last),
    choice(rows, down, high, last),
    choice(rows, across, HIGHEST, tiny),
    choice(rows, down, high, tiny),
    ...(isMany ? [bare, tall] : [tall, bare]),
    choice(rows, down, HIGHEST, { ...tiny, isNumbered: false }),
  ];
}
