/** MathML of formulas and equations, with names or numbers in place of symbols. */

import { formatShort } from "../analysis/format.ts";
import { type Formula, isChoice, SUM } from "../analysis/formula.ts";
import { SIGNS } from "../analysis/names.ts";
import { BINDS, UNARY } from "../engine/syntax.ts";

const MATHML = "http://www.w3.org/1998/Math/MathML";

function element(tag: string, ...children: (Node | string)[]): MathMLElement {
  const node = document.createElementNS(MATHML, tag);
  node.append(...children);
  return node;
}

const operator = (sign: string) => element("mo", sign);

/** A formula as MathML, with `text` in place of its symbols; in parentheses if it binds less than `least`. */
export function toMathML(
  formula: Formula,
  text: (symbol: string) => string,
  otherwise: string,
  least = 0,
): MathMLElement {
  if (typeof formula === "number") return word(formatShort(formula));
  if (typeof formula === "string") {
    const written = text(formula);
    // An expression within a product would read as a longer one, and a minus sign as an operator.
    return wrapped(least > SUM && /^−|[ +]/.test(written), word(written));
  }
  const inside = (inner: Formula, binds = 0) => toMathML(inner, text, otherwise, binds);
  const [op, ...operands] = formula as [string, Formula, Formula];
  const [left, right] = operands;
  const binds = BINDS.get(op);
  if (op === "if") return cases(formula, inside, otherwise);
  if (op === "neg") return wrapped(least > SUM, row(operator("−"), inside(left, UNARY)));
  if (op === "/") return element("mfrac", inside(left), inside(right));
  if (op === "**") return element("msup", inside(left, binds! + 1), inside(right));
  if (binds) {
    const sign = operator(op === "==" ? "=" : (SIGNS.get(op) ?? op));
    return wrapped(binds < least, row(inside(left, binds), sign, inside(right, binds + 1)));
  }
  if (op === "sqrt") return element("msqrt", inside(left));
  if (op === "exp") return element("msup", word("e"), inside(left));
  if (op === "abs") return row(operator("|"), inside(left), operator("|"));
  return row(
    word(op),
    wrapped(
      true,
      between(
        ",",
        operands.map((operand) => inside(operand)),
      ),
    ),
  );
}

function cases(
  formula: Formula,
  inside: (inner: Formula) => MathMLElement,
  otherwise: string,
): MathMLElement {
  const rows: MathMLElement[] = [];
  const line = (value: Formula, when: MathMLElement) =>
    rows.push(element("mtr", element("mtd", inside(value)), element("mtd", when)));
  let rest = formula;
  while (isChoice(rest)) {
    line(rest[1]!, inside(rest[2]!));
    rest = rest[3]!;
  }
  line(rest, element("mtext", otherwise));
  return row(operator("{"), element("mtable", ...rows));
}

function row(...parts: MathMLElement[]): MathMLElement {
  return element("mrow", ...parts);
}

function between(sign: string, parts: readonly MathMLElement[]): MathMLElement {
  return row(...parts.flatMap((part, i) => (i === 0 ? [part] : [operator(sign), part])));
}

function wrapped(needed: boolean, inner: MathMLElement): MathMLElement {
  return needed ? row(operator("("), inner, operator(")")) : inner;
}

/** An equation: expressions between equals signs, as one `<math>` element. */
export function equation(...sides: MathMLElement[]): MathMLElement {
  return element("math", between("=", sides));
}

/** A product, and whether it is subtracted. */
export type Term = readonly [isNegative: boolean, ...factors: MathMLElement[]];

/** `∂y/∂x = a·b − c`, as elements between which a line may break. */
export function sumOf(left: MathMLElement, terms: readonly Term[]): MathMLElement[] {
  const written = terms.map(([isNegative, ...factors], i) => {
    const sign = operator(isNegative ? "−" : "+");
    if (i > 0) sign.setAttribute("form", "infix");
    const term = factors.length > 0 ? product(...factors) : word("1");
    return element("math", row(...(i > 0 || isNegative ? [sign] : []), term));
  });
  return [equation(left, word("")), ...written];
}

/** A word or a number by itself, upright: names here are words. */
export function word(text: string): MathMLElement {
  // Not <mtext>: it counts as space, and takes the room around an operator beside it away.
  if (/^[-−+]?[\d.]/.test(text)) return element("mn", text);
  const node = element("mi", text);
  node.setAttribute("mathvariant", "normal");
  return node;
}

/** `∂y/∂(w·x)`, on one line: in a table a fraction would be too small to read. */
export function derivative(of: string, by: string): MathMLElement {
  const part = (name: string) => (/[·+−/^ ]/.test(name) ? `(${name})` : name);
  return word(`∂${part(of)}/∂${part(by)}`);
}

/** Factors with dots between them. */
function product(...factors: MathMLElement[]): MathMLElement {
  return between("·", factors);
}

/** Numbers with dots between them, a negative one after the first in parentheses. */
export function productOf(...numbers: string[]): MathMLElement {
  return product(...numbers.map((text, i) => wrapped(i > 0 && text.startsWith("−"), word(text))));
}
