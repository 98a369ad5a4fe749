import { describe, expect, test } from "vitest";
import { usesOf } from "../../src/analysis/neurons.ts";
import { samplesOf } from "../../src/analysis/samples.ts";
import { Graph } from "../../src/engine/graph.ts";
import { documentOf, type Part } from "../documents.ts";

/** (w·x + b − y)² for each pair, added up from 0; w is node 0, b node 1. */
function losses(pairs: readonly (readonly [number, number])[], untracked = false) {
  const parts: Part[] = [0.5, 0.1, [0]];
  const frozen: number[] = [];
  let total = 2;
  const terms: number[] = [];
  for (const [x, y] of pairs) {
    const input = parts.push(untracked ? x : [x]) - 1;
    if (untracked) frozen.push(input);
    const product = parts.push(["*", 0, input]) - 1;
    const sum = parts.push(["+", product, 1]) - 1;
    const target = parts.push([y]) - 1;
    const error = parts.push(["-", sum, target]) - 1;
    const two = parts.push([2]) - 1;
    const square = parts.push(["**", error, two]) - 1;
    terms.push(square);
    total = parts.push(["+", total, square]) - 1;
  }
  return { parts, terms, total, frozen };
}

const samples = (parts: readonly Part[], frozen: number[] = []) => {
  const graph = Graph.fromJSON(documentOf(parts, { frozen }));
  return samplesOf(graph, usesOf(graph));
};
const PAIRS = [
  [1, 2],
  [2, 4],
  [3, 5],
] as const;

describe("samples", () => {
  test.each([false, true])(
    "are terms of one shape that share their parameters; inputs untracked: %s",
    (untracked) => {
      const { parts, terms, total, frozen } = losses(PAIRS, untracked);
      const found = samples(parts, frozen)!;
      expect(found.terms).toEqual(terms);
      expect(found.root).toBe(total);
      expect(found.chain).toContain(total);
      expect(new Set(found.bodies.map(({ length }) => length)).size).toBe(1);
      // The exponent is the same for all, so it is no input; x and y are.
      const values = found.inputs.map(([place]) =>
        found.bodies.map((body) => [parts[body[place!]!]].flat()[0]),
      );
      expect(values).toEqual([
        [1, 2, 3],
        [2, 4, 5],
      ]);
    },
  );

  test("may be scaled to a mean", () => {
    const { parts, terms, total } = losses(PAIRS);
    const count = parts.push([3]) - 1;
    parts.push(["/", total, count]);
    expect(samples(parts)!.terms).toEqual(terms);
  });

  test("may be taken away from the result", () => {
    const { parts, terms } = losses(PAIRS);
    const from = parts.map((part) =>
      Array.isArray(part) && part[0] === "+" && terms.includes(Number(part[2]))
        ? ["-", ...part.slice(1)]
        : part,
    );
    const found = samples(from as Part[])!;
    expect(found.terms).toEqual(terms);
    expect(found.signs).toEqual([-1, -1, -1]);
  });

  test.each([false, true])("may be sums themselves; the first one added to nothing: %s", (isFirst) => {
    const parts: Part[] = [0.5, 0.1];
    const terms = [1, 2, 3].map((x) => {
      const error = parts.push(["-", parts.push([x]) - 1, 0]) - 1;
      return parts.push(["+", parts.push(["square", parts.push(["exp", error]) - 1]) - 1, 1]) - 1;
    });
    let total = isFirst ? terms[0]! : parts.push([0]) - 1;
    for (const term of terms.slice(isFirst ? 1 : 0)) total = parts.push(["+", total, term]) - 1;
    expect(samples(parts)!.terms).toEqual(terms);
  });

  test("of the same place are the same part of the computation", () => {
    const { parts } = losses(PAIRS);
    const { bodies } = samples(parts)!;
    const ops = bodies.map((body) => body.map((node) => (parts[node] as Part[])[0]));
    expect(ops[1]!.filter((op) => typeof op === "string")).toEqual(
      ops[0]!.filter((op) => typeof op === "string"),
    );
  });

  test.each<[string, (parts: Part[], total: number) => void]>([
    ["another term", (parts, total) => parts.push(["+", total, parts.push(["exp", 0]) - 1])],
    ["a leaf among them", (parts, total) => parts.push(["+", total, 1])],
  ])("are none with %s", (_, add) => {
    const { parts, total } = losses(PAIRS);
    add(parts, total);
    expect(samples(parts)).toBeUndefined();
  });

  test("are none where each has parameters of its own, or where there is one", () => {
    const parts: Part[] = [
      1,
      2,
      3,
      4,
      ["*", 0, 1],
      ["tanh", 4],
      ["exp", 5],
      ["*", 2, 3],
      ["tanh", 7],
      ["exp", 8],
    ];
    expect(samples([...parts, ["+", 6, 9]])).toBeUndefined();
    expect(samples(losses(PAIRS.slice(0, 1)).parts)).toBeUndefined();
  });
});
