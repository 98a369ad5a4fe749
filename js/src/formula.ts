/**
 * The little language of the op table's formulas: `1 - y^2`, `b * a^(b - 1)`, `1 if a > 0 else 0`.
 *
 * A formula is read once and then evaluated, or written as MathML with names or numbers in. Precedence climbing:
 * Richards 1979; Norvell, "Parsing Expressions by Recursive Descent", 1999. (It recurses, over formulas of the table, never over
 * a graph.)
 */

export type Formula =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "negative"; readonly of: Formula }
  | { readonly kind: "binary"; readonly sign: string; readonly left: Formula; readonly right: Formula }
  | { readonly kind: "call"; readonly name: string; readonly operands: readonly Formula[] }
  | { readonly kind: "choice"; readonly then: Formula; readonly when: Formula; readonly otherwise: Formula };

const TOKEN = /\s*(\d+(?:\.\d+)?|[a-z][a-z0-9]*(?:_[a-z0-9]+)?|…|[<>=]=|[-+*/^()<>,])/gy;

const BINDS: Readonly<Record<string, number>> = {
  "==": 1,
  ">": 1,
  "<": 1,
  ">=": 1,
  "<=": 1,
  "+": 2,
  "-": 2,
  "*": 3,
  "/": 3,
  "^": 5,
};
const NEGATIVE_BINDS = 4;

const read = new Map<string, Formula>();

/** Read a formula. Throws on one that is not in the language; the table's all are, by test. */
export function parse(text: string): Formula {
  let formula = read.get(text);
  if (!formula) {
    formula = new Reader(text).whole();
    read.set(text, formula);
  }
  return formula;
}

class Reader {
  readonly #tokens: string[];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = [...text.matchAll(TOKEN)].map((match) => match[1]!);
    if (this.#tokens.join("") !== text.replace(/\s/g, "")) this.#fail();
  }

  whole(): Formula {
    const formula = this.#choice();
    if (this.#at < this.#tokens.length) this.#fail();
    return formula;
  }

  #choice(): Formula {
    const then = this.#expression(0);
    if (this.#peek() !== "if") return then;
    this.#at++;
    const when = this.#expression(0);
    this.#take("else");
    return { kind: "choice", then, when, otherwise: this.#choice() };
  }

  #expression(least: number): Formula {
    let left = this.#prefix();
    for (;;) {
      const sign = this.#peek() ?? "";
      const binds = BINDS[sign];
      if (binds === undefined || binds < least) return left;
      this.#at++;
      // ^ is right-associative, the others are not.
      left = { kind: "binary", sign, left, right: this.#expression(sign === "^" ? binds : binds + 1) };
    }
  }

  #prefix(): Formula {
    const token = this.#tokens[this.#at++];
    if (token === undefined) return this.#fail();
    if (token === "-") return { kind: "negative", of: this.#expression(NEGATIVE_BINDS) };
    if (token === "(") {
      const inner = this.#choice();
      this.#take(")");
      return inner;
    }
    if (/^\d/.test(token)) return { kind: "number", value: Number(token) };
    if (!/^[a-z…]/.test(token)) return this.#fail();
    if (this.#peek() !== "(") return { kind: "symbol", name: token };
    this.#at++;
    const operands = [this.#choice()];
    while (this.#peek() === ",") {
      this.#at++;
      operands.push(this.#choice());
    }
    this.#take(")");
    return { kind: "call", name: token, operands };
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(token: string): void {
    if (this.#tokens[this.#at++] !== token) this.#fail();
  }

  #fail(): never {
    throw new Error(`formula "${this.#text}"`);
  }
}

/** How an op of any number of operands is written for `count` of them: `a_1 + … + a_n` becomes `a_1 + a_2 + a_3`. */
export function spelledOut(formula: string, count: number): string {
  return formula.replace(/a_1(\s*[-+*,]\s*)…\1a_n/, (_, sign: string) => {
    const shown =
      count <= 4 ? [...Array(count).keys()].map((i) => `a_${i + 1}`) : ["a_1", "a_2", "…", `a_${count}`];
    return shown.join(sign);
  });
}

/** What a symbol stands for in MathML. */
export type Atom = (symbol: string) => {
  readonly text: string;
  /** Whether it needs parentheses within a product. */
  readonly isSum?: boolean;
};

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** How signs are written that are not written as they are. */
const SIGNS: Readonly<Record<string, string>> = { "*": "·", "-": "−", "==": "=", ">=": "≥", "<=": "≤" };

function element(tag: string, ...children: (Node | string)[]): MathMLElement {
  const node = document.createElementNS(MATHML, tag);
  node.append(...children);
  return node;
}

const operator = (sign: string) => element("mo", sign);

/** How loosely a factor of a product may bind. */
export const FACTOR = BINDS["*"]!;

/** A formula as MathML, with `atom` in place of its symbols; in parentheses if it binds less than `least`. */
export function toMathML(formula: Formula, atom: Atom, otherwise: string, least = 0): MathMLElement {
  const inside = (inner: Formula, binds = 0) => toMathML(inner, atom, otherwise, binds);
  switch (formula.kind) {
    case "number":
      return word(String(Number(formula.value.toPrecision(4))));
    case "symbol": {
      const { text, isSum = false } = atom(formula.name);
      return wrapped(isSum && least > BINDS["+"]!, word(text));
    }
    case "negative": {
      const written = row(operator("−"), inside(formula.of, NEGATIVE_BINDS));
      return wrapped(least > BINDS["+"]!, written);
    }
    case "binary": {
      const { sign, left, right } = formula;
      const binds = BINDS[sign]!;
      if (sign === "/") return element("mfrac", inside(left), inside(right));
      if (sign === "^") return element("msup", inside(left, binds + 1), inside(right));
      const shown = operator(SIGNS[sign] ?? sign);
      return wrapped(binds < least, row(inside(left, binds), shown, inside(right, binds + 1)));
    }
    case "call": {
      const { name } = formula;
      const operands = formula.operands.map((operand) => inside(operand));
      if (name === "sqrt") return element("msqrt", ...operands);
      if (name === "exp") return element("msup", word("e"), ...operands);
      if (name === "abs") return row(operator("|"), ...operands, operator("|"));
      return row(word(name), wrapped(true, between(",", operands)));
    }
    case "choice": {
      const rows: MathMLElement[] = [];
      const line = (value: Formula, when: MathMLElement) =>
        rows.push(element("mtr", element("mtd", inside(value)), element("mtd", when)));
      let rest: Formula = formula;
      for (; rest.kind === "choice"; rest = rest.otherwise) line(rest.then, inside(rest.when));
      line(rest, element("mtext", otherwise));
      return row(operator("{"), element("mtable", ...rows));
    }
  }
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
