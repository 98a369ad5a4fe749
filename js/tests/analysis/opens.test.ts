import { expect, test } from "vitest";
import { Adjacency } from "../../src/analysis/adjacency.ts";
import { openingBy } from "../../src/analysis/opens.ts";
import { Graph } from "../../src/engine/graph.ts";
import { documentOf, type Part } from "../documents.ts";

const graphOf = (...parts: Part[]) => Graph.fromJSON(documentOf(parts));
const openingOf = (graph: Graph, leaf: number) => openingBy(graph, new Adjacency(graph), leaf);

test("a bias opens its relu from where the sum is 0", () => {
  // relu(w·x + b), with w = 0.5, x = -4, b = 0.25
  const graph = graphOf(0.5, -4, 0.25, ["*", 0, 1], ["+", 3, 2], ["relu", 4]);
  expect(openingOf(graph, 2)).toEqual({ relu: 5, above: 2 });
  for (const [value, isOpen] of [
    [2, false],
    [2.001, true],
  ] as const) {
    graph.setLeaf(2, value);
    graph.forward();
    expect(graph.values[5]! > 0).toBe(isOpen);
  }
});

test("through sums of any length, and of lists", () => {
  const graph = graphOf(-3, 1, ["+", 0, 1], -1, ["sum", 2, 3, 0], ["relu", 4]);
  expect(openingOf(graph, 1)).toEqual({ relu: 5, above: 7 });
});

test.each<[string, Part[], number]>([
  ["the relu is open", [1, 2, ["+", 0, 1], ["relu", 2]], 0],
  ["the leaf is multiplied", [1, -2, ["*", 0, 1], ["relu", 2]], 0],
  ["the leaf is added twice", [-1, ["+", 0, 0], ["relu", 1]], 0],
  ["a sum on the way is used elsewhere too", [-1, -2, ["+", 0, 1], ["relu", 2], ["*", 2, 3]], 0],
  ["nothing uses the leaf", [-1], 0],
])("none where %s", (_, parts, leaf) => {
  expect(openingOf(graphOf(...parts), leaf)).toBeUndefined();
});
