/** A folded group as a card. */

import type { Group } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { button, h, quiet, setAttribute, setText } from "../dom.ts";
import { groupWords, showGradient } from "./face.ts";
import { matrixRows } from "./matrix.ts";

/** A card on the board. */
export interface CardView {
  readonly element: HTMLElement;
  /** Elements of the nodes that it shows one by one. */
  readonly parts: ReadonlyMap<number, HTMLElement>;
  /** Show the state: the row that is open, and the largest gradient, for the bars of rows. */
  update(openRow?: number, largest?: number): void;
}

/** Open a group, or fold it. */
export type Fold = (group: Group) => void;

/** Button that opens a group, or folds it. */
export function foldButton(
  text: string,
  hint: string,
  isOpen: boolean,
  onClick: () => void,
): HTMLButtonElement {
  const node = button(text, hint, onClick, "button fold", hint);
  setAttribute(node, "aria-expanded", String(isOpen));
  return node;
}

/** The frame of a card for a group. */
export function groupFrame(group: Group, classes: string, ...rows: Node[]): HTMLElement {
  return h("div", `card stacked${classes}`, { "data-group": group.id, tabindex: 0, role: "group" }, ...rows);
}

export function rowOf(...children: Node[]): HTMLElement {
  return h("div", "row", {}, ...children);
}

export function groupCard(state: State, group: Group, fold: Fold): CardView {
  const { messages } = state;
  const { title, into, outOf, parts, whole } = groupWords(state, group);
  const inputs = h("span", "title");
  const outputs = h("span", "title");
  const gradient = h("b", "name", { "data-group-grad": true });
  const matrices = state.folds.inside(group).matrices.map((matrix) => matrixRows(state, matrix));
  const element = groupFrame(
    group,
    "",
    rowOf(
      h("b", "title name", { title }, title),
      foldButton("+", messages.open(title), false, () => fold(group)),
    ),
    rowOf(quiet(into), inputs),
    rowOf(quiet(outOf), outputs),
    rowOf(h("span", "mute", { title: whole }, parts)),
    rowOf(quiet("max |∂|"), gradient),
    ...matrices.map(([element]) => element),
  );
  const show = (row: HTMLElement, text: string) => {
    setText(row, text || "–");
    setAttribute(row, "title", text);
  };
  return {
    element,
    parts: new Map(),
    update() {
      const now = groupWords(state, group);
      show(inputs, now.inputs);
      show(outputs, now.outputs);
      showGradient(gradient, now.words, now.gradient);
      for (const [, show] of matrices) show();
      const label = messages.folded(title, whole, now.inputs, now.outputs, now.words);
      setAttribute(element, "aria-label", label);
    },
  };
}
