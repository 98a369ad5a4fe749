/** The controls of a leaf: a slider that fills from zero, and a number box where the value stands. */

import { exact, formatShort, formatValue } from "../format.ts";
import type { State } from "../state.ts";
import { h, setAttribute, setText } from "./dom.ts";

/** What a control does with a value. */
export interface Moves {
  /** The value while it is being moved. */
  move(leaf: number, value: number): void;
  /** The value when it has arrived. */
  settle(leaf: number, value: number): void;
  /** Something was typed that is no number. */
  refuse(): void;
}

export class LeafControl {
  /** The value as text with the number box over it. */
  readonly value: HTMLElement;
  readonly slider: HTMLElement;
  readonly ends: HTMLElement;
  readonly #state: State;
  readonly #leaf: number;
  readonly #range: HTMLInputElement;
  readonly #box: HTMLInputElement;
  readonly #low = h("span", "agw-end");
  readonly #high = h("span", "agw-end");

  constructor(state: State, leaf: number, text: HTMLElement, moves: Moves) {
    this.#state = state;
    this.#leaf = leaf;
    const name = state.names.of(leaf);
    const { messages } = state;
    this.#range = h("input", "agw-slider", {
      type: "range",
      "data-leaf": leaf,
      "aria-label": messages.sliderOf(name),
      disabled: state.readOnly,
    });
    this.#box = h("input", "agw-number", {
      type: "number",
      "data-leaf": leaf,
      step: "any",
      "aria-label": messages.numberOf(name),
      disabled: state.readOnly,
    });
    this.value = h("span", "agw-editable", {}, text, this.#box);
    this.slider = h("div", "agw-slider-row", {}, this.#range);
    this.ends = h("div", "agw-row agw-ends", { "aria-hidden": "true" }, this.#low, this.#high);
    this.#range.addEventListener("input", () => moves.move(leaf, Number(this.#range.value)));
    this.#range.addEventListener("change", () => moves.settle(leaf, Number(this.#range.value)));
    this.#box.addEventListener("input", () => {
      const typed = this.#typed();
      if (typed !== undefined) moves.move(leaf, typed);
    });
    this.#box.addEventListener("change", () => {
      const typed = this.#typed();
      if (typed === undefined) moves.refuse();
      else moves.settle(leaf, typed);
      this.#box.value = this.#boxText();
    });
    // Enter in the box is 'done', not 'open the inspector'.
    this.#box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#box.blur();
    });
  }

  update(): void {
    const value = this.#state.graph.values[this.#leaf]!;
    const { low, high, step } = this.#state.range(this.#leaf);
    setAttribute(this.#range, "min", String(low));
    setAttribute(this.#range, "max", String(high));
    setAttribute(this.#range, "step", String(step));
    setText(this.#low, formatShort(low));
    setText(this.#high, formatShort(high));
    setAttribute(this.#range, "aria-valuetext", formatValue(value));
    // The slider under the pointer is where the value comes from: writing to it would fight the hand.
    if (Number.isFinite(value) && Number(this.#range.value) !== value) this.#range.value = String(value);
    const share = (x: number) => `${(100 * Math.min(1, Math.max(0, (x - low) / (high - low)))).toFixed(2)}%`;
    this.#range.style.setProperty("--agw-at", share(Number.isFinite(value) ? value : 0));
    this.#range.style.setProperty("--agw-zero", share(0));
    this.#range.style.setProperty("--agw-from", share(Math.min(0, value || 0)));
    this.#range.style.setProperty("--agw-to", share(Math.max(0, value || 0)));
    if (!this.#box.matches(":focus")) this.#box.value = this.#boxText();
  }

  #boxText(): string {
    const value = this.#state.graph.values[this.#leaf]!;
    return Number.isFinite(value) ? exact(value) : "";
  }

  #typed(): number | undefined {
    const typed = this.#box.value.trim();
    return typed === "" || !Number.isFinite(Number(typed)) ? undefined : Number(typed);
  }
}
