/** The parts of a leaf's `.grad` as bars side by side. */

import type { LedgerRow } from "../../session/passes.ts";
import { h, prefixed } from "../dom.ts";

/** A few bars however many passes: by class, what is positive or negative of it. */
function barsOf(rows: readonly LedgerRow[]): (readonly [className: string, amount: number])[] {
  const told = rows.flatMap(({ record, added }) =>
    added === undefined || added === 0 ? [] : [{ record, added }],
  );
  const last = told.at(-1);
  const sum = (counts: (row: (typeof told)[number]) => unknown) =>
    told.reduce((total, row) => total + (counts(row) ? row.added : 0), 0);
  const isThis = (row: (typeof told)[number]) => row === last && row.record?.isLive;
  const isEarlier = (row: (typeof told)[number]) => row.record && !isThis(row);
  const bars = [
    ["earlier", sum((row) => isEarlier(row) && row.added > 0)],
    ["earlier", sum((row) => isEarlier(row) && !(row.added > 0))],
    ["this-pass", sum(isThis)],
    ["preview", sum(({ record }) => !record)],
  ] as const;
  return bars.filter(([, amount]) => amount !== 0);
}

export function drawStack(stack: HTMLElement, rows: readonly LedgerRow[]): void {
  const bars = barsOf(rows);
  while (stack.childElementCount > bars.length) stack.lastElementChild!.remove();
  while (stack.childElementCount < bars.length) stack.append(h("i", ""));
  const sizes = bars.map(([, amount]) => (Number.isFinite(amount) ? Math.abs(amount) : 1));
  const total = sizes.reduce((a, b) => a + b, 0);
  bars.forEach(([kind, amount], i) => {
    const bar = stack.children[i] as HTMLElement;
    bar.style.flexGrow = (sizes[i]! / total).toFixed(4);
    const className = prefixed(`bar-of-stack ${kind}${amount < 0 ? " negative" : ""}`);
    if (bar.className !== className) bar.className = className;
  });
}
