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
    if (this.#tokens.join("") !== text.replace(/\s/g, ""))
      throw new Error(`formula "${text}" has a strange character`);
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
    throw new Error(`formula "${this.#text}" ends or goes on in the wrong place`);
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
  readonly negative?: boolean;
  readonly number?: boolean;
};

const MATHML = "http://www.w3.org/1998/Math/MathML";

function element(tag: string, ...children: (Node | string)[]): MathMLElement {
  const node = document.createElementNS(MATHML, tag);
  node.append(...children);
  return node;
}

/** A formula as MathML, with `atom` in place of its symbols. */
export function toMathML(formula: Formula, atom: Atom, otherwise: string): MathMLElement {
  return write(formula, 0, atom, otherwise);
}

function write(formula: Formula, least: number, atom: Atom, otherwise: string): MathMLElement {
  const inside = (inner: Formula, binds: number) => write(inner, binds, atom, otherwise);
  switch (formula.kind) {
    case "number":
      return element("mn", String(Number(formula.value.toPrecision(4))));
    case "symbol": {
      const { text, negative, number } = atom(formula.name);
      const word = element(number ? "mn" : "mi", text);
      return negative && least > 2 ? inParentheses(word) : word;
    }
    case "negative":
      return wrapped(
        least > NEGATIVE_BINDS - 2,
        element("mrow", element("mo", "−"), inside(formula.of, NEGATIVE_BINDS)),
      );
    case "binary":
      return writeBinary(formula, least, inside);
    case "call":
      return writeCall(formula, inside);
    case "choice":
      return writeChoice(formula, inside, otherwise);
  }
}

type Write = (inner: Formula, binds: number) => MathMLElement;

function writeBinary(formula: Formula & { kind: "binary" }, least: number, inside: Write): MathMLElement {
  const { sign, left, right } = formula;
  const binds = BINDS[sign]!;
  if (sign === "/") return element("mfrac", inside(left, 0), inside(right, 0));
  if (sign === "^") return element("msup", inside(left, binds + 1), inside(right, 0));
  const shown =
    sign === "*"
      ? "·"
      : sign === "-"
        ? "−"
        : sign === "=="
          ? "="
          : sign === ">="
            ? "≥"
            : sign === "<="
              ? "≤"
              : sign;
  return wrapped(
    binds < least,
    element("mrow", inside(left, binds), element("mo", shown), inside(right, binds + 1)),
  );
}

function writeCall(formula: Formula & { kind: "call" }, inside: Write): MathMLElement {
  const operands = formula.operands.map((operand) => inside(operand, 0));
  const first = operands[0]!;
  if (formula.name === "sqrt") return element("msqrt", first);
  if (formula.name === "exp") return element("msup", element("mi", "e"), first);
  if (formula.name === "abs") return element("mrow", element("mo", "|"), first, element("mo", "|"));
  const listed = operands.flatMap((operand, i) => (i === 0 ? [operand] : [element("mo", ","), operand]));
  return element("mrow", element("mi", formula.name), inParentheses(element("mrow", ...listed)));
}

function writeChoice(formula: Formula & { kind: "choice" }, inside: Write, otherwise: string): MathMLElement {
  const rows: MathMLElement[] = [];
  let rest: Formula = formula;
  while (rest.kind === "choice") {
    rows.push(element("mtr", element("mtd", inside(rest.then, 0)), element("mtd", inside(rest.when, 0))));
    rest = rest.otherwise;
  }
  rows.push(element("mtr", element("mtd", inside(rest, 0)), element("mtd", element("mtext", otherwise))));
  return element("mrow", element("mo", "{"), element("mtable", ...rows));
}

function wrapped(needed: boolean, inner: MathMLElement): MathMLElement {
  return needed ? inParentheses(inner) : inner;
}

function inParentheses(inner: MathMLElement): MathMLElement {
  return element("mrow", element("mo", "("), inner, element("mo", ")"));
}

/** An equation: expressions between equals signs, as one `<math>` element. */
export function equation(...sides: MathMLElement[]): MathMLElement {
  const parts = sides.flatMap((side, i) => (i === 0 ? [side] : [element("mo", "="), side]));
  return element("math", element("mrow", ...parts));
}

/** A word or a number by itself. */
export function mathWord(text: string): MathMLElement {
  // Not <mtext>: it counts as space, and takes the room around an operator beside it away.
  return element(/^[-−+]?[\d.]/.test(text) ? "mn" : "mi", text);
}

/** `∂y/∂(w·x)`, on one line: in a table a fraction would be too small to read. */
export function derivative(of: string, by: string): MathMLElement {
  const part = (name: string) => (/[·+−/^ ]/.test(name) ? inParentheses(mathWord(name)) : mathWord(name));
  return element("mrow", element("mo", "∂"), part(of), element("mo", "/"), element("mo", "∂"), part(by));
}

/** Factors with dots between them; a negative one after the first in parentheses. */
export function product(...factors: string[]): MathMLElement {
  const parts = factors.flatMap((factor, i) => {
    const word = mathWord(factor);
    return i === 0 ? [word] : [element("mo", "·"), factor.startsWith("−") ? inParentheses(word) : word];
  });
  return element("mrow", ...parts);
}
