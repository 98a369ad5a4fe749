import { describe, expect, test } from "vitest";
import { leftBranch } from "../../src/analysis/branches.ts";
import { Graph, type Guard } from "../../src/engine/graph.ts";
import { constsOfGuards, sceneGraphOf } from "../../src/picture/picture.ts";
import { documentOf, type Part } from "../documents.ts";

const guarded = (parts: Part[], ...guards: Guard[]) => Graph.fromJSON(documentOf(parts, { guards }));

/** `f = v.exp() if v <= 0 else 1 + v`, run at v = 1. */
const elu = () =>
  Graph.fromJSON(documentOf([1, [1], ["+", 1, 0], [0]], { outputs: [2], guards: [["<=", 0, 3, false]] }));

function moved(graph: Graph, leaf: number, value: number): Graph {
  graph.setLeaf(leaf, value);
  graph.forward();
  return graph;
}

describe("guards", () => {
  test("are kept by the document, and missing where there are none", () => {
    expect(elu().toJSON().guards).toEqual([["<=", 0, 3, false]]);
    expect("guards" in guarded([1, ["exp", 0]]).toJSON()).toBe(false);
  });

  test.each([
    ["<", [true, false, false]],
    ["<=", [true, true, false]],
    [">", [false, false, true]],
    [">=", [false, true, true]],
  ] as const)("turn where a %s b comes out another way", (sign, outcomes) => {
    outcomes.forEach((outcome, value) => {
      const turned = (was: boolean) => guarded([value, 1, ["*", 0, 1]], [sign, 0, 1, was]).turned();
      expect([turned(outcome).length, turned(!outcome).length]).toEqual([0, 1]);
    });
  });

  test("turn round and back as a leaf moves", () => {
    const graph = elu();
    expect(graph.turned()).toEqual([]);
    expect(moved(graph, 0, -0.4).turned()).toEqual([["<=", 0, 3, false]]);
    expect(moved(graph, 0, 0.4).turned()).toEqual([]);
  });
});

describe("the branch that was left", () => {
  test("is nothing while no guard has turned", () => {
    expect(leftBranch(elu())).toBeUndefined();
  });

  test("is what was computed from what was compared, and not that itself", () => {
    const graph = moved(elu(), 0, -0.4);
    expect([...leftBranch(graph)!]).toEqual([0, 0, 1, 0]);
  });

  test("leaves alone what another comparison decides", () => {
    // (a·2 if a > 0 else …) + (b·2 if b > 0 else …)
    const parts: Part[] = [1, 1, [2], ["*", 0, 2], ["*", 1, 2], ["+", 3, 4], [0]];
    const graph = guarded(parts, [">", 0, 6, true], [">", 1, 6, true]);
    expect([...leftBranch(moved(graph, 1, -1))!]).toEqual([0, 0, 0, 0, 1, 1, 0]);
  });

  test("may be the result itself: h if h > 0 else 0.1·h", () => {
    const graph = Graph.fromJSON(
      documentOf([1, [2], ["*", 0, 1], [0]], { outputs: [2], guards: [[">", 2, 3, true]] }),
    );
    expect([...leftBranch(moved(graph, 0, -1))!]).toEqual([0, 0, 1, 0]);
  });
});

test("constants that were only compared with are not drawn", () => {
  const graph = elu();
  expect([...constsOfGuards(graph)]).toEqual([3]);
  expect(sceneGraphOf(graph, [], new Set()).items.map((item) => item.kind)).toEqual(["node", "node", "node"]);
});

test("constants that are also computed with are drawn", () => {
  const graph = guarded([1, [0], ["+", 0, 1]], [">", 0, 1, true]);
  expect(constsOfGuards(graph).size).toBe(0);
});
