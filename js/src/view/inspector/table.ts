/** Tables of the inspector: a row says what it is about, how its number comes about, and the number. */

import { exact, formatGradient, formatInFull } from "../../analysis/format.ts";
import { type Child, h, hueOf } from "../dom.ts";

export function table(rows: HTMLElement[]): HTMLElement {
  return h("table", "table", {}, ...rows);
}

export function row(x: number, what: Child[], how: Child[] = [], className = ""): HTMLElement {
  return cells(className, what, how, formatGradient(x, formatInFull), x);
}

/** A row that adds up the ones above. */
export function sumRow(
  total: number,
  what: Child[],
  written = formatGradient(total, formatInFull),
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
      : h("td", `amount grad${hueOf(x)}`, { title: exact(x) }, end);
  return h("tr", className, {}, h("td", "", {}, ...what), h("td", "factors", {}, ...how), last);
}

export function text(words: string): HTMLElement {
  return h("p", "text", {}, words);
}
