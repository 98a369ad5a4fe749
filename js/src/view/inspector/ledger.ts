/** The ledger of one node: which pass added what to its `.grad`, row by row, with a running sum. */

import { sum } from "../../analysis/spelling.ts";
import type { LedgerRow } from "../../session/passes.ts";
import type { State } from "../../session/state.ts";
import { h, hueOf, quiet, section } from "../dom.ts";
import { cells, row, sumRow, text } from "./table.ts";

export function ledgerPart(state: State, id: number): HTMLElement {
  const { names, messages, spelling } = state;
  const rows = state.ledger(id).filter(({ added }) => added !== undefined);
  const name = `${names.of(id)}.grad`;
  const total = state.total(id);
  const amounts = rows.map(({ added }) => added!);
  const isLong = rows.some(stays);
  const bars = isLong ? runningSum(amounts) : [];
  const [stay, move]: [HTMLElement[], HTMLElement[]] = [[], []];
  rows.forEach((one, i) => {
    (stays(one) ? stay : move).push(ledgerRow(state, id, one, bars[i]));
  });
  const isMixed = isLong && move.length > 0;
  const isNew = !state.passes.haveRun && total === undefined;
  const end = isNew
    ? cells("sum", [name, " ", quiet(messages.notRunYet)], [], "0.0", 0)
    : sumRow(state, total ?? 0, [name], spelling.write(total ?? 0));
  return section(
    name,
    `= ${messages.passes}`,
    h(
      "table",
      `table${isLong ? " ledger" : ""}`,
      {},
      isMixed && note(messages.rowsThatStay),
      ...stay,
      isMixed && note(messages.rowsThatMove),
      ...move,
      end,
    ),
    isNew &&
      rows.length > 0 &&
      text(
        messages.wouldGive(callsOf(state), spelling.gradient(sum(amounts))) +
          messages.stop +
          messages.previewHint(names.of(id)),
      ),
  );
}

/** It does not move with the sliders. */
function stays({ record }: LedgerRow): boolean {
  return record?.isLive === false;
}

/** `y.backward()`, or of several roots the calls one after the other. */
export function callsOf({ names, passes }: State): string {
  return passes.roots.map((root) => callOf(names.of(root))).join(", ");
}

/** `y.backward()`; what has no name of its own stands in parentheses. */
export function callOf(name: string, argument = ""): string {
  return `${/[^\p{L}\p{N}_.[\]]/u.test(name) ? `(${name})` : name}.backward(${argument})`;
}

function ledgerRow(state: State, id: number, one: LedgerRow, bar: HTMLElement | undefined): HTMLElement {
  const { messages } = state;
  const { record, added } = one;
  const kind = record ? (record.isLive ? "" : " stays") : " preview";
  const key = h("i", `key${kind}${added! < 0 ? " negative" : ""}`);
  const at = record?.at.get(id);
  const what = [key, whoOf(state, one), ...(record ? [] : [" ", quiet(messages.preview)])];
  const how = at === undefined ? [] : [quiet(messages.at(state.names.of(id), state.spelling.write(at)))];
  return row(state, added!, what, [...how, bar]);
}

/** Origin of a row: `loss.backward()`, or a gradient set by hand. */
function whoOf({ names, messages, spelling }: State, { record, root }: LedgerRow): string {
  if (record?.isByHand) return messages.byHand;
  if (record && record.count > 1) return messages.earlierPasses(record.count);
  const name = root === undefined ? record!.name || messages.elsewhere : names.of(root);
  const gradient = record && record.gradient !== 1 ? `gradient=${spelling.write(record.gradient)}` : "";
  return callOf(name, gradient);
}

function note(words: string): HTMLElement {
  return h("tr", "note-row", {}, h("td", "mute", { colspan: 3 }, words));
}

/** Bars that begin where the one before them ended; none of a single row, in which there is nothing to follow. */
function runningSum(amounts: readonly number[]): (HTMLElement | undefined)[] {
  const ends = [0];
  for (const amount of amounts) ends.push(ends.at(-1)! + amount);
  const low = Math.min(...ends);
  const span = Math.max(...ends) - low;
  return amounts.map((amount, i) => {
    if (amounts.length < 2 || !(span > 0 && Number.isFinite(span))) return undefined;
    const bar = h("i", `running${hueOf(amount)}`);
    const percent = (x: number) => `${((100 * x) / span).toFixed(1)}%`;
    bar.style.left = percent(Math.min(ends[i]!, ends[i + 1]!) - low);
    bar.style.width = percent(Math.abs(amount));
    return h("span", "running-sum", { "aria-hidden": "true" }, bar);
  });
}
