/**
 * The op table: value, gradients and notation of each operation.
 *
 * The twin, row by row, of `ops.py`, which documents the source of the gradients (PyTorch's `derivatives.yaml`, in
 * float64) and the language of the formulas. `tests/conformance` holds both to the same numbers.
 */

import { erf, erfc, gauss } from "./erf.ts";

export { erf, erfc };

/** Row of the table: an operation, its derivatives, and their notation. */
export interface Op {
  readonly name: string;
  /** Number of operands; null means one or more. */
  readonly arity: number | null;
  /** Compute the value. Never throws. */
  readonly forward: (...x: number[]) => number;
  /** Contribution of an upstream gradient `g` to each operand, given the value `y`. Never throws. */
  readonly backward: (g: number, y: number, ...x: number[]) => number[];
  readonly formula: string;
  /** Local derivative towards each operand; one entry, towards `a_i`, for an op of any arity. */
  readonly partials: readonly string[];
  /** False for ops whose result never needs a gradient, such as comparisons. */
  readonly isDifferentiable: boolean;
  /** `forward` and `backward` on lists, for more operands than a call can carry. Not for one or two. */
  readonly ofList?: ListOp;
}

/** Op on a list of operands. */
export interface ListOp {
  forward(x: readonly number[]): number;
  backward(g: number, y: number, x: readonly number[]): number[];
}

/** Compute C's pow: 1 to any power is 1, and so is -1 to an infinite one, where JavaScript gives nan. */
export function pow(a: number, b: number): number {
  // V8 needs ten times as long for these as for 2, 1 and -1. Cubes and the derivative of a**-1 are common.
  if (b === 3) return a * a * a;
  if (b === -2) return 1 / (a * a);
  return a === 1 || (a === -1 && (b === Infinity || b === -Infinity)) ? 1 : a ** b;
}

/** Contribution of `a**b` to its base: masked, so 0 for an exponent of 0. */
export function powToBase(g: number, a: number, b: number): number {
  return b === 0 ? 0 : g * (b * pow(a, b - 1));
}

/** Contribution of `y = a**b` to its exponent: the limit 0 at `0**b`, rather than y * log(0) = nan. */
export function powToExponent(g: number, y: number, a: number, b: number): number {
  return g * (a === 0 && b >= 0 ? 0 : y * Math.log(a));
}

/** Sign: 1, -1 or 0. The sign of nan is 0, as in torch.sign. */
export function sign(a: number): number {
  return Math.sign(a) || 0;
}

/** ReLU that keeps nan and -0, as in PyTorch. */
export function relu(a: number): number {
  // biome-ignore lint/complexity/useMathMinMax: Math.max(-0, 0) is 0
  return a < 0 ? 0 : a;
}

function rsqrt(a: number): number {
  return 1 / Math.sqrt(a);
}

function floorDivide(a: number, b: number): number {
  if (b === 0) return a / b;
  const rest = a % b;
  // Rounding removes rounding errors: the exact quotient is an integer.
  const whole = Math.round((a - rest) / b) - Number(isOpposite(rest, b));
  return whole === 0 ? 0 * (a / b) : whole;
}

/** Remainder with the sign of `b`; that of JavaScript has the sign of `a`. */
function remainder(a: number, b: number): number {
  const rest = a % b;
  return isOpposite(rest, b) ? rest + b : rest;
}

function isOpposite(rest: number, b: number): boolean {
  return rest !== 0 && rest < 0 !== b < 0;
}

/** Round half to even. */
function round(a: number): number {
  const below = Math.floor(a);
  return a - below === 0.5 ? 2 * Math.round(a / 2) : Math.round(a);
}

function atan2Backward(g: number, _y: number, a: number, b: number): number[] {
  const squares = a * a + b * b;
  const share = squares === 0 ? 0 : 1 / squares; // the origin sends nothing
  return [g * (b * share), g * (-a * share)];
}

function logaddexp(a: number, b: number): number {
  // Without the first case two equal infinities would give nan.
  return a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** Make a row with slope 1 between two bounds and 0 at both, unlike `clamp`. */
function between(name: string, low: number, high: number): Op {
  return row(
    name,
    (a) => (a < low ? low : Math.min(a, high)),
    (g, _y, a) => [a <= low || a >= high ? 0 : g],
    `min(max(${low}, a), ${high})`,
    `0 if a < ${low} else 1 if a < ${high} else 0`,
  );
}

function clamp([a, b, c]: readonly number[]): number {
  const raised = a! < b! ? b! : a!;
  return Number.isNaN(b) || Number.isNaN(c) ? NaN : raised > c! ? c! : raised;
}

function clampBackward(g: number, _y: number, [a, b, c]: readonly number[]): number[] {
  return [b! <= a! && a! <= c!, a! < b! && b! < c!, a! > c! || c! < b!].map((passes) => (passes ? g : 0));
}

function logsigmoidBackward(g: number, _y: number, a: number): number[] {
  const z = Math.exp(-Math.abs(a));
  const share = z / (1 + z);
  return [g * (a < 0 ? 1 - share : share)];
}

function sigmoid(a: number): number {
  return 1 / (1 + Math.exp(-a));
}

function softplusBackward(g: number, _y: number, a: number): number[] {
  if (a > 20) return [g];
  const z = Math.exp(a);
  return [(g * z) / (z + 1)];
}

function siluBackward(g: number, _y: number, a: number): number[] {
  const s = sigmoid(a);
  return [g * s * (1 + a * (1 - s))];
}

const SQRT_HALF = Math.sqrt(0.5);
const SQRT_HALF_OVER_PI = (2 / Math.sqrt(Math.PI)) * SQRT_HALF * 0.5;

function geluBackward(g: number, _y: number, a: number): number[] {
  const cdf = 0.5 * (1 + erf(a * SQRT_HALF));
  const pdf = SQRT_HALF_OVER_PI * Math.exp(-0.5 * a * a);
  return [g * (cdf + a * pdf)];
}

function sum(x: readonly number[]): number {
  return x.reduce((total, a) => total + a, 0);
}

function product(x: readonly number[]): number {
  return x.reduce((total, a) => total * a, 1);
}

function productBackward(g: number, y: number, x: readonly number[]): number[] {
  const zeros = x.reduce((count, a) => (a === 0 ? count + 1 : count), 0);
  if (zeros === 0) return x.map((a) => (g * y) / a);
  if (zeros > 1) return x.map(() => 0);
  // One zero: dividing by it loses its own gradient, so multiply what lies before and after each operand.
  const before = productsBefore(x);
  const after = productsBefore(x.slice().reverse()).reverse();
  return before.map((left, i) => g * (left * after[i]!));
}

function productsBefore(x: readonly number[]): number[] {
  let total = 1;
  return x.map((a) => {
    const before = total;
    total *= a;
    return before;
  });
}

function largest(x: readonly number[]): number {
  return x.reduce((a, b) => (a < b || Number.isNaN(b) ? b : a));
}

function smallest(x: readonly number[]): number {
  return -largest(x.map((a) => -a));
}

function largestBackward(g: number, y: number, x: readonly number[]): number[] {
  return x.length === 2 ? pairShares(g, x[0]!, x[1]!) : winnersShare(g, y, x);
}

function smallestBackward(g: number, y: number, x: readonly number[]): number[] {
  return largestBackward(
    g,
    -y,
    x.map((a) => -a),
  );
}

/** Gradient of torch.maximum: with a nan neither operand is smaller, so both get all of g. */
function pairShares(g: number, a: number, b: number): number[] {
  const share = a === b ? g / 2 : g;
  return [a < b ? 0 : share, a > b ? 0 : share];
}

/** Gradient of torch.max of a whole tensor: the winners share evenly, and a nan wins. */
function winnersShare(g: number, y: number, x: readonly number[]): number[] {
  const wins = x.map((a) => (Number.isNaN(y) ? Number.isNaN(a) : a === y));
  const share = g / wins.filter(Boolean).length;
  return wins.map((won) => (won ? share : 0));
}

function row(
  name: string,
  forward: Op["forward"],
  backward: Op["backward"],
  formula: string,
  ...partials: string[]
): Op {
  return { name, arity: partials.length, forward, backward, formula, partials, isDifferentiable: true };
}

/** Make the row of a function of `Math` that is written as `name(a)`. */
function of(name: keyof Math, backward: Op["backward"], partial: string): Op {
  return row(name as string, Math[name] as Op["forward"], backward, `${name as string}(a)`, partial);
}

/** Make the row of a comparison, which gives 1 or 0. */
function comparison(sign: string, compare: (a: number, b: number) => boolean): Op {
  const op = row(
    sign,
    (a, b) => +compare(a, b),
    () => [0, 0],
    `1 if a ${sign} b else 0`,
    "0",
    "0",
  );
  return { ...op, isDifferentiable: false };
}

function listRow(
  name: string,
  forward: ListOp["forward"],
  backward: ListOp["backward"],
  formula: string,
  ...partials: string[]
): Op {
  return {
    name,
    arity: partials.length > 1 ? partials.length : null,
    forward: (...x) => forward(x),
    backward: (g, y, ...x) => backward(g, y, x),
    formula,
    partials,
    isDifferentiable: true,
    ofList: { forward, backward },
  };
}

const SOFTPLUS_SLOPE = "1 if a > 20 else 1 / (1 + exp(-a))";
const SILU_SLOPE = "(1 + a * (1 - 1 / (1 + exp(-a)))) / (1 + exp(-a))";
const GAUSS = "2 * exp(-a^2) / sqrt(pi)";
const GELU_SLOPE = "(1 + erf(a / sqrt(2))) / 2 + a * exp(-a^2 / 2) / sqrt(2 * pi)";

// biome-ignore format: a table is read by its rows
const ROWS: readonly Op[] = [
  row("+", (a, b) => a + b, (g) => [g, g], "a + b", "1", "1"),
  row("-", (a, b) => a - b, (g) => [g, -g], "a - b", "1", "-1"),
  row("*", (a, b) => a * b, (g, _y, a, b) => [g * b, g * a], "a * b", "b", "a"),
  row("/", (a, b) => a / b, (g, _y, a, b) => [g / b, -g * (a / b / b)], "a / b", "1 / b", "-a / b^2"),
  row("**", pow, (g, y, a, b) => [powToBase(g, a, b), powToExponent(g, y, a, b)], "a^b", "b * a^(b - 1)", "y * log(a)"),
  row("%", remainder, (g, _y, a, b) => [g, -g * floorDivide(a, b)], "a - b * floor(a / b)", "1", "-floor(a / b)"),
  row("//", floorDivide, () => [0, 0], "floor(a / b)", "0", "0"),
  row("fmod", (a, b) => a % b, (g, _y, a, b) => [g, -g * Math.trunc(a / b)],
    "a - b * trunc(a / b)", "1", "-trunc(a / b)"),
  row("neg", (a) => -a, (g) => [-g], "-a", "-1"),
  of("abs", (g, _y, a) => [g * sign(a)], "sign(a)"),
  row("square", (a) => a * a, (g, _y, a) => [g * (2 * a)], "a^2", "2 * a"),
  row("reciprocal", (a) => 1 / a, (g, y) => [-g * (y * y)], "1 / a", "-y^2"),
  of("sqrt", (g, y) => [g / (2 * y)], "1 / (2 * y)"),
  row("rsqrt", rsqrt, (g, y) => [-0.5 * g * (y * y * y)], "1 / sqrt(a)", "-y^3 / 2"),
  row("hypot", Math.hypot, (g, y, a, b) => [g * (a / y), g * (b / y)], "sqrt(a^2 + b^2)", "a / y", "b / y"),
  of("exp", (g, y) => [g * y], "y"),
  row("expm1", Math.expm1, (g, y) => [g * (y + 1)], "exp(a) - 1", "y + 1"),
  row("exp2", (a) => 2 ** a, (g, y) => [g * y * Math.LN2], "2^a", "y * log(2)"),
  of("log", (g, _y, a) => [g / a], "1 / a"),
  row("log1p", Math.log1p, (g, _y, a) => [g / (a + 1)], "log(1 + a)", "1 / (1 + a)"),
  of("log2", (g, _y, a) => [g / (a * Math.LN2)], "1 / (a * log(2))"),
  of("log10", (g, _y, a) => [g / (a * Math.LN10)], "1 / (a * log(10))"),
  row("logaddexp", logaddexp, (g, _y, a, b) => [g / (1 + Math.exp(b - a)), g / (1 + Math.exp(a - b))],
    "log(exp(a) + exp(b))", "exp(a - y)", "exp(b - y)"),
  row("xlogy", (a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b)),
    (g, _y, a, b) => [a === 0 && b <= 0 ? 0 : g * Math.log(b), (g * a) / b], "a * log(b)", "log(b)", "a / b"),
  of("sin", (g, _y, a) => [g * Math.cos(a)], "cos(a)"),
  of("cos", (g, _y, a) => [g * -Math.sin(a)], "-sin(a)"),
  of("tan", (g, y) => [g * (1 + y * y)], "1 + y^2"),
  of("asin", (g, _y, a) => [g * rsqrt(1 - a * a)], "1 / sqrt(1 - a^2)"),
  of("acos", (g, _y, a) => [g * -rsqrt(1 - a * a)], "-1 / sqrt(1 - a^2)"),
  of("atan", (g, _y, a) => [g / (a * a + 1)], "1 / (1 + a^2)"),
  row("atan2", Math.atan2, atan2Backward, "atan2(a, b)", "b / (a^2 + b^2)", "-a / (a^2 + b^2)"),
  of("sinh", (g, _y, a) => [g * Math.cosh(a)], "cosh(a)"),
  of("cosh", (g, _y, a) => [g * Math.sinh(a)], "sinh(a)"),
  of("tanh", (g, y) => [g * (1 - y * y)], "1 - y^2"),
  of("asinh", (g, _y, a) => [g * rsqrt(1 + a * a)], "1 / sqrt(1 + a^2)"),
  of("acosh", (g, _y, a) => [g * rsqrt(a * a - 1)], "1 / sqrt(a^2 - 1)"),
  of("atanh", (g, _y, a) => [g / (1 - a * a)], "1 / (1 - a^2)"),
  row("erf", erf, (g, _y, a) => [g * gauss(a)], "erf(a)", GAUSS),
  row("erfc", erfc, (g, _y, a) => [-g * gauss(a)], "erfc(a)", `-${GAUSS}`),
  row("sigmoid", sigmoid, (g, y) => [g * (1 - y) * y], "1 / (1 + exp(-a))", "y * (1 - y)"),
  row("logsigmoid", (a) => Math.min(0, a) - Math.log1p(Math.exp(-Math.abs(a))), logsigmoidBackward,
    "-log(1 + exp(-a))", "1 / (1 + exp(a))"),
  row("logit", (a) => Math.log(a / (1 - a)), (g, _y, a) => [a >= 0 && a <= 1 ? g / Math.abs(a * (1 - a)) : NaN],
    "log(a / (1 - a))", "1 / (a * (1 - a))"),
  row("softsign", (a) => a / (1 + Math.abs(a)),
    (g, y, a) => [g / (1 + Math.abs(a)) - g * (y / (1 + Math.abs(a))) * sign(a)],
    "a / (1 + abs(a))", "1 / (1 + abs(a))^2"),
  // Masked: where relu is 0, and everywhere for sign and floor, an infinite g contributes 0, and not nan.
  row("relu", relu, (g, y) => [y <= 0 ? 0 : g], "max(0, a)", "1 if a > 0 else 0"),
  between("relu6", 0, 6),
  between("hardtanh", -1, 1),
  row("leaky_relu", (a) => (a > 0 ? a : 0.01 * a), (g, _y, a) => [a > 0 ? g : g * 0.01],
    "a if a > 0 else 0.01 * a", "1 if a > 0 else 0.01"),
  row("elu", (a) => (a <= 0 ? Math.expm1(a) : a), (g, _y, a) => [a <= 0 ? g * Math.exp(a) : g],
    "a if a > 0 else exp(a) - 1", "1 if a > 0 else exp(a)"),
  row("softplus", (a) => (a > 20 ? a : Math.log1p(Math.exp(a))), softplusBackward,
    "a if a > 20 else log(1 + exp(a))", SOFTPLUS_SLOPE),
  row("silu", (a) => a / (1 + Math.exp(-a)), siluBackward, "a / (1 + exp(-a))", SILU_SLOPE),
  row("gelu", (a) => 0.5 * a * (1 + erf(a * SQRT_HALF)), geluBackward,
    "a * (1 + erf(a / sqrt(2))) / 2", GELU_SLOPE),
  row("sign", sign, () => [0], "sign(a)", "0"),
  of("floor", () => [0], "0"),
  of("ceil", () => [0], "0"),
  row("round", round, () => [0], "round(a)", "0"),
  of("trunc", () => [0], "0"),
  row("frac", (a) => a - Math.trunc(a), (g) => [g], "a - trunc(a)", "1"),
  listRow("clamp", clamp, clampBackward, "min(max(a, b), c)",
    "1 if a == y else 0", "1 if a < b else 0", "1 if a > c else 0"),
  listRow("where", ([a, b, c]) => (a !== 0 ? b! : c!), (g, _y, [a]) => (a !== 0 ? [0, g, 0] : [0, 0, g]),
    "b if a else c", "0", "1 if a else 0", "0 if a else 1"),
  comparison(">", (a, b) => a > b),
  comparison(">=", (a, b) => a >= b),
  comparison("<", (a, b) => a < b),
  comparison("<=", (a, b) => a <= b),
  comparison("==", (a, b) => a === b),
  comparison("!=", (a, b) => a !== b),
  { ...row("detach", (a) => a, () => [0], "a", "0"), isDifferentiable: false },
  listRow("max", largest, largestBackward, "max(a_1, …, a_n)", "1 if a_i == y else 0"),
  listRow("min", smallest, smallestBackward, "min(a_1, …, a_n)", "1 if a_i == y else 0"),
  listRow("sum", sum, (g, _y, x) => x.map(() => g), "a_1 + … + a_n", "1"),
  listRow("mean", (x) => sum(x) / x.length, (g, _y, x) => x.map(() => g / x.length), "(a_1 + … + a_n) / n", "1 / n"),
  listRow("prod", product, productBackward, "a_1 * … * a_n", "y / a_i"),
];

/** Rows by name. A Map, so that `__proto__` and `constructor` are not ops. */
export const OPS: ReadonlyMap<string, Op> = new Map(ROWS.map((op) => [op.name, op]));
