/** Where a node's value and its gradient come from, with the numbers in: the frame around the parts. */

import type { State } from "../state.ts";
import { h } from "./dom.ts";
import { ledgerPart, passPart, roadsPart, sendsPart, valuePart } from "./parts.ts";
import { SlopePlot } from "./slopeplot.ts";

export interface InspectorActions {
  select(node: number | null): void;
  /** A road is pointed at: its operand slots; none when no longer. */
  point(slots: readonly number[]): void;
  /** Put it on the other side. */
  dock(): void;
  /** Where descent has been: values of a leaf and the loss. */
  trail(leaf: number): { x: number; y: number }[];
}

export class Inspector {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #actions: InspectorActions;
  readonly #slope: SlopePlot;

  constructor(state: State, actions: InspectorActions) {
    this.#state = state;
    this.#actions = actions;
    this.#slope = new SlopePlot(state, (leaf) => actions.trail(leaf));
    this.element = h("section", "inspector", { hidden: true });
    this.element.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-goto]") : null;
      if (link) actions.select(Number(link.dataset.goto));
    });
  }

  update(): void {
    const { selected } = this.#state;
    this.element.hidden = selected === null;
    // A road that was pointed at leads to another node.
    if (this.element.dataset.inspector !== selected?.toString()) this.#actions.point([]);
    if (selected === null) {
      this.element.removeAttribute("data-inspector");
      this.element.replaceChildren();
      return;
    }
    const focus = this.#focusedKey();
    this.element.setAttribute("data-inspector", String(selected));
    this.element.replaceChildren(...this.#columns(selected), this.#buttons());
    if (focus) this.element.querySelector<HTMLElement>(focus)?.focus();
  }

  #columns(id: number): HTMLElement[] {
    const state = this.#state;
    const isOperation = state.kind(id) === "operation";
    const tracked = state.graph.needsGrad[id] === 1;
    const roads = tracked ? roadsPart(state, id, (slots) => this.#actions.point(slots)) : undefined;
    return [
      [valuePart(state, id), tracked ? ledgerPart(state, id) : undefined],
      [passPart(state, id), isOperation ? sendsPart(state, id) : undefined, roads],
      [this.#slope.part(id)],
    ].map((column) => h("div", "column", {}, ...column.filter((part) => part !== undefined)));
  }

  #buttons(): HTMLElement {
    const { messages } = this.#state;
    const close = h(
      "button",
      "icon close",
      { type: "button", title: `${messages.close} (Esc)`, "aria-label": messages.close },
      "×",
    );
    const dock = h(
      "button",
      "icon dock",
      { type: "button", title: messages.dock, "aria-label": messages.dock },
      "◨",
    );
    close.addEventListener("click", () => this.#actions.select(null));
    dock.addEventListener("click", () => this.#actions.dock());
    return h("div", "corner", {}, dock, close);
  }

  /** What has the focus here, as a selector that finds its successor. */
  #focusedKey(): string | undefined {
    const root = this.element.getRootNode();
    const active = root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
    if (!(active instanceof HTMLElement) || !this.element.contains(active)) return undefined;
    if (active instanceof HTMLTableRowElement) return `.agw-road:nth-child(${active.rowIndex + 1})`;
    if (active.dataset.goto !== undefined) return `[data-goto="${active.dataset.goto}"]`;
    return active.classList.contains("agw-dock") ? ".agw-dock" : ".agw-close";
  }
}
