/** Tables of the inspector: a row says what it is about, how its number comes about, and the number. */

import { exact } from "../../analysis/format.ts";
import type { State } from "../../session/state.ts";
import { type Child, h, hueIn } from "../dom.ts";

export function table(rows: HTMLElement[]): HTMLElement {
  return h("table", "table", {}, ...rows);
}

export function row(
  { spelling }: State,
  x: number,
  what: Child[],
  how: Child[] = [],
  className = "",
): HTMLElement {
  return cells(className, what, how, spelling.gradient(x), x);
}

/** A row that adds up the ones above. */
export function sumRow(
  { spelling }: State,
  total: number,
  what: Child[],
  written = spelling.gradient(total),
): HTMLElement {
  const element = cells("sum", what, [], written, total);
  element.dataset.total = "";
  return element;
}

/** A row with words in place of a number, or with a number. */
export function cells(className: string, what: Child[], how: Child[], end: string, x?: number): HTMLElement {
  const last =
    x === undefined
      ? h("td", "amount mute", {}, end)
      : h("td", `amount grad${hueIn(end)}`, { title: exact(x) }, end);
  return h("tr", className, {}, h("td", "", {}, ...what), h("td", "factors", {}, ...how), last);
}

export function text(words: string): HTMLElement {
  return h("p", "text", {}, words);
}
