/** One node on the canvas: its name, its value, what this pass gave; a leaf also its slider and its accumulated `.grad`. */

import { formatValue } from "../../analysis/format.ts";
import { decodeNumber } from "../../engine/number.ts";
import type { LedgerRow } from "../../session/passes.ts";
import type { State } from "../../session/state.ts";
import { h, prefixed, quiet, setAttribute, setText } from "../dom.ts";
import { gradientWords, showGradient, showNumber, valueWords } from "./face.ts";
import { LeafControl, type Moves } from "./leaf.ts";

export class Card {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #id: number;
  readonly #value = h("span", "value", { "data-value": true });
  readonly #passGrad = h("span", "grad", { "data-pass-grad": true });
  readonly #passGradName = quiet();
  readonly #control: LeafControl | undefined;
  readonly #total: { row: HTMLElement; stack: HTMLElement; grad: HTMLElement } | undefined;
  /** The value that Python still has, of a result that is older than its leaves. */
  readonly #python = h("span", "python-value");
  readonly #pythonRow: HTMLElement;

  constructor(state: State, id: number, round: boolean, moves: Moves) {
    this.#state = state;
    this.#id = id;
    const kind = state.kind(id);
    if (kind === "parameter" || kind === "input") {
      this.#control = new LeafControl(state, id, this.#value, moves);
      this.#total = totalRow();
    }
    this.#pythonRow = h("div", "row python", { hidden: true }, quiet(state.messages.inPython), this.#python);
    this.element = h(
      "div",
      `card ${kind}${round ? " round" : ""}`,
      { "data-node": id, "data-kind": kind, tabindex: 0, role: "group" },
      h("div", "row", {}, this.#title(round), this.#control?.value ?? this.#value),
      ...(this.#control ? [this.#control.slider, this.#control.ends] : []),
      h("div", "row pass", {}, this.#passGradName, this.#passGrad),
      ...(this.#total ? [this.#total.row] : []),
      this.#pythonRow,
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
    const python = decodeNumber(state.stale.values?.[id]);
    this.#pythonRow.hidden = python === undefined || !state.isStale;
    if (python !== undefined) showNumber(this.#python, formatValue(python), python);
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
    const { messages, names } = this.#state;
    const total = this.#state.total(this.#id);
    showGradient(grad, total === undefined ? messages.preview : formatValue(total), total);
    if (total === undefined) setAttribute(grad, "title", messages.previewHint(names.of(this.#id)));
    drawStack(stack, barsOf(this.#state.ledger(this.#id)));
  }
}

function totalRow(): { row: HTMLElement; stack: HTMLElement; grad: HTMLElement } {
  const stack = h("span", "stack", { "aria-hidden": "true" });
  const grad = h("span", "total-grad", { "data-grad": true });
  const row = h("div", "row total", {}, quiet(".grad"), stack, grad);
  return { row, stack, grad };
}

/** A part of a leaf's `.grad`, as a bar. */
interface Bar {
  readonly amount: number;
  readonly kind: "earlier" | "this-pass" | "preview";
}

/** A stack keeps a few marks however many passes: earlier +, earlier −, this pass, or what it would be. */
function barsOf(rows: readonly LedgerRow[]): Bar[] {
  const told = rows.filter(({ added }) => added !== undefined && added !== 0);
  const last = told.at(-1);
  const isLast = (row: LedgerRow) => row === last && (!row.record || row.record.isLive);
  const preview = told.filter(({ record }) => !record);
  const earlier = told.filter((row) => row.record && !isLast(row));
  const sum = (of: readonly LedgerRow[]) => of.reduce((total, { added }) => total + added!, 0);
  const bars: Bar[] = [
    { amount: sum(earlier.filter(({ added }) => added! > 0)), kind: "earlier" },
    { amount: sum(earlier.filter(({ added }) => !(added! > 0))), kind: "earlier" },
    { amount: last?.record && isLast(last) ? last.added! : 0, kind: "this-pass" },
    { amount: sum(preview), kind: "preview" },
  ];
  return bars.filter(({ amount }) => amount !== 0);
}

function drawStack(stack: HTMLElement, bars: readonly Bar[]): void {
  while (stack.childElementCount > bars.length) stack.lastElementChild!.remove();
  while (stack.childElementCount < bars.length) stack.append(h("i", ""));
  const sizes = bars.map(({ amount }) => (Number.isFinite(amount) ? Math.abs(amount) : 1));
  const total = sizes.reduce((a, b) => a + b, 0) || 1;
  bars.forEach(({ amount, kind }, i) => {
    const bar = stack.children[i] as HTMLElement;
    bar.style.flexGrow = (sizes[i]! / total).toFixed(4);
    const className = prefixed(`bar-of-stack ${kind}${amount < 0 ? " negative" : ""}`);
    if (bar.className !== className) bar.className = className;
  });
}
