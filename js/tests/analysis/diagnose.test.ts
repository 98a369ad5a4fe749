import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Diagnosis, Reasons } from "../../src/analysis/diagnose.ts";
import { Graph } from "../../src/engine/graph.ts";
import { contributionsOf } from "../../src/engine/loops.ts";
import { encodeNumber } from "../../src/engine/number.ts";
import { passOf } from "./seen.ts";

/** A number is a leaf, `[number]` a const, `["*", 0, 1]` an op. */
type Part = number | [number] | [string, ...number[]];

function graphOf(parts: readonly Part[], frozen: number[] = []): Graph {
  return Graph.fromJSON({
    version: 1,
    op: parts.map((part) => (typeof part === "number" ? "leaf" : part.length === 1 ? "const" : part[0])),
    inputs: parts.map((part) => (typeof part === "number" ? [] : part.slice(1))),
    value: Object.fromEntries(
      parts.flatMap((part, id) => {
        if (typeof part === "number") return [[id, encodeNumber(part)]];
        return part.length === 1 ? [[id, encodeNumber(part[0] as number)]] : [];
      }),
    ),
    frozen,
    outputs: [parts.length - 1],
  });
}

/** Why the gradient of a node is what it is, after a pass from a root (the last node). */
function why(
  parts: readonly Part[],
  id = 0,
  { frozen = [] as number[], root = parts.length - 1, seed = 1 } = {},
) {
  const graph = graphOf(parts, frozen);
  graph.backward(root, seed);
  return new Reasons(graph, passOf(graph, root)).ofGradient(id);
}

const value = (parts: readonly Part[], id = parts.length - 1) => {
  const graph = graphOf(parts);
  return new Reasons(graph, passOf(graph, id)).ofValue(id);
};

describe("a gradient that is not there", () => {
  test("is not run yet, and not 0", () => {
    const pass = { root: undefined, reached: () => false, usesOf: () => [], consumerOf: () => 0 };
    expect(new Reasons(graphOf([3, ["neg", 0]]), pass).ofGradient(0)).toEqual({ kind: "not run yet" });
    // What is frozen stays so whatever is run.
    expect(new Reasons(graphOf([3, ["neg", 0]], [0]), pass).ofGradient(0)).toEqual({ kind: "frozen" });
  });

  test("is frozen in a leaf, and not tracked in what frozen leaves and constants make", () => {
    const half: Part[] = [3, 5, [2], ["*", 1, 2], ["*", 0, 3]];
    expect(why(half, 0, { frozen: [1] })).toBeUndefined();
    expect(why(half, 1, { frozen: [1] })).toEqual({ kind: "frozen" });
    expect(why(half, 2, { frozen: [1] })).toEqual({ kind: "not tracked" });
    expect(why(half, 3, { frozen: [1] })).toEqual({ kind: "not tracked" });
  });

  test("is not connected to the root that was run", () => {
    const two: Part[] = [3, 5, ["neg", 0], ["neg", 1]];
    expect(why(two, 0, { root: 3 })).toEqual({ kind: "not connected", root: 3 });
    expect(why(two, 2, { root: 3 })).toEqual({ kind: "not connected", root: 3 });
    expect(why(two, 1, { root: 3 })).toBeUndefined();
  });

  test("is cut off by a detach or a comparison, unless there is another way", () => {
    const kept: Part[] = [3, 2, ["*", 0, 0], ["detach", 2], ["neg", 3], ["*", 4, 1]];
    for (const id of [0, 2, 3]) expect(why(kept, id)).toEqual({ kind: "cut off", at: 3 });
    expect(why(kept, 4)).toEqual({ kind: "not tracked" });
    expect(why(kept, 1)).toBeUndefined();
    expect(why([...kept, ["+", 5, 0]], 0)).toBeUndefined();
    expect(why(kept, 3, { frozen: [0] })).toEqual({ kind: "not tracked" });
    const two: Part[] = [3, 2, [">", 0, 1], ["detach", 2], ["*", 1, 3]];
    expect(why(two, 0)).toEqual({ kind: "cut off", at: 2 });
    expect(why(kept, 0, { root: 1 })).toEqual({ kind: "not connected", root: 1 });
  });

  test("is an ordinary number in the seed", () => {
    const seed: Part[] = [0.3, 0.5, 1, ["*", 0, 2], ["*", 0, 2], ["*", 1, 3], ["+", 4, 5]];
    for (const id of [0, 1, 3, 4, 5, 6]) expect(why(seed, id, { frozen: [2] })).toBeUndefined();
  });
});

describe("a gradient of 0 comes from", () => {
  test("a dead ReLU, the nearest one", () => {
    expect(why([-1, ["relu", 0]])).toEqual({ kind: "dead relu", at: 1 });
    expect(why([0, ["relu", 0]])).toEqual({ kind: "dead relu", at: 1 });
    // Two dead ones on the path, and steps in between: ids 2 and 4.
    const two: Part[] = [1, ["neg", 0], ["relu", 1], ["neg", 2], ["relu", 3]];
    expect(why(two, 0)).toEqual({ kind: "dead relu", at: 2 });
    expect(why(two, 1)).toEqual({ kind: "dead relu", at: 2 });
    expect(why(two, 2)).toEqual({ kind: "dead relu", at: 4 });
    expect(why(two, 4)).toBeUndefined();
  });

  test("a factor that is 0", () => {
    const zero: Part[] = [3, 0, ["*", 0, 1]];
    expect(why(zero, 0)).toEqual({ kind: "zero factor", at: 2, factor: 1 });
    expect(why(zero, 1)).toBeUndefined();
    expect(why([0, ["*", 0, 0]])).toEqual({ kind: "zero factor", at: 1, factor: 0 });
    expect(why([3, 2, 0, ["prod", 0, 1, 2]])).toEqual({ kind: "zero factor", at: 3, factor: 2 });
    expect(why([3, 2, 0, ["prod", 0, 1, 2]], 2)).toBeUndefined();
    expect(why([3, 0, ["/", 1, 0]])).toEqual({ kind: "zero factor", at: 2, factor: 1 });
  });

  test("a slope that is 0", () => {
    const flat: Part[][] = [
      [100, ["tanh", 0]],
      [-1000, ["exp", 0]],
      [0, ["abs", 0]],
      [2.5, ["floor", 0]],
      [2.5, ["sign", 0]],
      [0, ["square", 0]],
      [0, [2], ["**", 0, 1]],
      [2, [0], ["**", 0, 1]],
    ];
    for (const parts of flat) expect(why(parts)).toEqual({ kind: "flat", at: parts.length - 1 });
    expect(why([1, 2, ["max", 0, 1]])).toEqual({ kind: "not taken", at: 2, factor: 0 });
    expect(why([1, 2, ["max", 0, 1]], 1)).toBeUndefined();
    expect(why([5, 1, 2, ["clamp", 0, 1, 2]])).toEqual({ kind: "not taken", at: 3, factor: 0 });
    expect(why([1, 5, 2, ["where", 0, 1, 2]], 2)).toEqual({ kind: "not taken", at: 3, factor: 2 });
    expect(why([1, 5, 2, ["where", 0, 1, 2]], 0)).toEqual({ kind: "flat", at: 3 });
  });

  test("contributions that cancel, also further up", () => {
    expect(why([3, ["-", 0, 0]])).toEqual({ kind: "cancels", at: 0 });
    expect(why([3, ["exp", 0], ["-", 1, 1]], 0)).toEqual({ kind: "cancels", at: 1 });
    expect(why([3, ["neg", 0], ["+", 0, 1]])).toEqual({ kind: "cancels", at: 0 });
  });

  test("underflow", () => {
    const tiny: Part[] = [1, [1e-200], ["*", 0, 1], ["*", 2, 1]];
    expect(why(tiny, 0)).toEqual({ kind: "underflow", at: 2 });
    expect(why(tiny, 2)).toBeUndefined();
    expect(why([...tiny.slice(0, 3), ["neg", 2], ["*", 3, 1]], 0)).toEqual({ kind: "underflow", at: 2 });
  });

  test("the reason on the shortest way, and of equally near ones the first consumer's", () => {
    // y = relu(−x) + tanh(exp(100·x)): the ReLU is 2 steps from x, the tanh 3.
    const parts: Part[] = [
      1,
      [100],
      ["neg", 0],
      ["*", 0, 1],
      ["exp", 3],
      ["tanh", 4],
      ["relu", 2],
      ["+", 5, 6],
    ];
    expect(why(parts)).toEqual({ kind: "dead relu", at: 6 });
    expect(why([-1, ["relu", 0], ["sign", 0], ["+", 1, 2]])).toEqual({ kind: "dead relu", at: 1 });
    expect(why([-1, ["sign", 0], ["relu", 0], ["+", 1, 2]])).toEqual({ kind: "flat", at: 1 });
    // A multiplication by 0 of what is 0 already is still the nearest.
    expect(why([3, 0, ["*", 0, 1], ["relu", 2]])).toEqual({ kind: "zero factor", at: 2, factor: 1 });
  });

  test("only consumers that the pass came from", () => {
    // relu(x) is beside the root, and not asked.
    const parts: Part[] = [-1, ["relu", 0], ["sign", 0]];
    expect(why(parts, 0)).toEqual({ kind: "flat", at: 2 });
  });

  test("a pass that was started with 0: nothing to explain", () => {
    expect(why([3, ["neg", 0]], 0, { seed: 0 })).toBeUndefined();
  });

  test("something a hundred thousand steps away", () => {
    const chain: Part[] = [1, ...Array.from({ length: 100_000 }, (_, i): Part => ["neg", i])];
    chain.push(["sign", 100_000]);
    expect(why(chain)).toEqual({ kind: "flat", at: 100_001 });
  });
});

describe("a number that is not finite was first made", () => {
  test("where a value was", () => {
    expect(value([-1, ["log", 0], ["neg", 1], ["+", 0, 2]])).toEqual({ kind: "first nan", at: 1 });
    expect(value([1000, ["exp", 0], ["-", 1, 1]])).toEqual({ kind: "first inf", at: 1 });
    expect(value([1, 0, ["/", 0, 1]])).toEqual({ kind: "first inf", at: 2 });
    expect(value([NaN, ["neg", 0]])).toEqual({ kind: "first nan", at: 0 });
    expect(value([3, ["neg", 0]])).toBeUndefined();
    // Two of them: the first. And a nan that has come from a nan, not from the infinity beside it.
    expect(value([-1, ["log", 0], ["sqrt", 0], ["+", 2, 1]])).toEqual({ kind: "first nan", at: 1 });
    expect(value([-1, 1000, ["exp", 1], ["log", 0], ["+", 2, 3]])).toEqual({ kind: "first nan", at: 3 });
    // What was masked again is not looked for: sign(nan) is 0.
    expect(value([-1, ["log", 0], ["sign", 1], ["log", 2]])).toEqual({ kind: "first inf", at: 3 });
  });

  test("by a value, when that made the slope", () => {
    // y = x · log(−1): the slope towards x is nan.
    expect(why([3, [-1], ["log", 1], ["*", 0, 2]])).toEqual({ kind: "first nan", at: 2 });
    // NaN in the middle: exp(log(−1)), whose slope is its value.
    const middle: Part[] = [-1, ["log", 0], ["exp", 1], ["neg", 2]];
    expect(why(middle, 0)).toEqual({ kind: "first nan", at: 1 });
    expect(why(middle, 1)).toEqual({ kind: "first nan", at: 1 });
    expect(why(middle, 2)).toBeUndefined();
    // exp(1000) = inf, and so is its slope.
    expect(why([1000, ["exp", 0]])).toEqual({ kind: "first inf", at: 1 });
  });

  test("by a slope, when all values are finite", () => {
    expect(why([0, ["sqrt", 0]])).toEqual({ kind: "first inf", at: 1 });
    // sqrt(x·x) at 0: inf comes from the root, and times 0 it is nan; the inf was first.
    const hypot: Part[] = [0, ["*", 0, 0], ["sqrt", 1]];
    expect(why(hypot, 1)).toEqual({ kind: "first inf", at: 2 });
    expect(why(hypot, 0)).toEqual({ kind: "first inf", at: 2 });
  });

  test("by a product that overflows, or a sum", () => {
    const steep: Part[] = [1e-300, [1e200], ["*", 0, 1], ["*", 2, 1]];
    expect(why(steep, 0)).toEqual({ kind: "first inf", at: 2 });
    const sum: Part[] = [1e-10, [1.7e308], ["*", 0, 1], ["*", 0, 1], ["+", 2, 3]];
    expect(why(sum, 0)).toEqual({ kind: "first inf", at: 0 });
  });

  test("and a nan that is followed is not mixed with an infinity beside it", () => {
    // x goes through sqrt at 0 (inf) and through a product with nan.
    const parts: Part[] = [0, [-1], ["sqrt", 0], ["sqrt", 1], ["*", 0, 3], ["+", 2, 4]];
    expect(why(parts)).toEqual({ kind: "first nan", at: 3 });
    // inf − inf is a nan of two infinities.
    expect(why([0, ["sqrt", 0], ["sqrt", 0], ["-", 1, 2]])).toEqual({ kind: "first inf", at: 2 });
  });

  test("by the seed itself", () => {
    expect(why([3, ["neg", 0]], 0, { seed: Infinity })).toEqual({ kind: "first inf", at: 1 });
  });

  test("and every reason is a plain value", () => {
    const reasons: (Diagnosis | undefined)[] = [why([0, ["sqrt", 0]]), why([3, ["-", 0, 0]])];
    expect(JSON.parse(JSON.stringify(reasons))).toEqual(reasons);
  });
});

describe("in any graph", () => {
  const ops = ["+", "-", "*", "/", "**", "relu", "tanh", "log", "sqrt", "exp", "abs", "sign", "max", "prod"];
  const binary = ["+", "-", "*", "/", "**"];
  const graphs = fc
    .tuple(
      fc.array(fc.constantFrom(0, 1, -1, 2, 30, -1000, 1e-200, 1e200, NaN, Infinity), {
        minLength: 2,
        maxLength: 3,
      }),
      fc.array(fc.tuple(fc.constantFrom(...ops), fc.nat(99), fc.nat(99)), { minLength: 1, maxLength: 8 }),
    )
    .map(([leaves, picks]) => {
      const parts: Part[] = [...leaves];
      for (const [op, a, b] of picks) {
        const more = ["max", "prod"].includes(op) ? [a % parts.length, b % parts.length] : [a % parts.length];
        const others = binary.includes(op) || more.length > 1 ? more : [];
        parts.push([op, parts.length - 1, ...others]);
      }
      return graphOf(parts);
    });

  test("every 0, nan and inf has a reason, the reason holds, and ordinary numbers have none", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const root = graph.size - 1;
        graph.backward(root);
        const reasons = new Reasons(graph, passOf(graph, root));
        for (let id = 0; id < graph.size; id++) {
          if (!graph.reached[id]) continue;
          const gradient = graph.passGrads[id]!;
          const reason = reasons.ofGradient(id);
          expect(reason === undefined).toBe(Number.isFinite(gradient) && gradient !== 0);
          if (reason && gradient === 0) expectZeroAt(graph, reason);
          else if (reason) expectNotFiniteAt(graph, reason);
          expect(reasons.ofValue(id) === undefined).toBe(Number.isFinite(graph.values[id]));
        }
      }),
      { numRuns: 500 },
    );
  });

  function expectZeroAt(graph: Graph, reason: Diagnosis) {
    if (reason.kind === "cancels") return expect(graph.passGrads[reason.at] === 0).toBe(true);
    if (!("at" in reason)) return expect.unreachable(reason.kind);
    const local = contributionsOf(graph, reason.at, 1);
    if (reason.kind === "underflow") return expect(graph.passGrads[reason.at] === 0).toBe(false);
    expect(local).toContain(0);
    if (reason.kind === "dead relu")
      expect([graph.ops[reason.at], graph.values[reason.at] === 0]).toEqual(["relu", true]);
    else if (reason.kind === "zero factor") expect(graph.values[reason.factor] === 0).toBe(true);
    else if (reason.kind === "not taken") {
      expect(graph.ops[reason.at]).toMatch(/^m(ax|in)$/);
      expect(graph.values[reason.factor] === graph.values[reason.at]).toBe(false);
    } else expect(reason.kind).toBe("flat");
  }

  /** The first number that is not finite is at the node: its value, its gradient, or what it sends. */
  function expectNotFiniteAt(graph: Graph, reason: Diagnosis) {
    if (reason.kind !== "first nan" && reason.kind !== "first inf") return expect.unreachable(reason.kind);
    const { at } = reason;
    const { values, passGrads, edgeGrads, offsets } = graph;
    const there = [values[at]!, passGrads[at]!, ...edgeGrads.subarray(offsets[at], offsets[at + 1])];
    const wanted = reason.kind === "first nan" ? Number.isNaN : (x: number) => Math.abs(x) === Infinity;
    expect(there.some(wanted)).toBe(true);
  }
});
