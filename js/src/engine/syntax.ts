/**
 * Syntax of formulas and of people's expressions: `1 - y^2`, `relu(w*x + b)`.
 *
 * Precedence climbing (Richards 1979; Norvell, "Parsing Expressions by Recursive Descent", 1999). It recurses over texts
 * of the op table or of a field of limited length, never over a graph.
 */

/**
 * Syntax tree: a number, a name, or an op with its operands. `1 - y^2` is `["-", 1, ["**", "y", 2]]`. Besides signs and
 * functions there are `["neg", a]` and, in formulas, `["if", then, when, otherwise]`.
 */
export type Tree = number | string | readonly Tree[];

/** Invalid text: which sentence says so, with what, and the place that it is about. */
export interface Fault {
  readonly key: string;
  readonly values: readonly unknown[];
  readonly start: number;
  readonly end: number;
}

export interface Token {
  /** As Python spells it. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const TOKEN = /(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[\p{L}_][\p{L}\p{N}_]*|\*\*|\/\/|[<>=!]=|\S/giu;
const NAME = /^[\p{L}_…]/u;

/** Precedence of signs. */
export const BINDS = byEach([
  [1, "> >= < <= == !="],
  [2, "+ -"],
  [3, "* / % //"],
  [5, "**"],
]);
/** Precedence of a sign before an operand. */
export const UNARY = 4;
const SPELLED = byEach([
  ["*", "· × ⋅"],
  ["/", "÷"],
  ["-", "−"],
  ["**", "^"],
  ["log", "ln("],
]);

export class Reader {
  /** Names that stand for values, as they come. */
  readonly names: readonly string[];
  /** The last one is the end. */
  readonly #tokens: readonly Token[];
  readonly #check: ((name: Token, operands?: number) => void) | undefined;
  /** Number of tokens that were taken. */
  #taken = 0;

  /** `check` looks at a function's name, and again with the number of its operands; without it, a formula is read. */
  constructor(text: string, check?: (name: Token, operands?: number) => void) {
    // `ln` is the logarithm where it is called, and else a name as any other.
    const tokens = [...text.matchAll(TOKEN)].map(({ 0: found, index }) => ({
      text: SPELLED.get(text.startsWith("ln(", index) ? "ln(" : found) ?? found,
      start: index,
      end: index + found.length,
    }));
    const end = text.trimEnd().length;
    this.#tokens = [...tokens, { text: "", start: end, end }];
    this.#check = check;
    const names = tokens.filter(({ text }, i) => NAME.test(text) && this.#tokens[i + 1]!.text !== "(");
    this.names = [...new Set(names.map(({ text }) => text))];
  }

  /** @throws Fault */
  whole(): Tree {
    const tree = this.#choice();
    this.#expect("");
    return tree;
  }

  #choice(): Tree {
    const then = this.#expression(0);
    if (this.#check || !this.#took("if")) return then;
    const when = this.#expression(0);
    this.#expect("else");
    return ["if", then, when, this.#choice()];
  }

  /** Take operands, and operators that bind more tightly than that. */
  #expression(than: number): Tree {
    let left = this.#operand();
    for (;;) {
      const sign = this.#next.text;
      const binds = BINDS.get(sign) ?? 0;
      if (binds <= than) return left;
      this.#taken++;
      // A power is right-associative, the others are not.
      left = [sign, left, this.#expression(sign === "**" ? UNARY : binds)];
    }
  }

  #operand(): Tree {
    const token = this.#next;
    const { text } = token;
    const isSign = text === "+" || text === "-";
    if (text === "") refuse("missingAtEnd", token);
    if (/^[),]/.test(text) || (BINDS.has(text) && !isSign)) refuse("missing", token, text);
    if (!isSign) this.#refuseUnknown();
    this.#taken++;
    if (isSign) {
      const operand = this.#expression(UNARY);
      return text === "-" ? ["neg", operand] : operand;
    }
    if (text === "(") return this.#within(token)[0]!;
    if (!NAME.test(text)) return Number(text);
    const open = this.#next;
    if (open.text !== "(") return text;
    this.#check?.(token);
    this.#taken++;
    const operands = this.#within(open, ",");
    this.#check?.(token, operands.length);
    return [text, ...operands];
  }

  /** Take what stands in parentheses, with their end. */
  #within(open: Token, comma?: string): Tree[] {
    const found = [this.#choice()];
    while (comma && this.#took(comma)) found.push(this.#choice());
    if (this.#next.text === "") refuse("neverClosed", open);
    this.#expect(")");
    return found;
  }

  get #next(): Token {
    return this.#tokens[this.#taken]!;
  }

  #took(sign: string): boolean {
    const isNext = this.#next.text === sign;
    if (isNext) this.#taken++;
    return isNext;
  }

  /** Refuse what stands where an operator or that sign has to be. */
  #expect(sign: string): void {
    if (this.#took(sign)) return;
    const { text } = this.#next;
    this.#refuseUnknown();
    const fault = text === ")" || text === "," ? "unknown" : "noOperator";
    refuse(fault, this.#next, text, this.#tokens[this.#taken - 1]!.text);
  }

  #refuseUnknown(): void {
    const { text } = this.#next;
    if (text === "=") refuse("assignment", this.#next);
    const isOfTable = text === "…" && !this.#check;
    if (!/^[\p{L}_\d(),]|^\.\d/u.test(text) && !isOfTable) refuse("unknown", this.#next, text);
  }
}

export function refuse(key: string, { start, end }: Omit<Token, "text">, ...values: unknown[]): never {
  throw { key, values, start, end } satisfies Fault;
}

/** Map each of some signs to what they have in common. */
function byEach<T>(rows: readonly (readonly [T, string])[]): ReadonlyMap<string, T> {
  return new Map(rows.flatMap(([common, signs]) => signs.split(" ").map((sign) => [sign, common] as const)));
}
