/** The parts of a leaf's `.grad` as bars side by side. */

import { sum } from "../../analysis/spelling.ts";
import type { LedgerRow } from "../../session/passes.ts";
import { h, hueOf } from "../dom.ts";

/** Draw a few bars however many passes: what is positive and what is negative of earlier ones, this pass, a preview. */
export function drawStack(stack: HTMLElement, rows: readonly LedgerRow[]): void {
  const told = rows.filter(({ added = 0 }) => added !== 0);
  const isLive = told.at(-1)?.record?.isLive;
  const thisPass = isLive ? told.pop()!.added! : 0;
  const amount = (counts: (row: LedgerRow) => unknown) => sum(told.filter(counts).map(({ added }) => added!));
  const parts: [className: string, amount: number][] = [
    ["earlier", amount(({ record, added }) => record && added! > 0)],
    ["earlier", amount(({ record, added }) => record && !(added! > 0))],
    ["", thisPass],
    ["preview", amount(({ record }) => !record)],
  ];
  const bars = parts.filter(([, amount]) => amount !== 0);
  const size = (amount: number) => (Number.isFinite(amount) ? Math.abs(amount) : 1);
  const total = sum(bars.map(([, amount]) => size(amount)));
  const elements = bars.map(([kind, amount]) => {
    const bar = h("i", `bar-of-stack ${kind}${hueOf(amount)}`);
    bar.style.flexGrow = String(size(amount) / total);
    return bar;
  });
  stack.replaceChildren(...elements);
}
