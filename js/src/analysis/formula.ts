/**
 * Parser of the op table's formulas: `1 - y^2`, `b * a^(b - 1)`, `1 if a > 0 else 0`.
 *
 * A formula is parsed once, by precedence climbing (Richards 1979; Norvell, "Parsing Expressions by Recursive Descent",
 * 1999), and written as MathML in `view/mathml.ts`. It recurses over formulas of the table, never over a graph.
 */

/**
 * Syntax tree: a number, a symbol, or an op with its operands. `1 - y^2` is `["-", 1, ["^", "y", 2]]`. Besides signs and
 * functions there are `["neg", a]` and `["if", then, when, otherwise]`.
 */
export type Formula = number | string | readonly Formula[];

const TOKEN = /\s*(\d+(?:\.\d+)?|[a-z][a-z0-9]*(?:_[a-z0-9]+)?|…|[<>=!]=|[-+*/^()<>,])/gy;

/** Precedence of signs. */
export const BINDS: Readonly<Record<string, number>> = {
  "==": 1,
  "!=": 1,
  ">": 1,
  "<": 1,
  ">=": 1,
  "<=": 1,
  "+": 2,
  "-": 2,
  "*": 3,
  "/": 3,
  neg: 4,
  "^": 5,
};
export const SUM = BINDS["+"]!;
/** Least precedence of a factor of a product. */
export const FACTOR = BINDS["*"]!;

const read = new Map<string, Formula>();

/** Parse a formula. Throws on a syntax error; a test parses the whole table. */
export function parse(text: string): Formula {
  const formula = read.get(text) ?? new Reader(text).whole();
  read.set(text, formula);
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
    if (this.#peek() !== "") this.#fail();
    return formula;
  }

  #choice(): Formula {
    const then = this.#expression(0);
    if (!this.#took("if")) return then;
    const when = this.#expression(0);
    this.#take("else");
    return ["if", then, when, this.#choice()];
  }

  #expression(least: number): Formula {
    let left = this.#prefix();
    for (;;) {
      const sign = this.#peek();
      const binds = BINDS[sign] ?? -1;
      if (binds < least) return left;
      this.#at++;
      // ^ is right-associative, the others are not.
      left = [sign, left, this.#expression(sign === "^" ? binds : binds + 1)];
    }
  }

  #prefix(): Formula {
    const token = this.#peek();
    this.#at++;
    if (token === "-") return ["neg", this.#expression(BINDS.neg!)];
    if (token === "(") {
      const inner = this.#choice();
      this.#take(")");
      return inner;
    }
    if (/^\d/.test(token)) return Number(token);
    if (!/^[a-z…]/.test(token)) this.#fail();
    if (!this.#took("(")) return token;
    const operands = [this.#choice()];
    while (this.#took(",")) operands.push(this.#choice());
    this.#take(")");
    return [token, ...operands];
  }

  /** The next token; none at the end. */
  #peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #took(token: string): boolean {
    const isNext = this.#peek() === token;
    if (isNext) this.#at++;
    return isNext;
  }

  #take(token: string): void {
    if (!this.#took(token)) this.#fail();
  }

  #fail(): never {
    throw new Error(`formula "${this.#text}"`);
  }
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
