/** Search: by name, op, group or number; from hit to hit. */

import { matcher } from "../../picture/search.ts";
import type { State } from "../../session/state.ts";
import { button, h, on, setText } from "../dom.ts";

export interface Search {
  /** The button that opens it, and the box. */
  readonly element: HTMLElement;
  open(): void;
}

export function searchOf(state: State, onFound: (node: number) => void): Search {
  const { messages } = state;
  const { search, searchHint } = messages;
  const box = h("input", "query", {
    type: "search",
    placeholder: searchHint,
    "aria-label": search,
    title: searchHint,
  });
  const count = h("span", "mute", { role: "status" });
  let hits: number[] = [];
  let at = -1;
  const tell = () => {
    const told = hits.length > 0 ? messages.found(at + 1, hits.length) : messages.nothingFound;
    setText(count, box.value.trim() && told);
  };
  const go = (by: number) => {
    const { length } = hits;
    if (length === 0) return;
    at = (Math.max(at, by < 0 ? 0 : -1) + by + length) % length;
    tell();
    onFound(hits[at]!);
  };
  const field = h(
    "span",
    "group",
    { hidden: true },
    box,
    count,
    button("↑", messages.previous, () => go(-1)),
    button("↓", messages.next, () => go(1)),
  );
  const open = () => {
    field.hidden = false;
    box.focus();
    box.select();
  };
  const close = () => {
    field.hidden = true;
    opener.focus();
  };
  const toggle = () => (field.hidden ? open() : close());
  const opener = button("⌕", `${search} (/)`, toggle, "button", search);
  on(box, ["input"], () => {
    hits = found(state, box.value);
    at = -1;
    tell();
  });
  on(box, ["keydown"], (event) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") close();
    else return;
    event.stopPropagation();
  });
  return { element: h("span", "group", { role: "search" }, field, opener), open };
}

/** Nodes that a text matches. */
function found(state: State, text: string): number[] {
  const { graph, names, folds } = state;
  const groups = folds.labels();
  const matches = matcher(text);
  return [...graph.ops.keys()].filter((id) => {
    const op = names.op(id);
    const spoken = [names.of(id), op, names.sign(op), ...groups[id]!];
    return matches({ names: spoken, value: state.value(id), gradient: state.gradient(id) });
  });
}
