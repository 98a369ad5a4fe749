/** One node on the canvas: its name, its value, what this pass gave; a leaf also its slider and its accumulated `.grad`. */

import { exact } from "../format.ts";
import type { Point, Size } from "../layout.ts";
import type { Kind } from "../names.ts";
import type { State } from "../state.ts";
import { h, prefixed, setAttribute, setText, toggle } from "./dom.ts";
import { gradientWords, totalWords, valueWords } from "./face.ts";
import { LeafControl, type Moves } from "./leaf.ts";

/** The oldest passes share one bar of a stack beyond this. */
const MOST_BARS = 6;

export class Card {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly id: number;
  readonly kind: Kind;
  readonly #value: HTMLElement;
  readonly #passGrad: HTMLElement;
  readonly #passGradName: HTMLElement;
  readonly #control: LeafControl | undefined;
  readonly #total: { row: HTMLElement; stack: HTMLElement; grad: HTMLElement } | undefined;

  constructor(state: State, id: number, round: boolean, moves: Moves) {
    this.#state = state;
    this.id = id;
    const kind = state.kind(id);
    this.kind = kind;
    this.#value = h("span", "value", { "data-value": true });
    this.#passGradName = h("span", "mute");
    this.#passGrad = h("span", "grad", { "data-pass-grad": true });
    const isLeaf = kind === "parameter" || kind === "input";
    if (isLeaf) this.#control = new LeafControl(state, id, this.#value, moves);
    if (kind === "parameter" || kind === "input") this.#total = totalRow();
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

  place({ x, y }: Point, { width, height }: Size): void {
    this.element.style.cssText = `transform:translate(${x}px,${y}px);width:${width}px;height:${height}px`;
  }

  /** Show what the state says now. */
  update(): void {
    const state = this.#state;
    const id = this.id;
    const value = state.value(id);
    const written = valueWords(state, id);
    setText(this.#value, written);
    setAttribute(this.#value, "title", value === undefined ? null : exact(value));
    this.#control?.update();
    const gradient = this.#updateGradient();
    const name = state.names.of(id);
    const label = state.messages.node(name, state.messages.kinds[state.kind(id)], written, gradient);
    setAttribute(this.element, "aria-label", label);
    if (this.element.classList.contains("agw-round")) setAttribute(this.element, "title", label);
    if (this.#total) this.#updateTotal(this.#total);
  }

  remove(): void {
    this.element.remove();
  }

  mark(chosen: boolean, atStep: boolean): void {
    toggle(this.element, "chosen", chosen);
    toggle(this.element, "step", atStep);
  }

  #title(round: boolean): HTMLElement {
    const { names } = this.#state;
    const label = names.label(this.id);
    const kind = this.#state.kind(this.id);
    const title = h("span", "title", { title: names.of(this.id) });
    if (round) title.append(h("span", "symbol", {}, names.symbol(this.id)));
    else if (kind === "constant") title.append(h("span", "note", {}, label));
    else if (kind !== "operation" || !label)
      title.append(h(label ? "b" : "span", "name", {}, names.of(this.id)));
    else title.append(h("b", "name", {}, label), " ", h("span", "note", {}, names.expression(this.id)));
    return title;
  }

  /** The row of this pass; returns its gradient as words. */
  #updateGradient(): string {
    const { name, words, gradient, told } = gradientWords(this.#state, this.id);
    setText(this.#passGradName, name);
    setAttribute(this.#passGradName, "title", name || null);
    setText(this.#passGrad, words);
    setAttribute(this.#passGrad, "title", gradient === undefined ? null : exact(gradient));
    toggle(this.#passGrad, "none", gradient === undefined);
    toggle(this.#passGrad, "negative", gradient !== undefined && gradient < 0);
    toggle(this.#passGrad, "zero", gradient === 0);
    return told;
  }

  #updateTotal({ row, stack, grad }: { row: HTMLElement; stack: HTMLElement; grad: HTMLElement }): void {
    const tracked = this.#state.graph.needsGrad[this.id] === 1;
    row.hidden = !tracked;
    if (!tracked) return;
    const { words, total } = totalWords(this.#state, this.id);
    setText(grad, words);
    setAttribute(grad, "title", total === undefined ? null : exact(total));
    toggle(grad, "none", total === undefined);
    drawStack(stack, merged(this.#state.ledger(this.id).map(({ added }) => added ?? 0)));
  }
}

function totalRow(): { row: HTMLElement; stack: HTMLElement; grad: HTMLElement } {
  const stack = h("span", "stack", { "aria-hidden": "true" });
  const grad = h("span", "total-grad", { "data-grad": true });
  const row = h("div", "row total", {}, h("span", "mute", {}, ".grad"), stack, grad);
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
