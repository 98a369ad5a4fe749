/** A leaf in the card of what uses it: its name, its value over a small slider, its gradient over a bar. */

import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { h, quiet, setAttribute, toggle } from "../dom.ts";
import { rowGradient, showGradient, showNumber, totalWords, valueWords } from "./face.ts";
import { LeafControl, type Moves } from "./leaf.ts";

/** A leaf on its own, as small as a row. */
export class SmallLeaf {
  readonly element: HTMLElement;
  readonly parts: ReadonlyMap<number, HTMLElement>;
  readonly #row: LeafRow;

  constructor(state: State, leaf: number, moves: Moves) {
    this.#row = new LeafRow(state, leaf, moves);
    this.element = h("div", `card ${state.kind(leaf)}`, {}, this.#row.element);
    this.parts = new Map([[leaf, this.#row.element]]);
  }

  update(_: number | undefined, largest = 0): void {
    this.#row.update(largest);
  }
}

export class LeafRow {
  readonly element: HTMLElement;
  readonly leaf: number;
  readonly #state: State;
  readonly #value = h("span", "value", { "data-value": true });
  readonly #passGrad = h("span", "grad", { "data-pass-grad": true });
  readonly #grad = h("span", "total-grad", { "data-grad": true });
  readonly #bar = h("i", "share");
  readonly #control: LeafControl;

  constructor(state: State, leaf: number, moves: Moves) {
    this.#state = state;
    this.leaf = leaf;
    const kind = state.kind(leaf);
    const name = state.names.of(leaf);
    this.#control = new LeafControl(state, leaf, this.#value, moves);
    const { value, slider, ends } = this.#control;
    ends.insertBefore(h("span", "", {}, quiet(".grad "), this.#grad), ends.lastElementChild);
    this.element = h(
      "div",
      `leaf-row ${kind}`,
      { "data-node": leaf, "data-kind": kind, tabindex: 0, role: "group" },
      h(state.names.label(leaf) ? "b" : "span", "name title", { title: name }, name),
      value,
      this.#passGrad,
      slider,
      h("span", "extent", { "aria-hidden": "true" }, this.#bar),
      ends,
    );
  }

  /** Have the slider in full, or small. */
  open(isOpen: boolean): void {
    toggle(this.element, "open", isOpen);
  }

  /** Show what the state says now; bars are as long as their share of the largest. */
  update(largest: number): void {
    const state = this.#state;
    const { leaf } = this;
    const written = valueWords(state, leaf);
    showNumber(this.#value, written, state.value(leaf));
    this.#control.update();
    const { words, gradient, told } = rowGradient(state, leaf);
    showGradient(this.#passGrad, words, gradient);
    const total = state.total(leaf);
    showGradient(this.#grad, totalWords(state, total), total);
    const share = gradient === undefined || largest === 0 ? 0 : clamp(gradient / largest, -1, 1) || 0;
    this.#bar.style.cssText = `width:${(50 * Math.abs(share)).toFixed(1)}%;${share < 0 ? "right" : "left"}:50%`;
    toggle(this.#bar, "negative", share < 0);
    const kind = state.messages.kinds[state.kind(leaf)];
    setAttribute(this.element, "aria-label", state.messages.node(state.names.of(leaf), kind, written, told));
  }
}
