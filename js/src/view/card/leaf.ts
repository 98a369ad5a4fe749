/** The controls of a leaf: a slider that fills from zero, and a number box where the value stands. */

import { exact, formatShort, formatValue, signed } from "../../analysis/format.ts";
import type { Range } from "../../session/ranges.ts";
import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { button, h, on, setAttribute, setAttributes, setText } from "../dom.ts";

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
  readonly slider: HTMLInputElement;
  readonly ends: HTMLElement;
  readonly #state: State;
  readonly #leaf: number;
  readonly #moves: Moves;
  readonly #box: HTMLInputElement;
  readonly #freeze: HTMLButtonElement;
  readonly #low = h("span", "");
  readonly #high = h("span", "");
  /** The value and the range before a move that is going on. */
  #before: (Range & { readonly value: number }) | undefined;

  constructor(state: State, leaf: number, text: HTMLElement, moves: Moves) {
    this.#state = state;
    this.#leaf = leaf;
    this.#moves = moves;
    const { messages, names, graph, readOnly: disabled } = state;
    const shared = { "data-leaf": leaf, "aria-label": messages.sliderOf(names.of(leaf)), disabled };
    const slider = h("input", "slider", { type: "range", ...shared });
    const box = h("input", "number", { type: "number", step: "any", ...shared });
    this.slider = slider;
    this.#box = box;
    this.value = h("span", "editable", {}, text, box);
    this.#freeze = button("❄\ufe0e", "", () => moves.freeze(leaf, graph.needsGrad[leaf] === 1), "freeze");
    this.#freeze.disabled = disabled;
    this.ends = h("div", "row mute ends", {}, this.#low, this.#freeze, this.#high);
    on(slider, ["input"], () => this.#move(Number(slider.value)));
    on(slider, ["change"], () => this.#settle(Number(slider.value)));
    on(box, ["input"], () => {
      if (!Number.isNaN(box.valueAsNumber)) this.#move(box.valueAsNumber);
    });
    on(box, ["change"], () => {
      const typed = box.valueAsNumber;
      const isNumber = !Number.isNaN(typed);
      // What was typed on the way, such as the 1 of 1e, was not meant either.
      this.#settle(isNumber ? typed : this.#before?.value);
      if (!isNumber) moves.refuse();
      box.value = this.#boxText();
    });
    // There and back again is no change to a browser, but the move is over.
    const over = () => this.#settle(graph.values[leaf]!);
    on(slider, ["pointerup", "pointercancel", "blur"], over);
    on(box, ["blur"], () => {
      over();
      box.value = this.#boxText(); // what came while it had the focus
    });
    // A browser would turn the wheel into steps of 1.
    on(box, ["wheel"], () => box.blur(), { passive: true });
    // Enter in the box is 'done', not 'open the inspector'.
    on(box, ["keydown"], (event) => {
      if (event.key === "Escape" && this.#before) {
        event.stopPropagation(); // it would close the inspector
        this.#settle(this.#before.value);
        box.value = this.#boxText();
      }
      if (event.key === "Enter") box.blur();
    });
  }

  update(): void {
    const { slider } = this;
    const { graph, messages, names, readOnly } = this.#state;
    const isLocked = this.#state.isLocked(this.#leaf);
    for (const control of [slider, this.#box]) {
      control.disabled = readOnly || isLocked;
      setAttribute(control, "title", isLocked ? messages.locked : null);
    }
    const isFrozen = graph.needsGrad[this.#leaf] === 0;
    const what = (isFrozen ? messages.unfreeze : messages.freeze)(names.of(this.#leaf));
    setAttributes(this.#freeze, { "aria-pressed": String(isFrozen), title: what, "aria-label": what });
    const value = graph.values[this.#leaf]!;
    const { low, high, step } = this.#state.range(this.#leaf);
    setAttributes(slider, { min: low, max: high, step, "aria-valuetext": formatValue(value) });
    setText(this.#low, endWords(low));
    setText(this.#high, endWords(high));
    // The slider under the pointer is where the value comes from: writing to it would fight the hand.
    const place = clamp(value || 0, low, high);
    if (Number(slider.value) !== place) slider.value = String(place);
    const ends = { zero: 0, from: Math.min(0, value || 0), to: Math.max(0, value || 0) };
    for (const [name, end] of Object.entries(ends)) {
      const share = clamp((end - low) / (high - low), 0, 1);
      slider.style.setProperty(`--${name}`, `${(100 * share).toFixed(2)}%`);
    }
    if (!this.#box.matches(":focus")) this.#box.value = this.#boxText();
  }

  #move(value: number): void {
    this.#before ??= { ...this.#state.range(this.#leaf), value: this.#state.graph.values[this.#leaf]! };
    this.#moves.move(this.#leaf, value);
  }

  #settle(value: number | undefined): void {
    if (this.#before === undefined || value === undefined) return;
    // What was passed on the way, such as the 1e30 of 1e300, is no reason for a wide slider.
    this.#state.setRange(this.#leaf, this.#before, value);
    this.#before = undefined;
    this.#moves.settle(this.#leaf, value);
  }

  #boxText(): string {
    const value = this.#state.graph.values[this.#leaf]!;
    return Number.isFinite(value) ? exact(value) : "";
  }
}

/** An end of a slider, where there is room for four digits: 10000 as 1e4. */
function endWords(x: number): string {
  const short = signed(x.toExponential(0));
  return Math.abs(x) >= 1e4 && Number(x.toExponential(0)) === x ? short : formatShort(x);
}
