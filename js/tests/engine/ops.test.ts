import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { erf, erfc } from "../../src/engine/erf.ts";
import { Graph } from "../../src/engine/graph.ts";
import { BACKWARD_LOOPS, FORWARD_LOOPS } from "../../src/engine/loops.ts";
import { encodeNumber } from "../../src/engine/number.ts";
import { OPS, type Op, pow } from "../../src/engine/ops.ts";

const ROWS = [...OPS.values()];
const EDGES = [0, -0, 1, -1, 0.5, -2, 3, 1e-300, 1e300, 1000, -1000, Infinity, -Infinity, NaN];
const anyNumber = fc.oneof(fc.constantFrom(...EDGES), fc.double());

/** A graph with one node of the op for each list of operands, all on leaves of their own, and their sum. */
function inParallel(op: Op, lists: number[][]): Graph {
  const leaves = lists.flat();
  const inputs: number[][] = leaves.map(() => []);
  let next = 0;
  for (const x of lists) inputs.push(x.map(() => next++));
  inputs.push(lists.map((_, i) => leaves.length + i));
  return Graph.fromJSON({
    version: 1,
    op: [...leaves.map(() => "leaf"), ...lists.map(() => op.name), "sum"],
    inputs,
    value: Object.fromEntries(leaves.map((a, id) => [id, encodeNumber(a)])),
    outputs: [inputs.length - 1],
  });
}

/** Away from kinks and poles, and within everybody's domain. */
function smoothPoint(op: Op): fc.Arbitrary<number[]> {
  const inDomain: Record<string, [number, number]> = {
    asin: [0.1, 0.9],
    acos: [0.1, 0.9],
    floor: [0.1, 0.9],
    tan: [0.1, 1.4],
    "%": [1.1, 1.9],
    "//": [1.1, 1.9],
    fmod: [1.1, 1.9],
    acosh: [1.1, 3],
    atanh: [0.1, 0.9],
    logit: [0.1, 0.9],
    hardtanh: [0.1, 0.9],
    ceil: [0.1, 0.9],
    round: [0.1, 0.4],
    trunc: [0.1, 0.9],
    frac: [0.1, 0.9],
  };
  const [min, max] = inDomain[op.name] ?? [0.1, 3];
  const count = op.arity ?? 3;
  return fc
    .array(fc.double({ min, max, noNaN: true }), { minLength: count, maxLength: count })
    .filter((x) => x.every((a, i) => x.every((b, j) => i === j || Math.abs(a - b) > 1e-3)));
}

describe.each(ROWS)("$name", (op) => {
  test("has a local derivative for each operand", () => {
    expect(op.partials).toHaveLength(op.arity ?? 1);
  });

  test("has the derivatives that central differences show", () => {
    const H = 1e-5;
    fc.assert(
      fc.property(smoothPoint(op), (x) => {
        const contributions = op.backward(1, op.forward(...x), ...x);
        contributions.forEach((c, i) => {
          const at = (a: number) => op.forward(...x.map((b, j) => (i === j ? a : b)));
          const difference = at(x[i]! + H) - at(x[i]! - H);
          const slope = op.isDifferentiable ? difference / (2 * H) : 0;
          expect(Math.abs(c - slope)).toBeLessThan(1e-5 * (1 + Math.abs(c)));
        });
      }),
    );
  });

  test("gives in a graph what its row says, to the bit, however many stand in a run", () => {
    const count = op.arity ?? 4;
    const operands = fc.array(anyNumber, { minLength: count, maxLength: count });
    fc.assert(
      fc.property(fc.array(operands, { minLength: 1, maxLength: 9 }), anyNumber, (lists, g) => {
        const graph = inParallel(op, lists);
        graph.backward(graph.size - 1, g);
        // A gradient starts at 0 and is added to, so it is never -0.
        const values = lists.map((x) => op.forward(...x));
        const contributions = lists.flatMap((x, i) => op.backward(g + 0, values[i]!, ...x));
        const leaves = contributions.length;
        expect([...graph.values.subarray(leaves, -1)]).toEqual(values);
        expect([...graph.grads.subarray(0, leaves)]).toEqual(contributions.map((c) => c + 0));
        expect([...graph.edgeGrads.subarray(0, leaves)]).toEqual(contributions);
      }),
    );
  });
});

test("ops with a loop of their own have one for each direction", () => {
  expect(Object.keys(FORWARD_LOOPS)).toEqual(Object.keys(BACKWARD_LOOPS));
});

test("ops of any arity take one operand and a million", () => {
  for (const op of ROWS.filter((row) => row.arity === null)) {
    expect(op.forward(2.5)).toBe(2.5);
    expect(op.backward(3, 2.5, 2.5)).toEqual([3]);
    const many = new Array<number>(1_000_000).fill(1);
    expect(op.ofList!.backward(1, op.ofList!.forward(many), many).length).toBe(1_000_000);
  }
});

test("names of the language are not ops", () => {
  for (const name of ["__proto__", "constructor", "toString"]) expect(OPS.get(name)).toBeUndefined();
});

test("pow is C's", () => {
  expect(pow(1, NaN)).toBe(1);
  expect(pow(1, Infinity)).toBe(1);
  expect(pow(-1, -Infinity)).toBe(1);
  expect(pow(NaN, 0)).toBe(1);
  expect(pow(-0, -1)).toBe(-Infinity);
  expect(pow(-8, 1 / 3)).toBeNaN();
});

test("remainders have the sign of the divisor, and quotients are whole", () => {
  const [remainder, quotient] = [OPS.get("%")!, OPS.get("//")!];
  for (const [a, b, rest, whole] of [
    [-5.5, 3, 0.5, -2],
    [5.5, -3, -0.5, -2],
    [1, 0.1, 0.09999999999999995, 9],
    [-5, Infinity, Infinity, -1],
    [5, Infinity, 5, 0],
    [-4, 2, -0, -2],
  ] as const) {
    expect([remainder.forward(a, b), quotient.forward(a, b)]).toEqual([rest, whole]);
  }
});

test("erf agrees with the tables", () => {
  // Abramowitz and Stegun, table 7.1, and mpmath for more digits.
  const table: [number, number][] = [
    [1e-300, 1.1283791670955126e-300],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.9, 0.9927904292352575],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [6, 1],
  ];
  for (const [x, y] of table) {
    expect(Math.abs(erf(x) - y) / y).toBeLessThan(1e-15);
    expect(erf(-x)).toBe(-erf(x));
  }
  // mpmath.
  for (const [x, y] of [
    [0.5, 0.4795001221869535],
    [1.9, 0.0072095707647425325],
    [3, 2.2090496998585445e-5],
    [10, 2.088487583762545e-45],
  ] as const)
    expect(Math.abs(erfc(x) - y) / y).toBeLessThan(1e-13);
  expect(erfc(-3)).toBeCloseTo(1.9999779095030015, 14);
  expect([erfc(-Infinity), erfc(Infinity), erfc(NaN)]).toEqual([2, 0, NaN]);
  expect([erf(-0), erf(Infinity), erf(-Infinity), erf(NaN)]).toEqual([-0, 1, -1, NaN]);
});
