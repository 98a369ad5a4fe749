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

export interface Bar {
  readonly element: HTMLElement;
  update(): void;
}

export function barOf(state: State, history: Undo, actions: BarActions, replay: Replay, learn: Learn): Bar {
  const { messages, names, graph } = state;
  const runs = graph.outputs.map((root) => {
    const name = names.of(root);
    return button(callOf(name), messages.backwardHint(name), () => actions.run(root), "button go");
  });
  const zeroGrad = button("zero_grad()", messages.zeroGradHint, actions.zeroGrad);
  const values = button(messages.values, messages.valuesHint, actions.resetValues);
  const undo = button("↶", "", actions.undo);
  const redo = button("↷", "", actions.redo);
  const changes = [
    group(messages.run, ...runs),
    h("span", "group", {}, zeroGrad, values),
    h("span", "group", {}, undo, redo),
    learn.opener,
  ];
  const parts = state.readOnly ? [replay.element] : [replay.element, ...changes];
  return {
    element: h("div", "bar", { role: "toolbar" }, ...parts),
    update() {
      replay.update();
      learn.update();
      const { last, next } = history;
      zeroGrad.disabled = state.passes.records.length === 0;
      for (const run of runs) toggle(run, "primary", state.isPreview && !state.isStale && runs.length === 1);
      name(undo, messages.undo, last && deedWords(state, last.deed), "Ctrl+Z");
      name(redo, messages.redo, next && deedWords(state, next.deed), "Ctrl+Shift+Z");
      values.disabled = state.hasFirstValues();
    },
  };
}

/** Name the act that a button would take back or do again; without one it is off. */
function name(
  node: HTMLButtonElement,
  words: (what: string) => string,
  what: string | undefined,
  keys: string,
): void {
  node.disabled = !what;
  const label = words(what ?? "");
  const title = `${what ? label : label.replace(/[:：]\s*$/, "")} (${keys})`;
  setAttributes(node, { title, "aria-label": label });
}
