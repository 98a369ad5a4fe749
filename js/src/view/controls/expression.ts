/** The field in which a graph of an expression is written anew: `f(x)` opens it, Enter draws. */

import type { GraphDocument } from "../../engine/document.ts";
import { documentOf } from "../../engine/expression.ts";
import type { Fault } from "../../engine/syntax.ts";
import type { State } from "../../session/state.ts";
import type { Sync } from "../../session/sync.ts";
import { button, h, on, setText } from "../dom.ts";

/** Limit of an expression, in letters. */
const LONGEST = 1000;

export interface Writing {
  /** The row: there when it is asked for. */
  readonly element: HTMLElement;
  /** The button that asks for it, hidden where the graph is of no expression. */
  readonly opener: HTMLButtonElement;
}

/** `isOpen` for a graph that was just written here. */
export function writingOf(state: State, sync: Sync, isOpen: boolean): Writing {
  const { messages, readOnly } = state;
  const { expression: value = "" } = sync.traits;
  const field = h("input", "field", { value, maxlength: LONGEST, "aria-label": messages.expression });
  // Its letters are as wide as the field's: the sentence begins under the place that it is about.
  const fault = h("div", "alert", { role: "alert" });
  const hidden = !isOpen;
  const element = h("div", "bar", { hidden }, messages.expression, h("div", "written", {}, field, fault));
  on(field, ["keydown"], ({ key, isComposing }) => {
    if (key !== "Enter" || isComposing) return;
    try {
      sync.write(field.value, writtenAs(state, field.value));
    } catch (thrown) {
      const { key, values, start, end } = thrown as Fault;
      const words = messages.faults[key];
      setText(fault, `▲ ${typeof words === "function" ? words(...values) : words}`);
      fault.style.textIndent = `${start}ch`;
      field.setSelectionRange(start, end);
    }
  });
  const opener = button("f(x)", messages.expression, () => {
    element.hidden = !element.hidden;
    field.focus();
  });
  if (isOpen) queueMicrotask(() => field.focus());
  opener.hidden = readOnly || !value;
  return { element, opener };
}

/** The document of an expression. Names that stay keep their values and the ranges of their sliders. */
function writtenAs({ graph, leaves, given }: State, text: string): GraphDocument {
  const leafOf = new Map(leaves.map((leaf) => [graph.labels[leaf] ?? "", leaf]));
  const values = new Map([...leafOf].map(([name, leaf]) => [name, graph.values[leaf]!]));
  const written = documentOf(text, values);
  const ranges = Object.entries(written.label).flatMap(([id, name]) => {
    const range = given.sliders?.[leafOf.get(name)!];
    return range ? [[id, range]] : [];
  });
  const sliders = Object.fromEntries(ranges);
  return { ...written, sliders } as GraphDocument;
}
