/** The bar: replay the pass, run another, forget the passes or put the values back, learn. */

import type { State } from "../../session/state.ts";
import type { Undo } from "../../session/undo.ts";
import { button, group, h, setAttributes, toggle } from "../dom.ts";
import { callOf } from "../inspector/ledger.ts";
import type { Learn } from "./learn.ts";
import { deedWords } from "./news.ts";
import type { Replay } from "./replay.ts";

export interface BarActions {
  run(root: number): void;
  zeroGrad(): void;
  resetValues(): void;
  undo(): void;
  redo(): void;
}

export class Bar {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #replay: Replay;
  readonly #learn: Learn;
  readonly #zeroGrad: HTMLButtonElement;
  readonly #values: HTMLButtonElement;
  readonly #runs: readonly HTMLButtonElement[];
  readonly #undo: HTMLButtonElement;
  readonly #redo: HTMLButtonElement;
  readonly #history: Undo;

  constructor(state: State, history: Undo, actions: BarActions, replay: Replay, learn: Learn) {
    this.#state = state;
    this.#history = history;
    this.#replay = replay;
    this.#learn = learn;
    const { messages, names, graph } = state;
    this.#runs = graph.outputs.map((root) => {
      const name = names.of(root);
      const run = () => actions.run(root);
      return button(callOf(name), messages.backwardHint(name), run, "button go");
    });
    this.#zeroGrad = button("zero_grad()", messages.zeroGradHint, actions.zeroGrad);
    this.#values = button(messages.values, messages.valuesHint, actions.resetValues);
    this.#undo = button("↶", "", actions.undo);
    this.#redo = button("↷", "", actions.redo);
    const changes = [
      group(messages.run, ...this.#runs),
      group(messages.reset, this.#zeroGrad, this.#values),
      h("span", "group", {}, this.#undo, this.#redo),
      learn.opener,
    ];
    // Beside many results there is no room for the names of groups, which those who listen hear all the same.
    const crowded = this.#runs.length > 2 ? " crowded" : "";
    this.element = h(
      "div",
      `bar${crowded}`,
      { role: "toolbar" },
      replay.element,
      ...(state.readOnly ? [] : changes),
    );
  }

  update(): void {
    this.#replay.update();
    this.#learn.update();
    const { messages, isPreview, isStale, passes } = this.#state;
    const { last, next } = this.#history;
    this.#zeroGrad.disabled = passes.records.length === 0;
    for (const run of this.#runs) toggle(run, "primary", isPreview && !isStale && this.#runs.length === 1);
    name(this.#undo, messages.undo, last && deedWords(this.#state, last.deed), "Ctrl+Z");
    name(this.#redo, messages.redo, next && deedWords(this.#state, next.deed), "Ctrl+Shift+Z");
    this.#values.disabled = this.#state.hasFirstValues();
  }
}

/** Name the act that a button would take back or do again; without one it is off. */
function name(
  node: HTMLButtonElement,
  words: (what: string) => string,
  what: string | undefined,
  keys: string,
): void {
  node.disabled = what === undefined;
  const label = words(what ?? "");
  setAttributes(node, {
    title: what === undefined ? `${label.replace(/[:：]\s*$/, "")} (${keys})` : `${label} (${keys})`,
    "aria-label": label,
  });
}
