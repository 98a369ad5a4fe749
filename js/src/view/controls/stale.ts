/** The line for what waits for a decision: Python's result is older than its leaves, and a button brings it along. */

import { formatInFull } from "../../analysis/format.ts";
import { decodeNumber } from "../../engine/number.ts";
import type { State } from "../../session/state.ts";
import { button, h, setText } from "../dom.ts";

export class StaleNotice {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #what = h("b", "");
  readonly #more = h("span", "");
  readonly #forward: HTMLButtonElement;

  constructor(state: State, forward: () => void) {
    this.#state = state;
    this.#forward = button("", "", forward, "button primary");
    this.element = h(
      "div",
      "notice",
      { role: "status", hidden: true },
      h("span", "", {}, this.#what, " ", this.#more),
      this.#forward,
    );
  }

  update(): void {
    const { isStale, stale, graph, messages, names, readOnly } = this.#state;
    this.element.hidden = !isStale;
    if (!isStale) return;
    const root = graph.outputs.at(-1)!;
    const leaves = stale.leaves!.filter((leaf) => leaf in graph.ops);
    const name = names.of(root);
    setText(
      this.#what,
      messages.setAfter(
        leaves.map((leaf) => names.of(leaf)),
        name,
      ),
    );
    const values = leaves.map((leaf) => `${names.of(leaf)} = ${formatInFull(graph.values[leaf]!)}`);
    const python = decodeNumber(stale.values?.[root]);
    setText(
      this.#more,
      python === undefined ? "" : messages.showsFor(name, messages.list(values, 0), formatInFull(python)),
    );
    setText(this.#forward, `${name}.forward()`);
    this.#forward.title = messages.forwardHint(name);
    this.#forward.hidden = readOnly;
  }
}
