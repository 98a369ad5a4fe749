/** Groups: those of a document, those that are found, and which of them open by themselves. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Names } from "../../src/analysis/names.ts";
import { Graph } from "../../src/engine/graph.ts";
import { isSource } from "../../src/engine/keys.ts";
import { messagesFor } from "../../src/i18n/index.ts";
import { Folds } from "../../src/picture/folds.ts";
import { expandedByDefault, type GivenGroups, groupsOf } from "../../src/picture/groups.ts";
import type { Group } from "../../src/picture/picture.ts";
import { documentOf, type Part } from "../documents.ts";
import { graphParts, recurrence, sampledNetwork } from "../large.ts";

const en = messagesFor("en", []);

const graphOf = (parts: readonly Part[], label: Record<string, string> = {}) =>
  Graph.fromJSON(documentOf(parts, { label }));

/** Properties of every list of groups. */
function checkTree(graph: Graph, groups: readonly Group[]): void {
  const innermost = new Array<number | undefined>(graph.size).fill(undefined);
  groups.forEach(({ id, parent, nodes }, i) => {
    expect(id).toBe(i);
    expect(nodes.length).toBeGreaterThan(0);
    expect(nodes, "ascending").toEqual([...new Set(nodes)].sort((a, b) => a - b));
    // So far all of them are in the parent, and in no sibling.
    expect(new Set(nodes.map((node) => innermost[node]))).toEqual(new Set([parent]));
    for (const node of nodes) innermost[node] = id;
  });
}

/** Number of parts of a level: groups, and nodes that are in none of them. */
function parts(graph: Graph, groups: readonly Group[], level?: number): number {
  const inside = groups.filter(({ parent }) => parent === level);
  const all = level === undefined ? graph.size : groups[level]!.nodes.length;
  return all - inside.reduce((sum, { nodes }) => sum + nodes.length, 0) + inside.length;
}

const SIX: Part[] = [1, ["tanh", 0], ["exp", 1], ["sin", 2], ["cos", 3], ["neg", 4]];

describe("the groups of a document", () => {
  test("are read, and come in order", () => {
    const graph = graphOf(SIX);
    expect(
      groupsOf(graph, [
        ["outer", -1, [1, 2, 4, 5]],
        ["inner", 0, [2, 2, 5, 5]],
      ]),
    ).toEqual([
      { id: 0, label: "outer", parent: undefined, nodes: [0, 1, 2, 4, 5] },
      { id: 1, label: "inner", parent: 0, nodes: [2, 5] },
    ]);
  });

  test.each([
    [{}],
    ["t=1"],
    [[["t=1", -1]]],
    [[[1, -1, [0, 0]]]],
    [[["t=1", 0, [0, 0]]]],
    [[["t=1", true, [0, 0]]]],
    [[["t=1", -2, [0, 0]]]],
    [[["t=1", -1, []]]],
    [[["t=1", -1, [0]]]],
    [[["t=1", -1, [0, 6]]]],
    [[["t=1", -1, [-1, 1]]]],
    [[["t=1", -1, [1, 0]]]],
    [[["t=1", -1, [1, 1, 1, 2]]]],
    [[["t=1", -1, [0, 1.5]]]],
    [[["t=1", -1, ["0", 1]]]],
    [
      [
        ["t=1", -1, [0, 1]],
        ["t=2", -1, [1, 2]],
      ],
    ],
    [
      [
        ["t=1", -1, [0, 1]],
        ["inner", 0, [1, 2]],
      ],
    ],
    [
      [
        ["t=1", -1, [0, 1]],
        ["inner", 0, [0, 1]],
        ["late", 0, [0, 0]],
      ],
    ],
  ])("refuse the document where they make no sense: %j", (groups) => {
    expect(() => Graph.fromJSON({ ...graphOf(SIX).toJSON(), groups })).toThrow(/"groups"/);
  });

  test("take in the leaves and constants that only they use, as deep as they are used", () => {
    // 0 shared, 1 for both neurons, 2 and 3 for one each, 4 a constant of one.
    const graph = graphOf([
      1,
      2,
      3,
      4,
      [5],
      ["*", 0, 1],
      ["*", 5, 2],
      ["*", 1, 3],
      ["+", 7, 4],
      ["+", 6, 8],
      ["+", 9, 0],
    ]);
    const groups = groupsOf(graph, [
      ["layer", -1, [5, 8]],
      ["a", 0, [5, 6]],
      ["b", 0, [7, 8]],
    ]);
    expect(groups.map(({ nodes }) => nodes)).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [2, 5, 6],
      [3, 4, 7, 8],
    ]);
  });

  test("take in the parameters that were made in groups of their names, where no other call has them", () => {
    const graph = graphOf([1, 2, 3, 4, ["*", 2, 0], ["+", 4, 1], ["*", 3, 5], ["+", 6, 1]]);
    const groups = groupsOf(graph, [
      ["parameters", -1, [0, 3]],
      ["a", 0, [0, 1]],
      ["b", 0, [2, 2]],
      ["c", 0, [3, 3]],
      ["net", -1, [4, 7]],
      ["a", 4, [4, 5]],
      ["c", 4, [6, 7]],
    ]);
    checkTree(graph, groups);
    expect(groups.map(({ label, nodes }) => [label, ...nodes])).toEqual([
      ["net", 0, 3, 4, 5, 6, 7],
      ["parameters", 1, 2],
      ["a", 0, 4, 5],
      ["a", 1],
      ["b", 2],
      ["c", 3, 6, 7],
    ]);
  });

  test("leave alone what is in groups of other names", () => {
    const graph = graphOf([1, ["tanh", 0]]);
    const given: GivenGroups = [
      ["encoder", -1, [0, 0]],
      ["x", 0, [0, 0]],
      ["decoder", -1, [1, 1]],
      ["x", 2, [1, 1]],
    ];
    expect(groupsOf(graph, given).map(({ label, nodes }) => [label, ...nodes])).toEqual([
      ["encoder", 0],
      ["decoder", 1],
      ["x", 0],
      ["x", 1],
    ]);
  });

  test("keep a leaf that was made in them and is used elsewhere too", () => {
    const graph = graphOf([1, ["tanh", 0], ["exp", 0], ["+", 1, 2]]);
    const groups = groupsOf(graph, [
      ["a", -1, [0, 1]],
      ["b", -1, [2, 2]],
    ]);
    expect(groups.map(({ nodes }) => nodes)).toEqual([[0, 1], [2]]);
  });
});

describe("automatic groups", () => {
  test("there are none in a small graph", () => {
    expect(groupsOf(Graph.fromJSON(recurrence(40)), undefined)).toEqual([]);
  });

  test("a recurrence has one per step", () => {
    const graph = Graph.fromJSON(recurrence(100));
    const groups = groupsOf(graph, undefined);
    checkTree(graph, groups);
    const steps = groups.filter(({ nodes }) => nodes.length <= 5);
    expect(steps.length).toBe(100);
    for (const { nodes } of steps) {
      const last = nodes.at(-1)!;
      expect(graph.labels[last]).toMatch(/^h\d+$/);
      expect(nodes.some((node) => graph.labels[node] === graph.labels[last]!.replace("h", "x"))).toBe(true);
    }
  });

  test("few leaves stay outside of them, where their sliders are seen", () => {
    const parts: Part[] = [0.5];
    for (let step = 0, last = 0; step < 400; step++) last = parts.push(["sin", last]) - 1;
    const graph = graphOf(parts);
    const groups = groupsOf(graph, undefined);
    checkTree(graph, groups);
    expect(groups.length).toBeGreaterThan(1);
    expect(groups.every(({ nodes }) => !nodes.includes(0))).toBe(true);
    expect(groupsOf(graph, [["all", -1, [0, 400]]])[0]!.nodes).toContain(0);
  });

  test("a network over many samples has one per sample, in them layers and neurons", () => {
    const samples = 60;
    const { document, sizes } = sampledNetwork([3, 8, 8, 1], samples);
    const graph = Graph.fromJSON(document);
    const groups = groupsOf(graph, undefined);
    checkTree(graph, groups);
    expect(groups.filter(({ nodes }) => nodes.length === sizes.sample).length).toBe(samples);
    // Every neuron of the second layer is a group: its products, its sums, its relu.
    expect(groups.filter(({ nodes }) => nodes.length === sizes.neuron).length).toBeGreaterThanOrEqual(
      8 * samples,
    );
  });

  test("labelled groups are gathered where they are many", () => {
    const document = recurrence(100);
    const runs = Array.from({ length: 100 }, (_, t) => [`t=${t + 1}`, -1, [3 + 4 * t, 6 + 4 * t]] as const);
    const graph = Graph.fromJSON(document);
    const groups = groupsOf(graph, runs);
    checkTree(graph, groups);
    expect(
      groups
        .filter(({ label }) => label !== "")
        .map(({ label }) => label)
        .sort(),
    ).toEqual(runs.map(([label]) => label).sort());
    expect(groups.filter(({ parent }) => parent === undefined).every(({ label }) => label === "")).toBe(true);
  });

  test("samples become one group among what else there is, and parameters stay a group of their own", () => {
    const samples = 60;
    const { document, sizes } = sampledNetwork([3, 8, 8, 1], samples);
    const graph = Graph.fromJSON(document);
    const first = graph.size - samples * sizes.sample - (samples - 1);
    const runs = Array.from({ length: samples }, (_, i) => {
      const from = first + i * sizes.sample;
      return [`sample ${i}`, -1, [from, from + sizes.sample - 1]] as const;
    });
    const groups = groupsOf(graph, [["parameters", -1, [0, first - 1]], ...runs]);
    checkTree(graph, groups);
    const top = groups.filter(({ parent }) => parent === undefined);
    expect(top[0]).toMatchObject({ label: "parameters", nodes: { length: first } });
    expect(top[1]).toMatchObject({ label: "", nodes: { length: samples * sizes.sample } });
    const names = new Names(graph, en);
    const folds = new Folds(graph, names, [["parameters", -1, [0, first - 1]], ...runs]);
    expect(folds.title(folds.groups[1]!)).toBe("sample 0 … 59");
  });

  test("any large graph opens as few parts, and so does any group of it", () => {
    fc.assert(
      fc.property(graphParts(300, 1500), (given) => {
        const graph = graphOf(given);
        const groups = groupsOf(graph, undefined);
        checkTree(graph, groups);
        for (const level of [undefined, ...groups.keys()]) {
          const nodes = level === undefined ? [...graph.ops.keys()] : groups[level]!.nodes;
          const own = nodes.filter((id) => isSource(graph.ops[id]!)).length;
          // Leaves come on top of what is computed, and as one if they are many.
          expect(parts(graph, groups, level)).toBeLessThanOrEqual(48 + Math.min(own, 48));
        }
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test("the same graph has the same groups", () => {
    const { document } = sampledNetwork([2, 4, 1], 40);
    expect(groupsOf(Graph.fromJSON(document), undefined)).toEqual(
      groupsOf(Graph.fromJSON(document), undefined),
    );
  });
});

describe("what opens by itself", () => {
  test("everything in a small graph, and little in a large one", () => {
    const small = Graph.fromJSON(recurrence(3));
    const runs = [0, 1, 2].map((t) => [`t=${t}`, -1, [3 + 4 * t, 6 + 4 * t]] as const);
    expect([...expandedByDefault(small, groupsOf(small, runs))[0]!]).toEqual([0, 1, 2]);
    const large = Graph.fromJSON(sampledNetwork([3, 8, 8, 1], 60).document);
    const groups = groupsOf(large, undefined);
    const open = expandedByDefault(large, groups)[0]!;
    const shown = [undefined, ...open].reduce<number>(
      (sum, id) => sum + parts(large, groups, id) - (id === undefined ? 0 : 1),
      0,
    );
    expect(shown).toBeLessThanOrEqual(40);
    expect(shown).toBeGreaterThan(5);
  });

  test("of alike groups all or none", () => {
    const graph = Graph.fromJSON(recurrence(100));
    const groups = groupsOf(graph, undefined);
    const open = expandedByDefault(graph, groups)[0]!;
    const top = groups.filter(({ parent }) => parent === undefined);
    expect([0, top.length]).toContain(top.filter(({ id }) => open.has(id)).length);
  });
});
