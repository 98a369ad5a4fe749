/** One node on the canvas: its name, its value, what this pass gave; a leaf also its slider and its accumulated `.grad`. */

import { exact, formatValue } from "../../analysis/format.ts";
import { decodeNumber } from "../../engine/number.ts";
import type { Group } from "../../picture/picture.ts";
import type { LedgerRow } from "../../session/passes.ts";
import type { State } from "../../session/state.ts";
import { h, prefixed, quiet, setAttribute, setText } from "../dom.ts";
import { gradientWords, hasOwnGradient, showGradient, showNumber, totalWords, valueWords } from "./face.ts";
import { type Fold, foldButton } from "./group.ts";
import { LeafControl, type Moves } from "./leaf.ts";
import { LeafRow } from "./row.ts";

/** A neuron as it is folded, and what opens it. */
export interface Folded {
  readonly group: Group;
  readonly fold: Fold;
  /** What it has in place of rows. */
  readonly body?: { readonly element: HTMLElement; update(leaf: number | undefined): void };
}

export class Card {
  readonly element: HTMLElement;
  /** By node its own element: itself, and its rows. */
  readonly parts = new Map<number, HTMLElement>();
  readonly #state: State;
  readonly #id: number;
  readonly #head: HTMLElement;
  readonly #rows: readonly LeafRow[];
  readonly #value = h("span", "value", { "data-value": true });
  readonly #passGrad = h("span", "grad", { "data-pass-grad": true });
  readonly #passGradName = quiet();
  readonly #control: LeafControl | undefined;
  /** What a neuron says in place of its rows while its relu is off. */
  readonly #off: HTMLElement | undefined;
  readonly #body: Folded["body"];
  readonly #total: { row: HTMLElement; stack: HTMLElement; grad: HTMLElement } | undefined;
  /** The value that Python still has, of a result that is older than its leaves. */
  readonly #python = h("span", "python-value");
  readonly #pythonRow: HTMLElement;

  /** `rows` are leaves and constants that only this node uses, or the weights of a neuron that ends in it. */
  constructor(state: State, id: number, rows: readonly number[], moves: Moves, neuron?: Folded) {
    this.#state = state;
    this.#id = id;
    const kind = state.kind(id);
    if (kind === "parameter" || kind === "input") {
      this.#control = new LeafControl(state, id, this.#value, moves);
      this.#total = totalRow();
    }
    this.#pythonRow = h("div", "row python", { hidden: true }, quiet(state.messages.inPython), this.#python);
    const leaves = rows.filter((leaf) => state.kind(leaf) !== "constant");
    const own = kind !== "operation" || hasOwnGradient(state, id) ? "" : " once";
    this.#head = h(
      "div",
      rows.length > 0 || neuron ? `head${own}` : `card ${kind}${own}`,
      { "data-node": id, "data-kind": kind, tabindex: 0, role: "group" },
      h("div", "row", {}, ...this.#title(neuron), this.#control?.value ?? this.#value),
      ...(this.#control ? [this.#control.slider, this.#control.ends] : []),
      h("div", "row pass", {}, this.#passGradName, this.#passGrad),
      ...(this.#total ? [this.#total.row] : []),
    );
    this.parts.set(id, this.#head);
    this.#rows = leaves.map((leaf) => new LeafRow(state, leaf, moves));
    for (const { leaf, element } of this.#rows) this.parts.set(leaf, element);
    if (neuron && state.graph.ops[id] === "relu") this.#off = h("div", "mute off");
    const constants = rows.filter((leaf) => !leaves.includes(leaf)).map((leaf) => unseen(state, leaf));
    const parts = [
      neuron && opener(state, neuron),
      this.#head,
      this.#off,
      ...this.#rows.map(({ element }) => element),
      ...constants,
    ];
    this.#body = neuron?.body;
    if (this.#body) parts.push(this.#body.element);
    this.element = rows.length > 0 || this.#body ? h("div", `card ${kind} holder`, {}, ...parts) : this.#head;
    this.element.append(this.#pythonRow);
  }

  /** Show what the state says now, and one row with its slider in full. */
  update(openRow?: number, largest = 0): void {
    const state = this.#state;
    const id = this.#id;
    const written = valueWords(state, id);
    showNumber(this.#value, written, state.value(id));
    this.#control?.update();
    const gradient = this.#updateGradient();
    const name = state.names.of(id);
    const label = state.messages.node(name, state.messages.kinds[state.kind(id)], written, gradient);
    setAttribute(this.#head, "aria-label", label);
    if (this.#total) this.#updateTotal(this.#total);
    const python = decodeNumber(state.stale.values?.[id]);
    this.#pythonRow.hidden = python === undefined || !state.isStale;
    if (python !== undefined) showNumber(this.#python, formatValue(python), python);
    this.#body?.update(openRow);
    if (this.#off) this.#updateOff(this.#off);
    for (const row of this.#rows) {
      row.open(row.leaf === openRow);
      row.update(largest);
    }
  }

  #title(neuron: Folded | undefined): HTMLElement[] {
    const { names } = this.#state;
    const id = this.#id;
    if (neuron) return neuronTitle(this.#state, id, neuron);
    const label = names.label(id);
    const name = names.of(id);
    const kind = this.#state.kind(id);
    const title = h("span", "title", { title: name });
    if (kind === "constant") title.append(h("span", "note", {}, label));
    else if (kind !== "operation" || !label)
      title.append(h(label ? "b" : "span", "name", {}, label || names.inSigns(id)));
    else title.append(h("b", "name", {}, label), " ", h("span", "note", {}, names.note(id)));
    return [title];
  }

  /** A relu that lets nothing through, and what it got. */
  #updateOff(off: HTMLElement): void {
    const { graph, messages } = this.#state;
    const got = this.#state.value(graph.operands[graph.offsets[this.#id]!]!);
    setText(off, got === undefined ? "" : messages.reluOff(formatValue(got)));
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
    showGradient(grad, totalWords(this.#state, total), total);
    if (total === undefined) setAttribute(grad, "title", messages.previewHint(names.of(this.#id)));
    drawStack(stack, barsOf(this.#state.ledger(this.#id)));
  }
}

/** What opens the operations of a neuron. */
function opener({ folds, messages }: State, { group, fold }: Folded): HTMLElement {
  const title = folds.title(group);
  const open = foldButton("▸", messages.open(title), false, () => fold(group));
  return h(
    "span",
    "opener",
    { "data-group": group.id, tabindex: -1, role: "group", "aria-label": title },
    open,
  );
}

/** The name of a neuron, and what it does with the sum. */
function neuronTitle({ names, folds }: State, id: number, { group }: Folded): HTMLElement[] {
  const title = folds.title(group);
  const words = [h("b", "name", {}, title), " ", h("span", "note", {}, group.samples ? "Σ" : names.word(id))];
  return [h("span", "title", { title }, ...words)];
}

/** A constant that is a part of its user's name, for those who listen. */
function unseen(state: State, id: number): HTMLElement {
  const name = state.names.of(id);
  const { messages } = state;
  const label = messages.node(name, messages.kinds.constant, name, messages.notTracked);
  const value = h("span", "", { "data-value": true, title: exact(state.graph.values[id]!) }, name);
  const node = { "data-node": id, "data-kind": "constant", role: "group", "aria-label": label };
  return h(
    "span",
    "unseen-node",
    node,
    value,
    h("span", "", { "data-pass-grad": true }, messages.notTracked),
  );
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
