/** Where a node's value and its gradient come from, with the numbers in: the frame around the parts. */

import type { State } from "../../session/state.ts";
import { button, focusedIn, h, on } from "../dom.ts";
import { checkPart } from "./check.ts";
import { ledgerPart } from "./ledger.ts";
import { passPart, roadsPart, sendsPart, valuePart } from "./parts.ts";
import { type Point, slopePart } from "./slopeplot.ts";

export interface InspectorActions {
  select(node: number | null): void;
  /** A road is pointed at: its operand slots; none when no longer. */
  point(slots: readonly number[]): void;
  /** Put it on the other side. */
  dock(): void;
  /** Where descent has been: values of a leaf and the loss. */
  trail(leaf: number): Point[];
}

export class Inspector {
  readonly element = h("section", "inspector");
  readonly #state: State;
  readonly #actions: InspectorActions;
  readonly #corner: HTMLElement;

  constructor(state: State, actions: InspectorActions) {
    this.#state = state;
    this.#actions = actions;
    const { close, dock } = state.messages;
    this.#corner = h(
      "div",
      "corner",
      {},
      button("◨", dock, actions.dock, "icon dock", dock),
      button("×", `${close} (Esc)`, () => actions.select(null), "icon", close),
    );
    on(this.element, ["click"], (event) => {
      const link = event.target.closest<HTMLElement>("[data-goto]");
      if (link) actions.select(Number(link.dataset.goto));
    });
  }

  update(): void {
    const { element } = this;
    const { selected } = this.#state;
    element.hidden = selected === null;
    // A road that was pointed at leads to another node.
    if (element.dataset.inspector !== selected?.toString()) this.#actions.point([]);
    if (selected === null) {
      element.removeAttribute("data-inspector");
      element.replaceChildren();
      return;
    }
    const focused = this.#controls().indexOf(focusedIn(element)!);
    element.dataset.inspector = String(selected);
    element.replaceChildren(...this.#columns(selected), this.#corner);
    // What had the focus is made anew: its successor has it, or the last one there is.
    if (focused >= 0) (this.#controls()[focused] ?? this.#controls().pop())?.focus();
  }

  #columns(id: number): HTMLElement[] {
    const state = this.#state;
    const isTracked = state.graph.needsGrad[id] === 1;
    const isOperation = state.kind(id) === "operation";
    return [
      [valuePart(state, id), checkPart(state, id), isTracked && ledgerPart(state, id)],
      [passPart(state, id), isTracked && roadsPart(state, id, this.#actions.point)],
      [slopePart(state, id, this.#actions.trail), isOperation && sendsPart(state, id)],
    ].map((parts) => h("div", "column", {}, ...parts));
  }

  /** What can have the focus. */
  #controls(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("button, .agw-road")];
  }
}
