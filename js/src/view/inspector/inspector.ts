/** The inspector: explanations of a node's value and gradient, with the numbers in. */

import type { State } from "../../session/state.ts";
import { button, focusedIn, h, setAttribute } from "../dom.ts";
import { checkPart } from "./check.ts";
import { ledgerPart } from "./ledger.ts";
import { passPart, pathsPart, sendsPart, valuePart } from "./parts.ts";
import { type Point, slopePart } from "./slopeplot.ts";

export interface InspectorActions {
  select(node: number | null): void;
  /** A path is pointed at: its operand slots; none when no longer. */
  point(slots: readonly number[]): void;
  /** Put it on the other side. */
  dock(): void;
  /** Points of the descent so far: values of a leaf and the loss. */
  trail(leaf: number): Point[];
}

export function inspectorOf(
  state: State,
  actions: InspectorActions,
): { element: HTMLElement; update(): void } {
  const element = h("section", "inspector");
  const { close, dock } = state.messages;
  const corner = h(
    "div",
    "corner",
    {},
    button("◨", dock, actions.dock, "icon dock", dock),
    button("×", `${close} (Esc)`, () => actions.select(null), "icon", close),
  );
  /** Elements that can have the focus. */
  const controls = () => [...element.querySelectorAll<HTMLElement>("button, [tabindex]")];
  return {
    element,
    update() {
      const { selected } = state;
      const about = selected === null ? null : String(selected);
      element.hidden = about === null;
      // A path that was pointed at leads to another node.
      if (element.getAttribute("data-inspector") !== about) actions.point([]);
      setAttribute(element, "data-inspector", about);
      const focused = controls().indexOf(focusedIn(element)!);
      element.replaceChildren(...(selected === null ? [] : [...columnsOf(state, selected, actions), corner]));
      // What had the focus is made anew: its successor has it, or the last one there is.
      if (focused >= 0) (controls()[focused] ?? controls().pop())?.focus();
    },
  };
}

function columnsOf(state: State, id: number, actions: InspectorActions): HTMLElement[] {
  const isTracked = state.graph.needsGrad[id] === 1;
  const isOperation = state.kind(id) === "operation";
  return [
    [valuePart(state, id), checkPart(state, id), isTracked && ledgerPart(state, id)],
    [passPart(state, id), isTracked && pathsPart(state, id, actions.point)],
    [slopePart(state, id, actions.trail), isOperation && sendsPart(state, id)],
  ].map((parts) => h("div", "column", {}, ...parts));
}
