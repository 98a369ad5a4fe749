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
  /** Freeze a leaf, or thaw it. */
  freeze(leaf: number, frozen: boolean): void;
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
  readonly #moves: Moves;
  readonly #range: HTMLInputElement;
  readonly #box: HTMLInputElement;
  readonly #freeze: HTMLButtonElement;
  readonly #low = h("span", "end");
  readonly #high = h("span", "end");
  /** The value before a move that is going on. */
  #before: number | undefined;

  constructor(state: State, leaf: number, text: HTMLElement, moves: Moves) {
    this.#state = state;
    this.#leaf = leaf;
    this.#moves = moves;
    const name = state.names.of(leaf);
    const { messages } = state;
    this.#range = h("input", "slider", {
      type: "range",
      "data-leaf": leaf,
      "aria-label": messages.sliderOf(name),
      disabled: state.readOnly,
    });
    this.#box = h("input", "number", {
      type: "number",
      "data-leaf": leaf,
      step: "any",
      "aria-label": messages.sliderOf(name),
      disabled: state.readOnly,
    });
    this.value = h("span", "editable", {}, text, this.#box);
    this.slider = h("div", "slider-row", {}, this.#range);
    this.#freeze = h("button", "freeze", { type: "button", disabled: state.readOnly }, "❄\ufe0e");
    this.#freeze.addEventListener("click", () => moves.freeze(leaf, state.graph.needsGrad[leaf] === 1));
    this.ends = h("div", "row ends", {}, this.#low, this.#freeze, this.#high);
    this.#range.addEventListener("input", () => this.#move(Number(this.#range.value)));
    this.#range.addEventListener("change", () => this.#settle(Number(this.#range.value)));
    this.#box.addEventListener("input", () => {
      const typed = this.#typed();
      if (typed !== undefined) this.#move(typed);
    });
    this.#box.addEventListener("change", () => {
      const typed = this.#typed();
      // What was typed on the way, such as the 1 of 1e, was not meant either.
      this.#settle(typed ?? this.#before);
      if (typed === undefined) moves.refuse();
      this.#box.value = this.#boxText();
    });
    // There and back again is no change to a browser, but the move is over.
    for (const over of ["pointerup", "pointercancel", "blur"]) {
      this.#range.addEventListener(over, () => this.#settle(state.graph.values[leaf]!));
    }
    this.#box.addEventListener("blur", () => this.#settle(state.graph.values[leaf]!));
    // Enter in the box is 'done', not 'open the inspector'.
    this.#box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#box.blur();
    });
  }

  update(): void {
    const { readOnly } = this.#state;
    const isLocked = this.#state.isLocked(this.#leaf);
    for (const control of [this.#range, this.#box]) {
      control.disabled = readOnly || isLocked;
      setAttribute(control, "title", isLocked ? this.#state.messages.locked : null);
    }
    const frozen = this.#state.graph.needsGrad[this.#leaf] === 0;
    setAttribute(this.#freeze, "aria-pressed", String(frozen));
    const { messages, names } = this.#state;
    const what = frozen ? messages.thaw(names.of(this.#leaf)) : messages.freeze(names.of(this.#leaf));
    setAttribute(this.#freeze, "title", what);
    setAttribute(this.#freeze, "aria-label", what);
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
    this.#range.style.setProperty("--at", share(Number.isFinite(value) ? value : 0));
    this.#range.style.setProperty("--zero", share(0));
    this.#range.style.setProperty("--from", share(Math.min(0, value || 0)));
    this.#range.style.setProperty("--to", share(Math.max(0, value || 0)));
    if (!this.#box.matches(":focus")) this.#box.value = this.#boxText();
  }

  #move(value: number): void {
    this.#before ??= this.#state.graph.values[this.#leaf]!;
    this.#moves.move(this.#leaf, value);
  }

  #settle(value: number | undefined): void {
    if (this.#before === undefined || value === undefined) return;
    this.#before = undefined;
    this.#moves.settle(this.#leaf, value);
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
