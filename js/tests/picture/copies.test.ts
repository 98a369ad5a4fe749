import { describe, expect, test } from "vitest";
import * as graphs from "../../../benchmarks/layout/graphs.ts";
import { copiedLeaves } from "../../src/picture/copies.ts";

/** Names of the leaves that would be copied. */
function copied({ label, kind, inputs }: graphs.Sample): string[] {
  const edges = inputs.flatMap((operands, to) => operands.map((from) => ({ from, to })));
  const leaves = kind.flatMap((is, id) => (is === "operation" ? [] : [id]));
  return [...copiedLeaves(kind.length, edges, leaves)].map((leaf) => label[leaf]!);
}

describe("leaves that are drawn once per use", () => {
  test("none in a small graph", () => {
    expect(copied(graphs.recurrence(3))).toEqual([]);
    expect(copied(graphs.recurrence(15))).toEqual([]);
  });

  test("what every step of a long recurrence uses, and nothing that one step uses", () => {
    expect(copied(graphs.recurrence(50)).sort()).toEqual(["w", "wh"]);
    expect(copied(graphs.lstm(20)).sort()).toEqual(
      ["i", "f", "o", "g"].flatMap((gate) => [`w${gate}`, `u${gate}`, `b${gate}`]).sort(),
    );
  });

  test("the inputs of a network of a few neurons stay one card each, and weights always", () => {
    expect(copied(graphs.mlp([3, 6, 6, 2]))).toEqual([]);
  });

  test("weights that every sample of a batch uses", () => {
    const names = copied(graphs.batch([2, 4, 1], 12));
    expect(names.some((name) => name.startsWith("w"))).toBe(true);
    expect(names.some((name) => name.startsWith("x"))).toBe(false);
  });

  test("links that lead backwards count as well", () => {
    const { inputs, kind } = graphs.recurrence(50);
    const edges = inputs.flatMap((operands, to) => operands.map((from) => ({ from, to })));
    const turned = edges.map(({ from, to }) => ({ from: kind.length - 1 - from, to: kind.length - 1 - to }));
    expect(copiedLeaves(kind.length, turned, [kind.length - 1])).toEqual(new Set([kind.length - 1]));
  });
});
