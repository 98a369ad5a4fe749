/** Search by a part of a name, or by a condition on a number. Pure. */

import { OPS } from "../engine/ops.ts";

export interface Searched {
  /** Names of a node: label, expression, op, groups. */
  readonly names: readonly string[];
  readonly value: number | undefined;
  readonly gradient: number | undefined;
}

/** Condition such as `grad > 1`, `|grad| <= 1e-3` or `value != 0`; also in Chinese. */
const CONDITION =
  /^(\|?)(grad|gradient|∂|梯度|value|val|值|数值)\|?\s*(>=|<=|!=|>|<|=)=?\s*([-−+\d.e]+|[-−+]?inf)$/i;

/** Make a predicate of the typed text; an empty text matches nothing. */
export function matcher(typed: string): (node: Searched) => boolean {
  const text = typed.trim().toLowerCase();
  if (text === "nan") return ({ value, gradient }) => Number.isNaN(value) || Number.isNaN(gradient);
  if (text === "inf") {
    const isInfinite = (x: number | undefined) => Math.abs(x ?? 0) === Infinity;
    return ({ value, gradient }) => isInfinite(value) || isInfinite(gradient);
  }
  const [, bar, what, sign, number] = CONDITION.exec(text) ?? [];
  if (what === undefined)
    return ({ names }) => text !== "" && names.some((name) => name.toLowerCase().includes(text));
  const bound = Number(number!.replace("−", "-").replace("inf", "Infinity"));
  const { forward } = OPS.get(sign === "=" ? "==" : sign!)!;
  const ofGradient = /^(g|∂|梯)/.test(what);
  return ({ value, gradient }) => {
    const x = ofGradient ? gradient : value;
    return x !== undefined && forward(bar ? Math.abs(x) : x, bound) === 1;
  };
}
