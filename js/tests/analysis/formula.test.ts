import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Formula, parse, spelledOut } from "../../src/analysis/formula.ts";
import { erf, erfc, OPS, type Op, sign } from "../../src/engine/ops.ts";

type Numbers = Readonly<Record<string, number>>;

const FUNCTIONS: Readonly<Record<string, (...x: number[]) => number>> = {
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atan2: Math.atan2,
  atanh: Math.atanh,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  erf,
  erfc,
  exp: Math.exp,
  floor: Math.floor,
  log: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  max: Math.max,
  min: Math.min,
  round: OPS.get("round")!.forward,
  sign,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  trunc: Math.trunc,
};

const SIGNS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "**": (a, b) => a ** b,
  ">": (a, b) => Number(a > b),
  "<": (a, b) => Number(a < b),
  ">=": (a, b) => Number(a >= b),
  "<=": (a, b) => Number(a <= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
};

function evaluate(formula: Formula, numbers: Numbers): number {
  if (typeof formula === "number") return formula;
  if (typeof formula === "string") {
    const value = numbers[formula];
    if (value === undefined) throw new Error(`what is ${formula}?`);
    return value;
  }
  const [op, ...operands] = formula as [string, ...Formula[]];
  const x = operands.map((operand) => evaluate(operand, numbers));
  if (op === "if") return x[1] ? x[0]! : x[2]!;
  const call = op === "neg" ? (a: number) => -a : (SIGNS[op] ?? FUNCTIONS[op]);
  if (!call) throw new Error(`what is ${op}?`);
  return (call as (...x: number[]) => number)(...x);
}

const value = (text: string, numbers: Numbers = {}) => evaluate(parse(text), numbers);

/** Operands by the names that formulas give them. */
function named(op: Op, x: readonly number[]): Record<string, number> {
  const names: Record<string, number> = { y: op.forward(...x), n: x.length, pi: Math.PI };
  x.forEach((a, i) => {
    names[op.arity === null ? `a_${i + 1}` : "abc"[i]!] = a;
  });
  return names;
}

/** Points at which an op and its formulas are smooth: no poles, no ties, no kinks, and far enough from them. */
function points(op: Op): fc.Arbitrary<number[]> {
  const everywhere = [-3, 3] as const;
  const domains: Record<string, readonly [number, number]> = {
    "**": [0.2, 3],
    acos: [-0.9, 0.9],
    acosh: [1.1, 9],
    atanh: [-0.9, 0.9],
    log10: [0.1, 9],
    log2: [0.1, 9],
    logit: [0.1, 0.9],
    rsqrt: [0.1, 9],
    xlogy: [0.2, 3],
    asin: [-0.9, 0.9],
    log: [0.1, 9],
    log1p: [-0.9, 9],
    softplus: [-9, 30],
    sqrt: [0.1, 9],
    tan: [-1.4, 1.4],
  };
  const [min, max] = domains[op.name] ?? everywhere;
  const count = op.arity ?? 4;
  const far = (a: number, b: number) => Math.abs(a - b) > 0.01;
  // Not fc.double: most doubles are next to 0.
  const point = fc.integer({ min: 0, max: 1e6 }).map((share) => min + (share / 1e6) * (max - min));
  return fc
    .array(point, { minLength: count, maxLength: count })
    .map((x) => (op.name === "clamp" && x[1]! > x[2]! ? [x[0]!, x[2]!, x[1]!] : x))
    .filter((x) => x.every((a, i) => far(a, 0) && far(a, 20) && x.every((b, j) => i === j || far(a, b))));
}

const near = (x: number) => 1e-9 * (1 + Math.abs(x));

describe.each([...OPS.values()])("$name", (op) => {
  test("has a formula that gives its value", () => {
    fc.assert(
      fc.property(points(op), (x) => {
        const wanted = op.forward(...x);
        const found = value(spelledOut(op.formula, x.length), named(op, x));
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(near(wanted));
      }),
    );
  });

  test("has partials that give its gradients", () => {
    fc.assert(
      fc.property(points(op), (x) => {
        const names = named(op, x);
        op.backward(1, names.y!, ...x).forEach((wanted, i) => {
          const partial = op.partials[i] ?? op.partials[0]!;
          const found = value(partial, { ...names, a_i: x[i]! });
          expect(Math.abs(found - wanted)).toBeLessThanOrEqual(near(wanted));
        });
      }),
    );
  });
});

describe("reading", () => {
  test.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["8 - 3 - 2", 3],
    ["12 / 3 / 2", 2],
    ["2^3^2", 512],
    ["-2^2", -4],
    ["2^-1", 0.5],
    ["-2 * -3", 6],
    ["1 - -1", 2],
    ["2 * 3^2", 18],
    ["max(1, 4, 2) + 1", 5],
    ["1 if 2 > 1 else 0", 1],
    ["1 if 2 < 1 else 2 if 3 == 3 else 5", 2],
    ["1 + 1 if 0 else 3", 3],
    ["3.25", 3.25],
  ])("%s is %d", (text, wanted) => {
    expect(value(text)).toBe(wanted);
  });

  test.each(["", "1 +", "(1", "1)", "1 2", "a b", "f(", "f(1,)", "1 if 2", "a $ b", "* 2", "a..b"])(
    "%j is refused",
    (text) => {
      expect(() => parse(text)).toThrow();
    },
  );
});

describe("spelling out", () => {
  test.each([
    ["a_1 + … + a_n", 1, "a_1"],
    ["a_1 + … + a_n", 3, "a_1 + a_2 + a_3"],
    ["(a_1 + … + a_n) / n", 4, "(a_1 + a_2 + a_3 + a_4) / n"],
    ["max(a_1, …, a_n)", 2, "max(a_1, a_2)"],
    ["a_1 * … * a_n", 9, "a_1 * a_2 * … * a_9"],
    ["a * b", 2, "a * b"],
  ])("%s for %d operands is %s", (formula, count, text) => {
    expect(spelledOut(formula, count)).toBe(text);
  });

  test("what is long can still be read", () => {
    for (const op of OPS.values()) {
      for (const count of [1, 2, 4, 5, 100]) expect(() => parse(spelledOut(op.formula, count))).not.toThrow();
    }
  });
});
