/** The bar: replay the pass, run another, forget the passes or put the values back, learn. */

import type { State } from "../../session/state.ts";
import { button, group, h } from "../dom.ts";
import type { Learn } from "./learn.ts";
import type { Replay } from "./replay.ts";

export interface BarActions {
  run(root: number): void;
  zeroGrad(): void;
  resetValues(): void;
}

export class Bar {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #replay: Replay;
  readonly #learn: Learn;
  readonly #zeroGrad: HTMLButtonElement;
  readonly #values: HTMLButtonElement;

  constructor(state: State, actions: BarActions, replay: Replay, learn: Learn) {
    this.#state = state;
    this.#replay = replay;
    this.#learn = learn;
    const { messages, names, graph } = state;
    const runs = graph.outputs.map((root) => {
      const name = names.of(root);
      const run = () => actions.run(root);
      return button(`${name}.backward()`, messages.backwardHint(name), run, "button go");
    });
    this.#zeroGrad = button("zero_grad()", messages.zeroGradHint, actions.zeroGrad);
    this.#values = button(messages.values, messages.valuesHint, actions.resetValues);
    const changes = [
      group(messages.run, ...runs),
      group(messages.reset, this.#zeroGrad, this.#values),
      learn.opener,
    ];
    this.element = h("div", "bar", { role: "toolbar" }, replay.element, ...(state.readOnly ? [] : changes));
  }

  update(): void {
    this.#replay.update();
    this.#learn.update();
    this.#zeroGrad.disabled = this.#state.passes.length === 0 && !this.#state.hasCarried;
    this.#values.disabled = this.#state.hasFirstValues();
  }
}
