/** Search: by name, op, group or number; from hit to hit. */

import { matcher } from "../../picture/search.ts";
import type { State } from "../../session/state.ts";
import { button, h, on, setText } from "../dom.ts";

export class Search {
  /** The button that opens it, and the box. */
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #onFound: (node: number) => void;
  readonly #box: HTMLInputElement;
  readonly #count = h("span", "mute", { role: "status" });
  readonly #open: HTMLElement;
  #hits: number[] = [];
  #at = -1;

  constructor(state: State, onFound: (node: number) => void) {
    this.#state = state;
    this.#onFound = onFound;
    const { messages } = state;
    this.#box = h("input", "query", {
      type: "search",
      placeholder: messages.searchHint,
      "aria-label": messages.search,
      title: messages.searchHint,
    });
    this.#open = h(
      "span",
      "group",
      { hidden: true },
      this.#box,
      this.#count,
      button("↑", messages.previous, () => this.#go(-1)),
      button("↓", messages.next, () => this.#go(1)),
    );
    const toggle = button(
      "⌕",
      `${messages.search} (/)`,
      () => (this.#open.hidden ? this.open() : this.#close()),
      "button",
      messages.search,
    );
    this.element = h("span", "group", { role: "search" }, this.#open, toggle);
    on(this.#box, ["input"], () => this.#find());
    on(this.#box, ["keydown"], (event) => {
      if (event.key === "Enter") this.#go(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") this.#close();
      else return;
      event.stopPropagation();
    });
  }

  open(): void {
    this.#open.hidden = false;
    this.#box.focus();
    this.#box.select();
  }

  #close(): void {
    this.#open.hidden = true;
    this.element.querySelector<HTMLElement>(":scope > button")?.focus();
  }

  #find(): void {
    const { graph, names, folds } = this.#state;
    const groups = folds.labels();
    const matches = matcher(this.#box.value);
    this.#hits = [...graph.ops.keys()].filter((id) => {
      const op = graph.customs.get(id)?.name ?? graph.ops[id]!;
      const value = this.#state.value(id);
      const gradient = this.#state.gradient(id);
      return matches({ names: [names.of(id), op, names.symbol(id), ...groups[id]!], value, gradient });
    });
    this.#at = -1;
    this.#tell();
  }

  #go(by: number): void {
    const { length } = this.#hits;
    if (length === 0) return;
    this.#at = (Math.max(this.#at, by < 0 ? 0 : -1) + by + length) % length;
    this.#tell();
    this.#onFound(this.#hits[this.#at]!);
  }

  #tell(): void {
    const { messages } = this.#state;
    setText(this.#count, this.#box.value.trim() ? messages.found(this.#at + 1, this.#hits.length) : "");
  }
}
