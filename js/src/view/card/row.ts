/** A leaf in the card of what uses it: its name, its value over a small slider, its gradient over a bar. */

import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { h, quiet, setText, toggle } from "../dom.ts";
import { nodeAttributes, numbersOf, rowGradient, showGradient, totalWords } from "./face.ts";
import type { CardView } from "./group.ts";
import { leafControl, type Moves } from "./leaf.ts";

/** A leaf on its own, as small as a row. */
export function smallLeaf(state: State, leaf: number, moves: Moves): CardView {
  const row = leafRow(state, leaf, moves);
  return {
    element: h("div", `card ${state.kind(leaf)}`, {}, row.element),
    parts: new Map([[leaf, row.element]]),
    update: (_, largest) => row.update(undefined, largest),
  };
}

/** A row; it has its slider in full while it is the open one. */
export function leafRow(state: State, leaf: number, moves: Moves): Omit<CardView, "parts"> {
  const { messages, names } = state;
  const kind = state.kind(leaf);
  const name = names.of(leaf);
  const { value, grad: passGrad, show } = numbersOf(state, leaf);
  const grad = h("span", "", { "data-grad": true });
  const bar = h("i", "share");
  const total = quiet();
  const control = leafControl(state, leaf, value, moves, h("span", "", {}, total, grad));
  const element = h(
    "div",
    `leaf-row ${kind}`,
    nodeAttributes(state, leaf),
    h(names.label(leaf) ? "b" : "span", "name title", { title: name }, name),
    control.value,
    passGrad,
    control.slider,
    h("span", "extent", { "aria-hidden": "true" }, bar),
    control.ends,
  );
  return {
    element,
    update(openRow, largest = 0) {
      toggle(element, "open", leaf === openRow);
      control.update();
      const words = rowGradient(state, leaf);
      show(element, messages.kinds[state.kind(leaf)], words);
      const sum = state.total(leaf);
      setText(total, sum === undefined ? "" : ".grad ");
      showGradient(grad, totalWords(state, sum), sum);
      // Bars are as long as their share of the largest.
      const share = clamp((words.gradient ?? 0) / largest, -1, 1) || 0;
      bar.style.cssText = `width:${(50 * Math.abs(share)).toFixed(1)}%;${share < 0 ? "right" : "left"}:50%`;
      toggle(bar, "negative", share < 0);
    },
  };
}
