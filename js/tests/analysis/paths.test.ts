import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Path, pathsTo } from "../../src/analysis/paths.ts";
import { Graph } from "../../src/engine/graph.ts";
import { contributionsOf } from "../../src/engine/loops.ts";
import { encodeNumber } from "../../src/engine/number.ts";

/** A number is a leaf, `[number]` a const, `["*", 0, 1]` an op. */
type Part = number | [number] | [string, ...number[]];

/** The graph of some parts after a pass from the last one. */
function graphOf(parts: readonly Part[], frozen: number[] = []): Graph {
  const graph = Graph.fromJSON({
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
  graph.backward(graph.size - 1);
  return graph;
}

const products = (paths: readonly Path[]) => paths.map((path) => path.product);
const close = (x: number) => expect.closeTo(x, 12);

/** h = w·x + wh·h, three times: w = 0.3, wh = 0.5, x = 1. */
const W = 0;
const WH = 1;
const SEED: Part[] = [0.3, 0.5, 1, 1, 1]; // w, wh, x1, x2, x3
SEED.push(["*", 0, 2]); // 5: h1
SEED.push(["*", 0, 3], ["*", 1, 5], ["+", 6, 7]); // 8: h2
SEED.push(["*", 0, 4], ["*", 1, 8], ["+", 9, 10]); // 11: h3
const seed = () => graphOf(SEED, [2, 3, 4]);

/** y = x; sixty times y = y + y. */
const diamond = (levels: number) =>
  graphOf([1, ...Array.from({ length: levels }, (_, i): Part => ["+", i, i])]);

describe("the paths of the seed", () => {
  test("from h3 to w bring 1, 0.5 and 0.25", () => {
    const { paths, total, count, rest } = pathsTo(seed(), 11, W);
    expect(paths).toEqual([
      { nodes: [11, 9, 0], slots: [12, 8], factors: [1, 1], product: 1 },
      { nodes: [11, 10, 8, 6, 0], slots: [13, 11, 6, 2], factors: [1, 0.5, 1, 1], product: 0.5 },
      {
        nodes: [11, 10, 8, 7, 5, 0],
        slots: [13, 11, 7, 5, 0],
        factors: [1, 0.5, 1, 0.5, 1],
        product: 0.25,
      },
    ]);
    expect([total, count, rest]).toEqual([1.75, 3n, 0]);
  });

  test("from h3 to wh bring h2 = 0.45 and wh·h1 = 0.15", () => {
    const { paths, total, count } = pathsTo(seed(), 11, WH);
    expect(products(paths)).toEqual([close(0.45), close(0.15)]);
    expect([total, count]).toEqual([close(0.6), 2n]);
  });

  test("that are too many are named by their number and sum", () => {
    const { paths, total, count, rest } = pathsTo(seed(), 11, W, 1);
    expect(products(paths)).toEqual([1]);
    expect([total, count, rest]).toEqual([1.75, 3n, 0.75]);
    expect(pathsTo(seed(), 11, W, 0)).toEqual({ paths: [], total: 1.75, count: 3n, rest: 1.75 });
  });

  test("lead to frozen leaves nowhere, to the root itself at once, and never backwards", () => {
    expect(pathsTo(seed(), 11, 2)).toEqual({ paths: [], total: 0, count: 0n, rest: 0 });
    expect(pathsTo(seed(), 11, 11).paths).toEqual([{ nodes: [11], slots: [], factors: [], product: 1 }]);
    const graph = seed();
    graph.backward(5);
    expect(pathsTo(graph, 5, 11)).toEqual({ paths: [], total: 0, count: 0n, rest: 0 });
    expect(pathsTo(graph, 5, WH).count).toBe(0n);
    expect(pathsTo(graph, 5, W)).toMatchObject({ total: 1, count: 1n });
  });
});

describe("paths", () => {
  test("through both operands of x·x have the same nodes and different slots", () => {
    const { paths, total } = pathsTo(graphOf([3, ["*", 0, 0]]), 1, 0);
    expect(paths).toEqual([
      { nodes: [1, 0], slots: [0], factors: [3], product: 3 },
      { nodes: [1, 0], slots: [1], factors: [3], product: 3 },
    ]);
    expect(total).toBe(6);
  });

  test("of x − x bring 1 and −1", () => {
    const { paths, total, rest } = pathsTo(graphOf([3, ["-", 0, 0]]), 1, 0);
    expect([products(paths), total, rest]).toEqual([[1, -1], 0, 0]);
  });

  test("may be 2^60, all alike", () => {
    const graph = diamond(60);
    const { paths, total, count, rest } = pathsTo(graph, 60, 0);
    expect(products(paths)).toEqual(Array(10).fill(1));
    expect(new Set(paths.map((path) => path.slots.join())).size).toBe(10);
    expect([total, count]).toEqual([2 ** 60, 2n ** 60n]);
    expect(rest / 2 ** 60).toBeCloseTo(1, 14);
  });

  test("may be 2^2000, which no double counts", () => {
    expect(pathsTo(diamond(2000), 2000, 0).count).toBe(2n ** 2000n);
  });

  test("of a hundred steps of h = w·x + wh·h are wh^0 to wh^99", () => {
    const parts: Part[] = [0.3, 0.5, [1], ["*", 0, 2]];
    for (let step = 1; step < 100; step++) {
      const n = parts.length;
      parts.push(["*", 0, 2], ["*", 1, n - 1], ["+", n, n + 1]);
    }
    const graph = graphOf(parts);
    const toW = pathsTo(graph, graph.size - 1, W);
    expect(products(toW.paths)).toEqual(Array.from({ length: 10 }, (_, k) => 0.5 ** k));
    expect([toW.total, toW.count, toW.rest]).toEqual([close(2), 100n, close(2 ** -9)]);
    // To wh: k factors wh after h_j = 0.6 (1 − 0.5^j), one path per pair of a step and an earlier one.
    const toWh = pathsTo(graph, graph.size - 1, WH);
    expect([toWh.paths[0]!.product, toWh.count]).toEqual([close(0.6), 99n]);
    expect(toWh.total).toBeCloseTo(1.2, 12);
  });

  test("through a dead ReLU count, and come last", () => {
    const { paths, count } = pathsTo(graphOf([-1, ["relu", 0], ["+", 1, 0]]), 2, 0);
    expect([products(paths), count]).toEqual([[1, 0], 2n]);
    const dead = pathsTo(graphOf([-1, ["relu", 0], ["+", 1, 1], ["+", 2, 2], ["+", 3, 0]]), 4, 0, 2);
    expect([products(dead.paths), dead.count, dead.rest]).toEqual([[1, 0], 5n, 0]);
  });

  test("go past a frozen half", () => {
    const { paths, count } = pathsTo(graphOf([2, 5, ["*", 0, 1], ["*", 2, 1]], [1]), 3, 0);
    expect([products(paths), count]).toEqual([[25], 1n]);
  });

  test("go through no detach and no comparison", () => {
    const graph = graphOf([3, ["detach", 0], ["*", 1, 0], [2], [">", 0, 3], ["*", 4, 2], ["+", 5, 0]]);
    const { paths, count, total } = pathsTo(graph, 6, 0);
    expect(paths.map(({ nodes }) => nodes)).toEqual([
      [6, 5, 2, 0],
      [6, 0],
    ]);
    expect([count, total]).toEqual([2n, 4]);
  });

  test("bring nan and inf first, and the rest stays a number", () => {
    // d/dx log(x) at −1 is −1; sqrt(−1) is nan, and so is its slope; 1/0 is inf.
    const nan = pathsTo(graphOf([-1, ["sqrt", 0], ["neg", 0], ["+", 1, 2], ["+", 3, 0]]), 4, 0, 1);
    expect([products(nan.paths), nan.total, nan.rest, nan.count]).toEqual([[NaN], NaN, 0, 3n]);
    const inf = pathsTo(graphOf([0, ["log", 0], ["neg", 0], ["+", 1, 2], ["+", 3, 0]]), 4, 0);
    expect(products(inf.paths)).toEqual([Infinity, 1, -1]);
  });

  test("stop at a dead ReLU even when what arrives is infinite, as the pass does", () => {
    const graph = graphOf([-1, ["relu", 0], ["log", 1]]); // log(0): its slope is inf
    const { paths, total } = pathsTo(graph, 2, 0);
    expect([paths[0]!.factors, paths[0]!.product, total]).toEqual([[Infinity, 0], 0, 0]);
  });

  test("underflow where the pass does, from the root on", () => {
    // 1e-200 · 1e-200 · 1e300: the first two are gone before the third comes.
    const graph = graphOf([1, [1e300], [1e-200], ["*", 0, 1], ["*", 3, 2], ["*", 4, 2], ["+", 5, 0]]);
    const { paths, total } = pathsTo(graph, 6, 0);
    expect([products(paths), total]).toEqual([[1, 0], 1]);
  });

  test("of equal size: the shorter first, then the lower node", () => {
    const { paths } = pathsTo(graphOf([1, ["neg", 0], ["neg", 0], ["sum", 2, 1, 0]]), 3, 0);
    expect(paths.map((path) => path.nodes)).toEqual([
      [3, 0],
      [3, 1, 0],
      [3, 2, 0],
    ]);
  });

  test("of a hundred thousand steps do not run out of stack", () => {
    const steps = 100_000;
    const chain = graphOf([1, ...Array.from({ length: steps }, (_, i): Part => ["neg", i])]);
    const { paths, count } = pathsTo(chain, steps, 0);
    expect([paths[0]!.nodes.length, paths[0]!.product, count]).toEqual([steps + 1, 1, 1n]);
    const wide = graphOf([1, ["sum", ...Array<number>(steps).fill(0)]]);
    expect(pathsTo(wide, 1, 0)).toMatchObject({ total: steps, count: BigInt(steps), rest: steps - 10 });
  });
});

const ONE = ["neg", "relu", "tanh", "log", "abs", "detach"];
const TWO = ["+", "-", "*", "/", ">"];

/** Small graphs of a few leaves and any ops on what came before. */
const graphs = fc
  .tuple(
    fc.array(
      fc.integer({ min: -8, max: 8 }).map((quarters) => quarters / 4),
      { minLength: 1, maxLength: 3 },
    ),
    fc.array(
      fc.tuple(
        fc.constantFrom(...ONE, ...TWO, "max", "prod", "sum", "clamp", "where"),
        fc.array(fc.nat(99), { minLength: 3, maxLength: 3 }),
      ),
      { minLength: 1, maxLength: 7 },
    ),
    fc.boolean(),
  )
  .map(([leaves, ops, frozen]) => {
    const parts: Part[] = [...leaves];
    for (const [op, picks] of ops) {
      const arity = ONE.includes(op) ? 1 : TWO.includes(op) ? 2 : 3;
      // The newest node is always an operand, so that paths grow long.
      const inputs = picks.slice(0, arity).map((pick, i) => (i ? pick % parts.length : parts.length - 1));
      parts.push([op, ...inputs]);
    }
    return graphOf(parts, frozen ? [0] : []);
  });

/** Every path, one by one. */
function everyPath(
  graph: Graph,
  from: number,
  to: number,
  product = 1,
): { slots: number[]; product: number }[] {
  if (!graph.needsGrad[from]) return [];
  if (from === to) return [{ slots: [], product }];
  if (graph.ops[from] === "leaf" || graph.ops[from] === "const") return [];
  const sent = contributionsOf(graph, from, product);
  return [...graph.operandsOf(from)].flatMap((operand, p) =>
    everyPath(graph, operand, to, sent[p]!).map((path) => ({
      slots: [graph.offsets[from]! + p, ...path.slots],
      product: path.product,
    })),
  );
}

const sizeOf = (x: number) => (Number.isNaN(x) ? Infinity : Math.abs(x));
const bySlots = (a: { slots: readonly number[] }, b: { slots: readonly number[] }) =>
  a.slots.join() < b.slots.join() ? -1 : 1;

describe("against every path walked one by one", () => {
  test("all paths, sorted, and their sum", () => {
    fc.assert(
      fc.property(graphs, fc.nat(9), (graph, pick) => {
        const root = graph.size - 1;
        const target = pick % graph.size;
        const wanted = everyPath(graph, root, target);
        const { paths, total, count, rest } = pathsTo(graph, root, target, Infinity);
        expect([count, rest]).toEqual([BigInt(wanted.length), 0]);
        expect([...paths].map(({ slots, product }) => ({ slots, product })).sort(bySlots)).toEqual(
          wanted.sort(bySlots),
        );
        const sizes = products(paths).map(sizeOf);
        expect(sizes).toEqual([...sizes].sort((a, b) => (a === b ? 0 : b - a)));
        const sum = products(paths).reduce((a, b) => a + b, 0);
        const scale = sizes.reduce((a, b) => a + b, 0);
        if (Number.isFinite(scale)) expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-9 * scale);
        for (const { nodes, slots, factors, product } of paths) {
          expect([nodes.length, factors.length]).toEqual([slots.length + 1, slots.length]);
          expect([nodes[0], nodes.at(-1)]).toEqual([root, target]);
          const exact = factors.reduce((a, b) => a * b, 1);
          if (Number.isFinite(exact))
            expect(Math.abs(product - exact)).toBeLessThanOrEqual(1e-12 * Math.abs(exact));
        }
      }),
      { numRuns: 400 },
    );
  });

  test("the three largest, and what the others bring", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const root = graph.size - 1;
        const all = everyPath(graph, root, 0).map((path) => path.product);
        const sizes = all.map(sizeOf).sort((a, b) => (a === b ? 0 : b - a));
        const { paths, total, rest } = pathsTo(graph, root, 0, 3);
        expect(products(paths).map(sizeOf)).toEqual(sizes.slice(0, 3));
        const scale = sizes.reduce((a, b) => a + b, 0);
        const listed = products(paths).reduce((a, b) => a + b, 0);
        if (Number.isFinite(scale)) expect(Math.abs(listed + rest - total)).toBeLessThanOrEqual(1e-9 * scale);
      }),
      { numRuns: 400 },
    );
  });
});
