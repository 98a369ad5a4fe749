/** A folded group as a card, and the copies of a leaf. */

import type { Group } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { button, h, quiet, setAttribute, setText } from "../dom.ts";
import { groupWords, showGradient, valueWords } from "./face.ts";

/** What one can do with a group: open or fold it. */
export type Fold = (group: Group) => void;

/** What opens a group, or folds it. */
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

export class GroupCard {
  readonly element: HTMLElement;
  readonly parts: ReadonlyMap<number, HTMLElement> = new Map();
  readonly #state: State;
  readonly #group: Group;
  readonly #inputs = h("span", "title");
  readonly #outputs = h("span", "title");
  readonly #gradient = h("b", "name", { "data-group-grad": true });

  constructor(state: State, group: Group, fold: Fold) {
    this.#state = state;
    this.#group = group;
    const { messages } = state;
    const { title, into, outOf, parts, whole } = groupWords(state, group);
    const open = foldButton("+", messages.open(title), false, () => fold(group));
    const row = (name: string, ...rest: Node[]) => h("div", "row", {}, quiet(name), ...rest);
    this.element = h(
      "div",
      "card stacked",
      { "data-group": group.id, tabindex: 0, role: "group" },
      h("div", "row", {}, h("b", "title name", { title }, title), open),
      row(into, this.#inputs),
      row(outOf, this.#outputs),
      h("div", "row", {}, h("span", "mute", { title: whole }, parts)),
      row("max |∂|", this.#gradient),
    );
  }

  update(): void {
    const { messages } = this.#state;
    const { title, inputs, outputs, gradient, words, whole } = groupWords(this.#state, this.#group);
    const show = (element: HTMLElement, text: string) => {
      setText(element, text || "–");
      setAttribute(element, "title", text);
    };
    show(this.#inputs, inputs);
    show(this.#outputs, outputs);
    showGradient(this.#gradient, words, gradient);
    setAttribute(this.element, "aria-label", messages.folded(title, whole, inputs, outputs, words));
  }
}

/** One of the copies of a leaf: its name and its value. */
export class CopyCard {
  readonly element: HTMLElement;
  readonly parts: ReadonlyMap<number, HTMLElement>;
  readonly #state: State;
  readonly #leaf: number;
  readonly #value = h("span", "value");

  constructor(state: State, leaf: number) {
    this.#state = state;
    this.#leaf = leaf;
    const name = state.names.of(leaf);
    this.element = h(
      "div",
      `card copy ${state.kind(leaf)}`,
      { "data-copy": leaf, tabindex: 0, role: "group" },
      h("div", "row", {}, h("b", "title name", { title: name }, name), this.#value),
    );
    this.parts = new Map([[leaf, this.element]]);
  }

  update(): void {
    const { messages, names } = this.#state;
    const value = valueWords(this.#state, this.#leaf);
    setText(this.#value, value);
    setAttribute(this.element, "aria-label", messages.copyOf(names.of(this.#leaf), value));
  }
}
