import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check, curve, pointsFor, Sweep } from "../../src/analysis/slope.ts";
import { Graph } from "../../src/engine/graph.ts";
import { encodeNumber } from "../../src/engine/number.ts";

/** A number is a leaf, `[number]` a const, `["*", 0, 1]` an op. */
type Part = number | [number] | [string, ...number[]];

function graphOf(...parts: readonly Part[]): Graph {
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
    outputs: [parts.length - 1],
  });
}

/** h = w·x + wh·h, three times: w = 0.3, wh = 0.5, x = 1. Ids: h1 5, h2 8, h3 11. */
const seed = () =>
  graphOf(
    0.3,
    0.5,
    1,
    1,
    1,
    ["*", 0, 2],
    ["*", 0, 3],
    ["*", 1, 5],
    ["+", 6, 7],
    ["*", 0, 4],
    ["*", 1, 8],
    ["+", 9, 10],
  );

/** The check of the last node against node 0, at its value. */
function checked(graph: Graph, gradient?: number, node = 0) {
  const root = graph.size - 1;
  graph.zeroGrad();
  graph.backward(root);
  return check(new Sweep(graph, node, root), graph.values[node]!, gradient ?? graph.passGrads[node]!);
}

describe("a sweep", () => {
  test("is the root as a function of a leaf: h3 = w·(1 + wh + wh²)", () => {
    const graph = seed();
    const sweep = new Sweep(graph, 0, 11);
    expect(sweep.at(2)).toBeCloseTo(3.5, 14);
    expect(sweep.at(-1)).toBeCloseTo(-1.75, 14);
    expect(new Sweep(graph, 1, 11).at(2)).toBeCloseTo(0.3 * 7, 14);
  });

  test("and of a computed node, cut off from its operands: h3 = 0.3 + 0.5·h2", () => {
    const sweep = new Sweep(seed(), 8, 11);
    expect(sweep.at(10)).toBeCloseTo(5.3, 14);
  });

  test("leaves the graph alone", () => {
    const graph = seed();
    const before = JSON.stringify([[...graph.values], [...graph.grads], graph]);
    const sweep = new Sweep(graph, 0, 11);
    sweep.at(100);
    expect(JSON.stringify([[...graph.values], [...graph.grads], graph])).toBe(before);
  });

  test("leaves what does not lie between: tanh(x) leads elsewhere, exp(2) stays as it is", () => {
    const graph = graphOf(1, 2, ["tanh", 0], ["exp", 1], ["*", 0, 3], ["neg", 4]);
    expect(new Sweep(graph, 0, 4).at(3)).toBe(3 * Math.exp(2));
  });

  test("of the root itself is x, and of what doesn't depend on the node a constant", () => {
    const graph = seed();
    expect(new Sweep(graph, 11, 11).at(4)).toBe(4);
    expect(new Sweep(graph, 1, 5).at(4)).toBe(0.3);
    expect(new Sweep(graph, 11, 5).at(4)).toBe(0.3);
  });

  test("takes ops of any number of operands, the node among them twice, and poles", () => {
    expect(new Sweep(graphOf(1, 2, ["sum", 0, 1, 0]), 0, 2).at(10)).toBe(22);
    expect(new Sweep(graphOf(1, ["sum", ...Array<number>(200_000).fill(0)]), 0, 1).at(2)).toBe(400_000);
    const inverse = new Sweep(graphOf(1, [1], ["/", 1, 0]), 0, 2);
    expect([inverse.at(0), inverse.at(-4), inverse.at(NaN)]).toEqual([Infinity, -0.25, NaN]);
  });

  test("takes branches, follows comparisons and holds what a detach gives", () => {
    const branch = new Sweep(graphOf(3, [1], [">", 0, 1], ["*", 0, 0], ["where", 2, 3, 0]), 0, 4);
    expect([branch.at(2), branch.at(-2)]).toEqual([4, -2]);
    const kept = graphOf(3, ["detach", 0], ["*", 1, 0], ["+", 2, 0]);
    expect(new Sweep(kept, 0, 3).at(5)).toBe(3 * 5 + 5);
    expect(check(new Sweep(kept, 0, 3), 3, 4).verdict).toBe("agrees");
  });

  test("agrees with the graph moved there, bit by bit", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2), fc.double({ min: -9, max: 9, noNaN: true }), (leaf, x) => {
        const graph = graphOf(
          0.3,
          0.5,
          1,
          ["*", 0, 2],
          ["tanh", 3],
          ["max", 4, 1, 0],
          ["/", 5, 1],
          ["**", 6, 2],
        );
        const swept = new Sweep(graph, leaf, 7).at(x);
        graph.setLeaf(leaf, x);
        graph.forward();
        expect(swept).toBe(graph.values[7]);
      }),
    );
  });
});

describe("a curve", () => {
  test("has evenly spaced points and both ends", () => {
    const { xs, ys } = curve(new Sweep(graphOf(3, ["*", 0, 0]), 0, 1), -2, 2, 5);
    expect([...xs]).toEqual([-2, -1, 0, 1, 2]);
    expect([...ys]).toEqual([4, 1, 0, 1, 4]);
    const wide = curve(new Sweep(graphOf(3, ["neg", 0]), 0, 1), -1.7e308, 1.7e308, 3);
    expect([...wide.xs]).toEqual([-1.7e308, 0, 1.7e308]);
    expect(curve(new Sweep(seed(), 0, 11), -0.1, 0.3, 161).xs.at(-1)).toBe(0.3);
  });

  test("has fewer points the more there is to compute, and always one in the middle", () => {
    expect([0, 10, 1000, 10_000, 1e6].map(pointsFor)).toEqual([161, 161, 101, 17, 17]);
  });
});

describe("the check", () => {
  test("agrees on the seed: ∂h3/∂w = 1.75, ∂h3/∂wh = 0.6, ∂h3/∂h2 = 0.5", () => {
    const wanted: [number, number][] = [
      [0, 1.75],
      [1, 0.6],
      [8, 0.5],
    ];
    for (const [node, gradient] of wanted) {
      const { step, numeric, difference, verdict } = checked(seed(), gradient, node);
      expect([step, verdict]).toEqual([2 ** -17, "agrees"]);
      expect(numeric).toBeCloseTo(gradient, 9);
      expect(difference).toBe(Math.abs(numeric - gradient));
    }
  });

  test("agrees on x·x, x − x, a dead ReLU and a saturated tanh", () => {
    expect(checked(graphOf(3, ["*", 0, 0]))).toMatchObject({ numeric: 6, verdict: "agrees" });
    expect(checked(graphOf(3, ["-", 0, 0]))).toMatchObject({ numeric: 0, verdict: "agrees" });
    expect(checked(graphOf(-1, ["relu", 0]))).toMatchObject({ numeric: 0, verdict: "agrees" });
    expect(checked(graphOf(30, ["tanh", 0]))).toMatchObject({ numeric: 0, verdict: "agrees" });
  });

  test("agrees where the curve bends hard, and where it is huge or tiny", () => {
    expect(checked(graphOf(1, [20], ["*", 0, 1], ["exp", 2])).verdict).toBe("agrees");
    expect(checked(graphOf(1, [1000], ["*", 0, 1], ["sin", 2])).verdict).toBe("agrees");
    expect(checked(graphOf(0, ["square", 0], ["square", 1])).verdict).toBe("agrees");
    expect(checked(graphOf(0, [3], ["**", 0, 1])).verdict).toBe("agrees");
    expect(checked(graphOf(0, [1e5], ["prod", 0, 0, 0, 1])).verdict).toBe("agrees");
    expect(checked(graphOf(1e6, ["square", 0]))).toMatchObject({ step: 8, numeric: 2e6, verdict: "agrees" });
    expect(checked(graphOf(1, [1e10], ["+", 0, 1])).verdict).toBe("agrees");
    expect(checked(graphOf(2, [1e-12], ["*", 0, 1])).verdict).toBe("agrees");
  });

  test("says when a gradient is wrong", () => {
    expect(checked(seed(), 1.75 + 1e-6).verdict).toBe("differs");
    expect(checked(seed(), -1.75).verdict).toBe("differs");
    expect(checked(graphOf(3, ["*", 0, 0]), 3).verdict).toBe("differs");
    expect(checked(graphOf(30, ["tanh", 0]), 0.1).verdict).toBe("differs");
  });

  test("is silent at a kink, wherever within the step it lies", () => {
    expect(checked(graphOf(0, ["relu", 0])).verdict).toBe("kink");
    expect(checked(graphOf(0, ["abs", 0])).verdict).toBe("kink"); // though the difference is 0, and so is the gradient
    for (let share = -1; share <= 1; share += 1 / 64) {
      expect(checked(graphOf(share * 2 ** -17, ["abs", 0])).verdict).toBe("kink");
      expect(checked(graphOf(share * 2 ** -17, [100], ["relu", 0], ["*", 0, 1], ["+", 2, 3])).verdict).toBe(
        "kink",
      );
    }
    for (const x of [-1, -0.001, 0.001, 1]) expect(checked(graphOf(x, ["abs", 0])).verdict).toBe("agrees");
    expect(checked(graphOf(2, 2, ["max", 0, 1])).verdict).toBe("kink");
    expect(checked(graphOf(3, ["floor", 0])).verdict).toBe("kink"); // a jump
    expect(checked(graphOf(3.5, ["floor", 0])).verdict).toBe("agrees");
  });

  test("is silent where something is not finite", () => {
    expect(checked(graphOf(-1, ["log", 0])).verdict).toBe("not finite");
    expect(checked(graphOf(0, ["sqrt", 0])).verdict).toBe("not finite");
    expect(checked(graphOf(0, [1], ["/", 1, 0])).verdict).toBe("not finite");
    expect(checked(graphOf(1, ["neg", 0]), NaN).verdict).toBe("not finite");
    expect(checked(graphOf(Infinity, ["tanh", 0])).verdict).toBe("not finite");
    expect(checked(graphOf(1.7e308, ["neg", 0]), -1)).toMatchObject({ verdict: "agrees" });
  });

  test("agrees with every smooth op of the table, at random places", () => {
    const ops = [
      "sin",
      "cos",
      "exp",
      "tanh",
      "sigmoid",
      "softplus",
      "silu",
      "gelu",
      "atan",
      "sinh",
      "square",
      "asinh",
      "erf",
      "logsigmoid",
    ];
    const op = fc.constantFrom(...ops);
    fc.assert(
      fc.property(op, op, fc.integer({ min: -300, max: 300 }), (inner, outer, x) => {
        // tanh in the middle, so that nothing grows beyond what the step resolves
        const graph = graphOf(x / 100, [inner, 0], ["tanh", 1], [outer, 2]);
        expect(checked(graph).verdict).toBe("agrees");
      }),
      { numRuns: 500 },
    );
  });
});
