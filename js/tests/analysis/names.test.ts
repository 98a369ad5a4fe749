import { expect, test } from "vitest";
import { kindOf, Names } from "../../src/analysis/names.ts";
import { Graph } from "../../src/engine/graph.ts";
import { messagesFor } from "../../src/i18n/index.ts";
import { documentOf, graphOf, type Part } from "../documents.ts";

const en = messagesFor("en", []);
const zh = messagesFor("zh", []);

const AB = { 0: "a", 1: "b" };

test.each<[Part, string]>([
  [["+", 0, 1], "a + b"],
  [["-", 0, 1], "a − b"],
  [["*", 0, 1], "a·b"],
  [["/", 0, 1], "a/b"],
  [["**", 0, 1], "a^b"],
  [["neg", 0], "−a"],
  [["tanh", 1], "tanh(b)"],
  [["max", 0, 1], "max(a, b)"],
  [["-", 0, 0], "a − a"],
])("%j is called %s", (part, name) => {
  expect(new Names(graphOf([2, 3, part], AB), en).of(2)).toBe(name);
});

test("a label comes before what a node computes", () => {
  const names = new Names(graphOf([2, 3, ["*", 0, 1]], { ...AB, 2: "y" }), en);
  expect([names.of(2), names.inSigns(2), names.label(2)]).toEqual(["y", "a·b", "y"]);
});

test("an operation that would get long is called by its op", () => {
  const long = { 0: "temperature_of_water", 1: "pressure" };
  expect(new Names(graphOf([2, 3, ["*", 0, 1]], long), en).of(2)).toBe("product");
  const nested = graphOf([2, 3, ["-", 0, 1], ["+", 0, 1], ["relu", 3]], long);
  expect([3, 4].map((id) => new Names(nested, en).of(id))).toEqual(["sum", "relu"]);
  expect([3, 4].map((id) => new Names(nested, zh).of(id))).toEqual(["求和", "relu"]);
});

test("what a custom op is called is no key of a table", () => {
  const custom = { 1: { name: "constructor", value: 1, partials: [1], live: false } };
  const graph = Graph.fromJSON(documentOf([2, ["custom", 0]], { custom }));
  expect(new Names(graph, en).of(1)).toBe("constructor(leaf 0)");
});

test("leaves without a label have a number, constants are one", () => {
  const graph = graphOf([2, [3], [-0.5], ["**", 0, 1], ["*", 0, 2]]);
  expect([0, 1, 2].map((id) => new Names(graph, en).of(id))).toEqual(["leaf 0", "3", "−0.5"]);
  expect(new Names(graph, en).of(3)).toBe("leaf 0³");
});

test("integers among the constants are written in full", () => {
  expect(new Names(graphOf([1, [12_345], ["*", 0, 1]], { 0: "a" }), en).of(2)).toBe("a·12345");
});

test("symbols are for small circles", () => {
  const graph = graphOf([2, ["*", 0, 0], ["+", 0, 1], ["neg", 2], ["**", 3, 0], ["tanh", 4]]);
  expect(graph.ops.slice(1).map((op) => new Names(graph, en).sign(op))).toEqual(["×", "+", "−", "^", "tanh"]);
});

test("kinds", () => {
  const graph = Graph.fromJSON(documentOf([1, 2, [3], ["*", 0, 1], ["*", 3, 2]], { frozen: [1] }));
  expect([0, 1, 2, 3].map((id) => kindOf(graph, id))).toEqual([
    "parameter",
    "input",
    "constant",
    "operation",
  ]);
});

test("on a card signs stand in place of words, and dots for what would be long", () => {
  const parts: Part[] = [2, [3], [2], ["**", 0, 2], ["*", 1, 3], ["+", 4, 0], ["tanh", 5], ["+", 5, 5]];
  const names = new Names(graphOf(parts, { 0: "x" }), en);
  expect([3, 4, 5, 6].map((id) => names.inSigns(id))).toEqual(["x²", "3·x²", "3·x² + x", "tanh(3·x² + x)"]);
  const long = new Names(graphOf(parts, { 0: "pressure", 5: "y" }), en);
  expect([4, 5, 6, 7].map((id) => long.inSigns(id))).toEqual([
    "3·pressure²",
    "… + pressure",
    "tanh(y)",
    "y + y",
  ]);
});

test("brackets stand where signs need them", () => {
  const parts: Part[] = [2, 3, ["+", 0, 1], ["*", 2, 0], ["-", 0, 2], ["/", 0, 3], ["neg", 2]];
  const names = new Names(graphOf(parts, AB), en);
  expect([3, 4, 5, 6].map((id) => names.inSigns(id))).toEqual([
    "(a + b)·a",
    "a − (a + b)",
    "a/((a + b)·a)",
    "−(a + b)",
  ]);
});
