/** One node on the canvas: its name, its value, what this pass gave; a leaf also its slider and its accumulated `.grad`. */

import { formatValue } from "../../analysis/format.ts";
import type { State } from "../../session/state.ts";
import { h, prefixed, quiet, setAttribute, setText } from "../dom.ts";
import { gradientWords, showGradient, showNumber, valueWords } from "./face.ts";
import { LeafControl, type Moves } from "./leaf.ts";

/** The oldest passes share one bar of a stack beyond this. */
const MOST_BARS = 6;

export class Card {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #id: number;
  readonly #value = h("span", "value", { "data-value": true });
  readonly #passGrad = h("span", "grad", { "data-pass-grad": true });
  readonly #passGradName = quiet();
  readonly #control: LeafControl | undefined;
  readonly #total: { row: HTMLElement; stack: HTMLElement; grad: HTMLElement } | undefined;

  constructor(state: State, id: number, round: boolean, moves: Moves) {
    this.#state = state;
    this.#id = id;
    const kind = state.kind(id);
    if (kind === "parameter" || kind === "input") {
      this.#control = new LeafControl(state, id, this.#value, moves);
      this.#total = totalRow();
    }
    this.element = h(
      "div",
      `card ${kind}${round ? " round" : ""}`,
      { "data-node": id, "data-kind": kind, tabindex: 0, role: "group" },
      h("div", "row", {}, this.#title(round), this.#control?.value ?? this.#value),
      ...(this.#control ? [this.#control.slider, this.#control.ends] : []),
      h("div", "row pass", {}, this.#passGradName, this.#passGrad),
      ...(this.#total ? [this.#total.row] : []),
    );
  }

  /** Show what the state says now. */
  update(): void {
    const state = this.#state;
    const id = this.#id;
    const written = valueWords(state, id);
    showNumber(this.#value, written, state.value(id));
    this.#control?.update();
    const gradient = this.#updateGradient();
    const name = state.names.of(id);
    const label = state.messages.node(name, state.messages.kinds[state.kind(id)], written, gradient);
    setAttribute(this.element, "aria-label", label);
    if (this.element.classList.contains("agw-round")) setAttribute(this.element, "title", label);
    if (this.#total) this.#updateTotal(this.#total);
  }

  #title(round: boolean): HTMLElement {
    const { names } = this.#state;
    const id = this.#id;
    const label = names.label(id);
    const name = names.of(id);
    const kind = this.#state.kind(id);
    const title = h("span", "title", { title: name });
    if (round) title.append(h("span", "symbol", {}, names.symbol(id)));
    else if (kind === "constant") title.append(h("span", "note", {}, label));
    else if (kind !== "operation" || !label) title.append(h(label ? "b" : "span", "name", {}, name));
    else title.append(h("b", "name", {}, label), " ", h("span", "note", {}, names.expression(id)));
    return title;
  }

  /** The row of this pass; returns its gradient as words. */
  #updateGradient(): string {
    const { name, words, gradient, told } = gradientWords(this.#state, this.#id);
    setText(this.#passGradName, name);
    setAttribute(this.#passGradName, "title", name || null);
    showGradient(this.#passGrad, words, gradient);
    return told;
  }

  #updateTotal({ row, stack, grad }: { row: HTMLElement; stack: HTMLElement; grad: HTMLElement }): void {
    row.hidden = !this.#state.graph.needsGrad[this.#id];
    if (row.hidden) return;
    const total = this.#state.total(this.#id);
    showGradient(grad, total === undefined ? this.#state.messages.notRunYet : formatValue(total), total);
    drawStack(stack, merged(this.#state.ledger(this.#id).map(({ added }) => added ?? 0)));
  }
}

function totalRow(): { row: HTMLElement; stack: HTMLElement; grad: HTMLElement } {
  const stack = h("span", "stack", { "aria-hidden": "true" });
  const grad = h("span", "total-grad", { "data-grad": true });
  const row = h("div", "row total", {}, quiet(".grad"), stack, grad);
  return { row, stack, grad };
}

/** The contributions of passes, the oldest as one where they are too many to see. */
function merged(added: number[]): number[] {
  if (added.length <= MOST_BARS) return added;
  const old = added.slice(0, added.length - MOST_BARS + 1);
  return [old.reduce((a, b) => a + b, 0), ...added.slice(old.length)];
}

function drawStack(stack: HTMLElement, added: number[]): void {
  while (stack.childElementCount > added.length) stack.lastElementChild!.remove();
  while (stack.childElementCount < added.length) stack.append(h("i", "bar-of-stack"));
  const sizes = added.map((amount) => (Number.isFinite(amount) ? Math.abs(amount) : 1));
  const total = sizes.reduce((a, b) => a + b, 0) || 1;
  added.forEach((amount, i) => {
    const bar = stack.children[i] as HTMLElement;
    bar.hidden = amount === 0;
    bar.style.flexGrow = (sizes[i]! / total).toFixed(4);
    const age = added.length - 1 - i;
    const className = prefixed(`bar-of-stack age-${Math.min(age, 2)}${amount < 0 ? " negative" : ""}`);
    if (bar.className !== className) bar.className = className;
  });
}
