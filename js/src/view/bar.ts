/** The bar: run a pass from a root, forget the passes, put the values back. */

import type { State } from "../state.ts";
import { h } from "./dom.ts";

export interface BarActions {
  run(root: number): void;
  zeroGrad(): void;
  resetValues(): void;
}

export class Bar {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #zeroGrad: HTMLButtonElement;
  readonly #values: HTMLButtonElement;

  constructor(state: State, actions: BarActions) {
    this.#state = state;
    const { messages, names, graph } = state;
    const runs = graph.outputs.map((root) => {
      const name = names.of(root);
      return button(`${name}.backward()`, messages.backwardHint(name), () => actions.run(root), "agw-go");
    });
    this.#zeroGrad = button("zero_grad()", messages.zeroGradHint, actions.zeroGrad);
    this.#values = button(messages.values, messages.valuesHint, actions.resetValues);
    this.element = h(
      "div",
      "agw-bar",
      { role: "toolbar" },
      group(messages.run, ...runs),
      group(messages.reset, this.#zeroGrad, this.#values),
      h(
        "span",
        "agw-legend",
        {},
        h("span", "", {}, `${messages.valuesFlow} →`),
        h("span", "", {}, `← ${messages.gradientsFlow}`),
      ),
    );
    if (state.readOnly) for (const each of this.element.querySelectorAll("button")) each.disabled = true;
  }

  update(): void {
    if (this.#state.readOnly) return;
    this.#zeroGrad.disabled = this.#state.passes.length === 0;
    this.#values.disabled = this.#state.hasFirstValues();
  }
}

function button(text: string, title: string, onClick: () => void, className = ""): HTMLButtonElement {
  const node = h("button", `agw-button ${className}`, { type: "button", title }, text);
  node.addEventListener("click", onClick);
  return node;
}

function group(name: string, ...children: Node[]): HTMLElement {
  return h(
    "span",
    "agw-group",
    { role: "group", "aria-label": name },
    h("span", "agw-group-name", {}, name),
    ...children,
  );
}
