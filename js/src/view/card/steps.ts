/** The steps of a recurrence between the first and the last, folded: how the gradient fares from one to the next. */

import { formatOnEdge, formatShort } from "../../analysis/format.ts";
import { largestOf } from "../../analysis/largest.ts";
import type { Group } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { h, quiet, s, setAttribute, setText, toggle } from "../dom.ts";
import { type Fold, foldButton } from "./group.ts";

export const STEPS = { width: 184, height: 134, sheets: 6, exit: undefined };
const PLOT = { width: 166, height: 58 };
/** Room for the numbers of the scale, and around the dots. */
const LEFT = 34;
const EDGE = 5;
/** Smaller ones are not told apart: a zero stands at the bottom, hollow. */
const LEAST_DECADES = 1;

const size = (x: number) => formatOnEdge(x).slice(1);

export class StepsCard {
  readonly element: HTMLElement;
  readonly parts: ReadonlyMap<number, HTMLElement> = new Map();
  readonly #state: State;
  readonly #states: readonly number[];
  readonly #rate = h("b", "name");
  readonly #dots: SVGCircleElement[];
  readonly #high = s("text", "plot-text", { x: 0, y: EDGE + 4 });
  readonly #low = s("text", "plot-text", { x: 0, y: PLOT.height - EDGE + 4 });

  constructor(state: State, group: Group, fold: Fold) {
    this.#state = state;
    this.#states = group.steps!;
    const { messages, names } = state;
    const title = state.folds.title(group);
    this.#dots = this.#states.map(() => s("circle", "dot", { r: 2.8 }));
    const last = this.#states.at(-1)!;
    const what = `|∂${names.of(state.subject)}/∂${names.of(last).replace(/\d+$/, "")}ₜ|`;
    const axis = s("path", "axis", { d: `M${LEFT} 0v${PLOT.height}h${PLOT.width - LEFT}`, fill: "none" });
    const plot = s("svg", "plot", { ...PLOT, role: "img" }, axis, this.#high, this.#low, ...this.#dots);
    setAttribute(plot, "aria-label", what);
    this.element = h(
      "div",
      "card stacked",
      { "data-group": group.id, tabindex: 0, role: "group", "aria-label": title },
      h(
        "div",
        "row",
        {},
        foldButton("▸", messages.open(title), false, () => fold(group)),
        h("b", "name title", {}, title),
      ),
      h("div", "row", {}, quiet(what), quiet("log")),
      plot,
      h("div", "row", {}, this.#rate),
    );
  }

  update(): void {
    const gradients = this.#states.map((node) => this.#state.gradient(node));
    const sizes = gradients.map((x) => (x === undefined ? Number.NaN : Math.abs(x)));
    const largest = largestOf(sizes);
    const least = sizes.reduce((low, x) => (x > 0 && x < low ? x : low), largest);
    const decades = Math.max(LEAST_DECADES, Math.log10(largest / least) || 0);
    const { width, height } = PLOT;
    sizes.forEach((size, i) => {
      const dot = this.#dots[i]!;
      const down = size > 0 ? Math.log10(largest / size) / decades : 1;
      setAttribute(dot, "cx", String(LEFT + 8 + ((width - LEFT - 16) * i) / (sizes.length - 1)));
      setAttribute(dot, "cy", String(EDGE + (height - 2 * EDGE) * Math.min(1, down)));
      toggle(dot, "negative", gradients[i]! < 0);
      toggle(dot, "zero", !(size > 0));
    });
    const isKnown = largest > 0;
    setText(this.#high, isKnown ? size(largest) : "");
    setText(this.#low, isKnown ? size(largest / 10 ** decades) : "");
    const factor = (sizes[0]! / sizes.at(-1)!) ** (1 / (sizes.length - 1));
    setText(
      this.#rate,
      factor > 0 && Number.isFinite(factor)
        ? this.#state.messages.perStep(formatShort(Number(factor.toPrecision(2))))
        : "",
    );
  }
}
