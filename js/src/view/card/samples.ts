/** Samples as a stack: the inputs of the one that is drawn, with a switcher, and the ledger of what each adds to the result. */

import { formatGradient, formatShort, formatValue } from "../../analysis/format.ts";
import type { Batch } from "../../picture/batch.ts";
import type { Group } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { h, on, setAttribute, setText, toggle } from "../dom.ts";
import { derivativeName, gradientOfSample, showGradient } from "./face.ts";

/** With more samples, the ledger has the largest and the rest in one row. */
const MOST = 8;
const LARGEST = 3;

/** Draw another sample, or the sums over all. */
export type Choose = (sample: number, isSum: boolean) => void;

/** The samples that have a row of their own. */
export function rowsOfLedger({ samples, count }: Batch, state: State): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  if (count <= MOST) return all;
  const size = (sample: number) => Math.abs(state.graph.values[samples.terms[sample]!]!);
  const largest = [...all].sort((a, b) => size(b) - size(a)).slice(0, LARGEST);
  return [...new Set([...largest, state.folds.batch!.shown])].sort((a, b) => a - b);
}

/** What a sample gets, as far as it is told apart from the others by it. */
function inputsOf(batch: Batch, { graph }: State, sample: number): string {
  return batch
    .inputsOf(sample)
    .map((node) => formatShort(graph.values[node]!))
    .join(", ");
}

export class SampleCard {
  readonly element: HTMLElement;
  readonly parts: ReadonlyMap<number, HTMLElement> = new Map();
  readonly #state: State;
  readonly #batch: Batch;
  readonly #title = h("b", "name");
  readonly #buttons: HTMLButtonElement[];
  readonly #all: HTMLButtonElement;
  /** By node. */
  readonly #values = new Map<number, HTMLElement>();

  constructor(state: State, group: Group, choose: Choose) {
    this.#state = state;
    const batch = state.folds.batch!;
    this.#batch = batch;
    const { messages } = state;
    const pick = (text: string, title: string, onClick: () => void) => {
      const node = h("button", "pick", { type: "button", title }, text);
      on(node, ["click"], onClick);
      return node;
    };
    const samples = rowsOfLedger(batch, state);
    this.#buttons = samples.map((sample) =>
      pick(String(sample + 1), messages.sample(sample + 1, batch.count), () => choose(sample, false)),
    );
    this.#buttons.forEach((node, i) => {
      node.dataset.sample = String(samples[i]);
    });
    this.#all = pick(messages.all, messages.allSamples(batch.count), () => choose(batch.shown, true));
    // Another sample has other groups, and a card of its own.
    const inputs = batch.inputsOf(batch.shown).filter((node) => group.nodes.includes(node));
    const rows = inputs.map((node, i) => {
      const name = state.names.label(node) || messages.input(i + 1);
      const value = h("b", "value");
      this.#values.set(node, value);
      return h("div", "row", {}, h("span", "", {}, name), value);
    });
    this.element = h(
      "div",
      "card stacked input sample",
      { "data-group": group.id, tabindex: 0, role: "group" },
      h("div", "row", {}, this.#title),
      h("div", "picks", { role: "group", "aria-label": messages.all }, ...this.#buttons, this.#all),
      ...rows,
    );
  }

  update(): void {
    const { count, shown, isSum } = this.#batch;
    const { messages, graph } = this.#state;
    const title = isSum ? messages.allSamples(count) : messages.sample(shown + 1, count);
    setText(this.#title, title);
    setAttribute(this.element, "aria-label", title);
    for (const node of this.#buttons)
      setAttribute(node, "aria-pressed", String(!isSum && node.dataset.sample === String(shown)));
    setAttribute(this.#all, "aria-pressed", String(isSum));
    for (const [node, value] of this.#values) setText(value, formatShort(graph.values[node]!));
  }
}

/** In the root's card: a row per sample, what it adds to the root and to the gradient of one leaf, and both sums. */
export class Ledger {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #batch: Batch;
  readonly #leafName = h("th", "");
  readonly #rows: { sample: number; element: HTMLElement; adds: HTMLElement; gradient: HTMLElement }[];
  readonly #sum = { adds: h("td", ""), gradient: h("td", "grad") };

  constructor(state: State, choose: Choose) {
    this.#state = state;
    const batch = state.folds.batch!;
    this.#batch = batch;
    const { messages } = state;
    this.#rows = rowsOfLedger(batch, state).map((sample) => {
      const [adds, gradient] = [h("td", ""), h("td", "grad")];
      const number = h(
        "button",
        "pick",
        { type: "button", title: messages.sample(sample + 1, batch.count) },
        String(sample + 1),
      );
      on(number, ["click"], () => choose(sample, false));
      const inputs = h("td", "mute", {}, inputsOf(batch, state, sample));
      const element = h("tr", "", {}, h("td", "", {}, number), inputs, adds, gradient);
      return { sample, element, adds, gradient };
    });
    const head = h(
      "tr",
      "mute",
      {},
      h("th", "", {}, "#"),
      h("th", ""),
      h("th", "", {}, messages.adds),
      this.#leafName,
    );
    const sum = h(
      "tr",
      "sum",
      {},
      h("td", "", { colspan: 2 }, messages.sumWord),
      this.#sum.adds,
      this.#sum.gradient,
    );
    this.element = h(
      "table",
      "ledger",
      {},
      h("tbody", "", {}, head, ...this.#rows.map(({ element }) => element), sum),
    );
  }

  update(leaf: number | undefined): void {
    const { graph } = this.#state;
    const { samples, shown, isSum } = this.#batch;
    setText(this.#leafName, leaf === undefined ? "" : derivativeName(this.#state, leaf));
    for (const { sample, element, adds, gradient } of this.#rows) {
      setText(adds, formatValue(graph.values[samples.terms[sample]!]!));
      const part = leaf === undefined ? undefined : gradientOfSample(this.#state, leaf, sample);
      showGradient(gradient, part === undefined ? "" : formatGradient(part), part);
      toggle(element, "picked", !isSum && sample === shown);
    }
    setText(this.#sum.adds, formatValue(samples.terms.reduce((sum, term) => sum + graph.values[term]!, 0)));
    const total = leaf === undefined ? undefined : this.#state.gradient(leaf);
    showGradient(this.#sum.gradient, total === undefined ? "" : formatGradient(total), total);
  }
}
