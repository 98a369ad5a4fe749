/** Pictures: with any groups open, everything is drawn, and once. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { Names } from "../../src/analysis/names.ts";
import { Graph } from "../../src/engine/graph.ts";
import { messagesFor } from "../../src/i18n/index.ts";
import { Folds } from "../../src/picture/folds.ts";
import { groupsOf } from "../../src/picture/groups.ts";
import { nodesOf, sceneGraphOf, shownGroups } from "../../src/picture/picture.ts";
import { documentOf, type Part } from "../documents.ts";
import { graphParts, recurrence, sampledNetwork } from "../large.ts";

const NONE: ReadonlySet<number> = new Set();
const english = messagesFor("en", []);

/** A random graph with nested groups of its nodes, some of them open. */
const cases = fc
  .tuple(graphParts(1, 60), fc.array(fc.tuple(fc.nat(59), fc.nat(20), fc.nat(20))), fc.array(fc.nat(20)))
  .map(([parts, spans, open]) => {
    const graph = Graph.fromJSON(documentOf(parts));
    const innermost = new Array<number>(graph.size).fill(-1);
    const groups: [string, number, number[]][] = [];
    for (const [start, length, gap] of spans) {
      // Not in one piece, so that a group may use what is made from it: a folded one is then not convex.
      const wanted = [...graph.ops.keys()].filter(
        (id) => id >= start && id <= start + length && id !== start + gap,
      );
      const parent = innermost[wanted[0] ?? -1];
      const nodes = wanted.filter((id) => innermost[id] === parent);
      if (parent === undefined || nodes.length === 0) continue;
      for (const id of nodes) innermost[id] = groups.length;
      groups.push([
        `g${groups.length}`,
        parent,
        nodes.flatMap((id) => (nodes.includes(id - 1) ? [] : [id, endOf(nodes, id)])),
      ]);
    }
    return {
      graph,
      groups: groupsOf(graph, groups),
      open: new Set(open),
    };
  });

function endOf(nodes: readonly number[], start: number): number {
  let end = start;
  while (nodes.includes(end + 1)) end++;
  return end;
}

test("every node is in one item, every operand slot in one link or inside one folded group", () => {
  fc.assert(
    fc.property(cases, ({ graph, groups, open }) => {
      const { items, links, itemOf } = sceneGraphOf(graph, groups, open);
      const seen = items.flatMap((item, place) => {
        const nodes = nodesOf(item);
        for (const node of nodes) expect(itemOf[node]).toBe(place);
        return nodes;
      });
      expect([...seen].sort((a, b) => a - b)).toEqual([...graph.ops.keys()]);

      const drawn = links.flatMap(({ slots }) => slots);
      expect(new Set(drawn).size).toBe(drawn.length);
      const consumer = [...graph.ops.keys()].flatMap((id) =>
        new Array<number>(graph.offsets[id + 1]! - graph.offsets[id]!).fill(id),
      );
      graph.operands.forEach((operand, slot) => {
        const isInside = itemOf[operand] === itemOf[consumer[slot]!];
        expect(drawn.includes(slot)).toBe(!isInside);
      });
      for (const { from, to, slots } of links) {
        expect(slots).toEqual([...slots].sort((a, b) => a - b));
        for (const slot of slots) {
          expect(itemOf[consumer[slot]!]).toBe(to);
          expect(nodesOf(items[from]!)).toContain(graph.operands[slot]);
        }
        if (items[from]!.kind !== "group" && items[to]!.kind !== "group") expect(slots.length).toBe(1);
      }
      const bundles = links.filter(
        ({ from, to }) => items[from]!.kind === "group" || items[to]!.kind === "group",
      );
      expect(new Set(bundles.map(({ from, to }) => `${from}>${to}`)).size).toBe(bundles.length);
    }),
    { numRuns: 100 },
  );
}, 60_000);

test("items come in the order of their last node", () => {
  fc.assert(
    fc.property(cases, ({ graph, groups, open }) => {
      const { items } = sceneGraphOf(graph, groups, open);
      const lasts = items.map((item) => nodesOf(item).at(-1)!);
      expect(lasts).toEqual([...lasts].sort((a, b) => a - b));
    }),
    { numRuns: 200 },
  );
}, 60_000);

test("a group is folded unless it and all that it is in are open", () => {
  fc.assert(
    fc.property(cases, ({ graph, groups, open }) => {
      const { items } = sceneGraphOf(graph, groups, open);
      const folded = new Set(items.flatMap((item) => (item.kind === "group" ? [item.group.id] : [])));
      const framed = new Set(shownGroups(groups, open).flatMap(({ id }) => (open.has(id) ? [id] : [])));
      for (const { id, parent } of groups) {
        const isSeen = parent === undefined || framed.has(parent);
        expect(folded.has(id)).toBe(isSeen && !open.has(id));
        expect(framed.has(id)).toBe(isSeen && open.has(id));
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);

test("a graph without groups is drawn as it is", () => {
  const parts: Part[] = [1, 2, ["*", 0, 1], ["*", 2, 2]];
  const { items, links } = sceneGraphOf(Graph.fromJSON(documentOf(parts)), [], NONE);
  expect(items).toEqual([0, 1, 2, 3].map((node) => ({ kind: "node", node, rows: [] })));
  expect(links).toEqual([
    { from: 0, to: 2, slots: [0] },
    { from: 1, to: 2, slots: [1] },
    { from: 2, to: 3, slots: [2] },
    { from: 2, to: 3, slots: [3] },
  ]);
});

test("one picture stays until something changes it", () => {
  const graph = Graph.fromJSON(recurrence(100));
  const folds = new Folds(graph, new Names(graph, english), undefined);
  const { picture } = folds;
  folds.update(null, false);
  expect(folds.picture).toBe(picture);
  folds.update(folds.toggled(3), false);
  expect(folds.picture).not.toBe(picture);
  const opened = folds.picture;
  folds.update(folds.toggled(3), false);
  folds.update([3], false);
  expect(folds.picture).toEqual(opened);
  expect(folds.picture.items.length).toBeGreaterThan(picture.items.length);
});

test("what is folded away can be revealed, and nothing else opens", () => {
  const graph = Graph.fromJSON(sampledNetwork([2, 4, 1], 60).document);
  const folds = new Folds(graph, new Names(graph, english), undefined);
  folds.update([], false);
  const node = 900;
  expect(folds.picture.items[folds.picture.itemOf[node]!]!.kind).toBe("group");
  const open = folds.revealing(node)!;
  folds.update(open, false);
  expect(folds.picture.items[folds.picture.itemOf[node]!]).toEqual({ kind: "node", node, rows: [] });
  expect(open.every((id) => folds.groups[id]!.nodes.includes(node))).toBe(true);
  expect(folds.revealing(node)).toBeUndefined();
});

test("groups are called by their label, or by what is computed in them", () => {
  const graph = Graph.fromJSON(recurrence(100));
  const names = new Names(graph, english);
  const found = new Folds(graph, names, undefined);
  expect(
    found.within
      .at(-1)!
      .slice(0, 2)
      .map((group) => found.title(group)),
  ).toEqual(["h1 … 10", "h11 … 20"]);
  expect(found.title(found.within[0]![0]!)).toBe("h1");
  const runs = Array.from({ length: 100 }, (_, t) => ["step", -1, [3 + 4 * t, 6 + 4 * t]] as const);
  const given = new Folds(graph, names, runs);
  expect(given.title(given.within.at(-1)![0]!)).toBe("step ×10");
  expect(given.title(given.within[0]![0]!)).toBe("step");
});

test("what is inside a group, what comes in and what goes out", () => {
  // y = tanh(w·x) + b, and z = y·y; the tanh is used outside too.
  const parts: Part[] = [0.5, 2, 1, ["*", 0, 1], ["tanh", 3], ["+", 4, 2], ["*", 5, 5], ["+", 6, 4]];
  const graph = Graph.fromJSON(documentOf(parts, { outputs: [5, 7] }));
  const folds = new Folds(graph, new Names(graph, english), [["g", -1, [2, 5]]]);
  expect(folds.groups[0]!.nodes).toEqual([0, 1, 2, 3, 4, 5]);
  expect(folds.inside(folds.groups[0]!)).toEqual({
    leaves: [0, 1, 2],
    matrices: [],
    inputs: [],
    outputs: [5, 4],
    ops: [
      ["*", 1],
      ["tanh", 1],
      ["+", 1],
    ],
  });
  const shared = new Folds(graph, new Names(graph, english), [["g", -1, [6, 7]]]);
  expect(shared.inside(shared.groups[0]!)).toMatchObject({ leaves: [], inputs: [5, 4], outputs: [7] });
});
