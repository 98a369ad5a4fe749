import { expect, test } from "vitest";
import { matricesIn } from "../../src/analysis/matrices.ts";

/** The matrices among leaves with these labels; a leaf's id is its place. */
function found(...labels: string[]) {
  return matricesIn([...labels.keys()], (leaf) => labels[leaf]!);
}

test("a matrix is read by row, in whichever order its elements come", () => {
  const labels = ["w[1,0]", "b", "w[0,1]", "w[0,0]", "w[1,1]"];
  expect(found(...labels)).toEqual([{ name: "w", columns: 2, cells: [3, 2, 0, 4] }]);
});

test("nested lists and vectors are matrices too, the largest first", () => {
  const labels = ["n.b[0]", "n.b[1]", "l[0].w[0][0]", "l[0].w[0][1]", "l[0].w[0][2]"];
  expect(found(...labels)).toEqual([
    { name: "l[0].w", columns: 3, cells: [2, 3, 4] },
    { name: "n.b", columns: 2, cells: [0, 1] },
  ]);
});

test.each([
  ["one element", ["w[0]"]],
  ["an element that is not there", ["w[0,0]", "w[0,1]", "w[1,1]"]],
  ["a last row that is short", ["w[0,0]", "w[0,1]", "w[1,0]"]],
  ["no numbers", ["w[a]", "w[b]", "w1", "w2"]],
  ["a long vector", Array.from({ length: 40 }, (_, i) => `w[${i}]`)],
])("%s is none", (_, labels) => expect(found(...labels)).toEqual([]));
