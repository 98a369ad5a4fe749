/** The steps of a recurrence between the first and the last, folded: how the gradient fares from one to the next. */

import { formatShort, formatValue } from "../../analysis/format.ts";
import { largestOf } from "../../analysis/largest.ts";
import type { Group } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { h, hueOf, prefixed, quiet, s, setAttribute, setAttributes, setText } from "../dom.ts";
import { type CardView, type Fold, foldButton, groupFrame, rowOf } from "./group.ts";

export const STEPS = { width: 184, height: 134, sheets: 6, exit: undefined };
const PLOT = { width: 166, height: 58 };
/** Room for the numbers of the scale, and around the dots. */
const LEFT = 34;
const EDGE = 5;
/** Smaller ones are not told apart: a zero stands at the bottom, hollow. */
const LEAST_DECADES = 1;

export function stepsCard(state: State, group: Group, fold: Fold): CardView {
  const { messages, names } = state;
  const states = group.steps!;
  const title = state.folds.title(group);
  const rate = h("b", "name");
  const dots = states.map(() => s("circle", "dot", { r: 2.8 }));
  const [high, low] = [EDGE, PLOT.height - EDGE].map((y) => s("text", "plot-text", { x: 0, y: y + 4 }));
  const last = names.of(states.at(-1)!).replace(/\d+$/, "");
  const what = `|∂${names.of(state.subject)}/∂${last}ₜ|`;
  const axis = s("path", "axis", { d: `M${LEFT} 0v${PLOT.height}h${PLOT.width - LEFT}`, fill: "none" });
  const element = groupFrame(
    group,
    "",
    rowOf(
      foldButton("▸", messages.open(title), false, () => fold(group)),
      h("b", "name title", {}, title),
    ),
    rowOf(quiet(what), quiet("log")),
    s("svg", "plot", { ...PLOT, role: "img", "aria-label": what }, axis, high!, low!, ...dots),
    rowOf(rate),
  );
  setAttribute(element, "aria-label", title);
  return {
    element,
    parts: new Map(),
    update() {
      const gradients = states.map((node) => state.gradient(node) ?? Number.NaN);
      const sizes = gradients.map(Math.abs);
      const largest = largestOf(sizes);
      const least = sizes.reduce((low, x) => (x > 0 && x < low ? x : low), largest);
      const decades = Math.max(LEAST_DECADES, Math.log10(largest / least) || 0);
      sizes.forEach((size, i) => {
        const down = size > 0 ? Math.min(1, Math.log10(largest / size) / decades) : 1;
        setAttributes(dots[i]!, {
          class: prefixed(`dot${size > 0 ? hueOf(gradients[i]!) : " zero"}`),
          cx: LEFT + 8 + ((PLOT.width - LEFT - 16) * i) / (sizes.length - 1),
          cy: EDGE + (PLOT.height - 2 * EDGE) * down,
        });
      });
      const scale = (x: number) => (largest > 0 ? formatValue(x) : "");
      setText(high!, scale(largest));
      setText(low!, scale(largest / 10 ** decades));
      const factor = (sizes[0]! / sizes.at(-1)!) ** (1 / (sizes.length - 1));
      const isKnown = factor > 0 && factor < Infinity;
      setText(rate, isKnown ? messages.perStep(formatShort(Number(factor.toPrecision(2)))) : "");
    },
  };
}
