/** Formulas of the op table: `1 - y^2`, `b * a^(b - 1)`, `1 if a > 0 else 0`. `view/mathml.ts` writes them as MathML. */

import { BINDS, Reader, type Tree } from "../engine/syntax.ts";

export type Formula = Tree;

/** Least precedence of a term of a sum, and of a factor of a product. */
export const SUM = BINDS.get("+")!;
export const FACTOR = BINDS.get("*")!;

const read = new Map<string, Formula>();

/** Parse a formula, once. Throws on a syntax error; a test parses the whole table. */
export function parse(text: string): Formula {
  const formula = read.get(text) ?? new Reader(text).whole();
  read.set(text, formula);
  return formula;
}

/** Expand the formula of an op of any arity for `count` operands: `a_1 + … + a_n` becomes `a_1 + a_2 + a_3`. */
export function spelledOut(formula: string, count: number): string {
  return formula.replace(/a_1(\s*[-+*,]\s*)…\1a_n/, (_, sign: string) => {
    const shown =
      count <= 4 ? [...Array(count).keys()].map((i) => `a_${i + 1}`) : ["a_1", "a_2", "…", `a_${count}`];
    return shown.join(sign);
  });
}

/** Test for a formula by cases. */
export function isChoice(formula: Formula): formula is readonly Formula[] {
  return typeof formula === "object" && formula[0] === "if";
}
