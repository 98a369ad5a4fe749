/** Samples as a stack: the inputs of the one that is drawn, with a switcher, and the ledger of what each adds to the result. */

import { formatShort } from "../../analysis/format.ts";
import { sum } from "../../analysis/spelling.ts";
import type { Batch } from "../../picture/batch.ts";
import type { Group } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { button, type Child, h, setAttribute, setText, toggle } from "../dom.ts";
import { derivativeName, gradientOfSample, showGradient } from "./face.ts";
import { type CardView, groupFrame, rowOf } from "./group.ts";

/** With more samples, the ledger has the largest and the rest in one row. */
const MOST = 8;
const LARGEST = 3;

/** Draw another sample, or the sums over all. */
export type Choose = (sample: number, isSum: boolean) => void;

/** The samples that have a row of their own. */
export function rowsOfLedger(batch: Batch): number[] {
  const { count, shown, samples } = batch;
  const all = [...samples.terms.keys()];
  if (count <= MOST) return all;
  const size = (sample: number) => Math.abs(batch.adds(sample));
  const largest = [...all].sort((a, b) => size(b) - size(a)).slice(0, LARGEST);
  return [...new Set([...largest, shown])].sort((a, b) => a - b);
}

/** A button that draws one sample. */
function pickOf({ messages, folds }: State, sample: number, choose: Choose): HTMLButtonElement {
  const title = messages.sample(sample + 1, folds.batch!.count);
  return button(String(sample + 1), title, () => choose(sample, false), "pick");
}

export function sampleCard(state: State, group: Group, choose: Choose): CardView {
  const { messages, graph, names } = state;
  const batch = state.folds.batch!;
  const title = h("b", "name");
  const samples = rowsOfLedger(batch);
  const all = button(messages.all, messages.allSamples(batch.count), () => choose(batch.shown, true), "pick");
  const picks = [...samples.map((sample) => pickOf(state, sample, choose)), all];
  // Another sample has other groups, and a card of its own.
  const inputs = batch.inputsOf(batch.shown).filter((node) => group.nodes.includes(node));
  const values = inputs.map(() => h("b", "value"));
  const element = groupFrame(
    group,
    " input sample",
    rowOf(title),
    h("div", "picks", { role: "group", "aria-label": messages.all }, ...picks),
    ...inputs.map((node, i) =>
      rowOf(h("span", "", {}, names.label(node) || messages.input(i + 1)), values[i]!),
    ),
  );
  return {
    element,
    parts: new Map(),
    update() {
      const { count, shown, isSum } = batch;
      const words = isSum ? messages.allSamples(count) : messages.sample(shown + 1, count);
      setText(title, words);
      setAttribute(element, "aria-label", words);
      const pressed = isSum ? all : picks[samples.indexOf(shown)];
      for (const pick of picks) setAttribute(pick, "aria-pressed", String(pick === pressed));
      values.forEach((value, i) => {
        setText(value, formatShort(graph.values[inputs[i]!]!));
      });
    },
  };
}

/** In the root's card: a row per sample, what it adds to the root and to the gradient of one leaf, and both sums. */
export function sampleLedger(state: State, choose: Choose): Omit<CardView, "parts"> {
  const { graph, messages } = state;
  const batch = state.folds.batch!;
  const tr = (className: string, ...children: Child[]) => h("tr", className, {}, ...children);
  const leafName = h("th", "");
  const rows = rowsOfLedger(batch).map((sample) => {
    const [adds, gradient] = numbers();
    // As far as it is told apart from the others by them.
    const inputs = batch.inputsOf(sample).map((node) => formatShort(graph.values[node]!));
    const number = h("td", "", {}, pickOf(state, sample, choose));
    const element = tr("", number, h("td", "mute", {}, inputs.join(", ")), adds, gradient);
    return { sample, element, adds, gradient };
  });
  const foot = numbers();
  const head = tr("mute", h("th", "", {}, "#"), h("th", ""), h("th", "", {}, messages.adds), leafName);
  const last = tr("sum", h("td", "", { colspan: 2 }, messages.ops["+"]), ...foot);
  const body = h("tbody", "", {}, head, ...rows.map(({ element }) => element), last);
  const show = (cell: HTMLElement, gradient: number | undefined) =>
    showGradient(cell, gradient === undefined ? "" : state.spelling.gradient(gradient), gradient);
  return {
    element: h("table", "ledger", {}, body),
    update(leaf) {
      setText(leafName, leaf === undefined ? "" : derivativeName(state, leaf));
      for (const { sample, element, adds, gradient } of rows) {
        setText(adds, state.spelling.write(batch.adds(sample)));
        show(gradient, leaf === undefined ? undefined : gradientOfSample(state, leaf, sample));
        toggle(element, "picked", !batch.isSum && sample === batch.shown);
      }
      const all = sum(batch.samples.terms.map((_, sample) => batch.adds(sample)));
      setText(foot[0], state.spelling.write(all));
      show(foot[1], leaf === undefined ? undefined : state.gradient(leaf));
    },
  };
}

/** Cells for what is added to the root, and to a gradient. */
function numbers(): [adds: HTMLElement, gradient: HTMLElement] {
  return [h("td", ""), h("td", "grad")];
}
