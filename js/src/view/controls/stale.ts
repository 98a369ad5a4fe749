/** The line for what waits for a decision: Python's result is older than its leaves, and a button brings it along. */

import { formatInFull } from "../../analysis/format.ts";
import { decodeNumber } from "../../engine/number.ts";
import { listed } from "../../i18n/index.ts";
import type { State } from "../../session/state.ts";
import { button, h, setText } from "../dom.ts";
import type { Bar } from "./bar.ts";

export function staleNotice(state: State, onForward: () => void): Bar {
  const { graph, messages, names } = state;
  const what = h("b", "");
  const more = h("span", "");
  const forward = button("", "", onForward, "button primary");
  const words = h("span", "", {}, what, " ", more);
  const element = h("div", "notice", { role: "status", hidden: true }, words, forward);
  const root = graph.outputs.at(-1)!;
  const name = names.of(root);
  return {
    element,
    update() {
      const { isStale, stale } = state;
      element.hidden = !isStale;
      if (!isStale) return;
      const leaves = stale.leaves!.filter((leaf) => leaf in graph.ops);
      const told = leaves.map((leaf) => names.of(leaf));
      setText(what, messages.setAfter(leaves.length, listed(messages, told), name));
      const values = leaves.map((leaf, i) => `${told[i]} = ${formatInFull(graph.values[leaf]!)}`);
      const python = decodeNumber(stale.values?.[root]);
      const shown = listed(messages, values);
      setText(more, python === undefined ? "" : messages.showsFor(name, shown, formatInFull(python)));
      setText(forward, `${name}.forward()`);
      forward.title = messages.forwardHint(name);
      forward.hidden = state.readOnly;
    },
  };
}
