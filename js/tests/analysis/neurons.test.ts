import { describe, expect, test } from "vitest";
import { neuronsOf, usesOf } from "../../src/analysis/neurons.ts";
import { graphOf, type Part } from "../documents.ts";

const found = (parts: readonly Part[]) => {
  const graph = graphOf(parts);
  return neuronsOf(graph, usesOf(graph));
};

/** x0, x1, then w0·x0 + w1·x1 + b with an activation: node 9. */
const ONE: Part[] = [1, 2, 0.5, -0.7, 0.1, ["*", 2, 0], ["*", 3, 1], ["+", 5, 6], ["+", 7, 4], ["tanh", 8]];
/** Both inputs are used elsewhere, so that only the weights are the neuron's own. */
const SHARED: Part[] = [...ONE, ["*", 0, 1], ["+", 9, 10]];

describe("a neuron", () => {
  test("is a sum of weighted inputs and a bias under an activation", () => {
    const [neuron, ...others] = found(SHARED);
    expect(others).toEqual([]);
    expect(neuron).toEqual({
      head: 9,
      nodes: [2, 3, 4, 5, 6, 7, 8, 9],
      // Operand slots: those of node 5 are 0 and 1, those of node 6 are 2 and 3.
      weights: [
        { leaf: 2, slot: 1 },
        { leaf: 3, slot: 3 },
        { leaf: 4, slot: undefined },
      ],
    });
  });

  test("has its biases last, however it is written", () => {
    const parts: Part[] = [
      1,
      2,
      0.5,
      -0.7,
      0.1,
      ["*", 0, 2],
      ["+", 4, 5],
      ["*", 1, 3],
      ["+", 6, 7],
      ["*", 0, 1],
    ];
    const [neuron] = found([...parts, ["+", 8, 9]]);
    expect(neuron!.head).toBe(8);
    expect(neuron!.weights.map(({ leaf }) => leaf)).toEqual([2, 3, 4]);
  });

  test("may be one list of operands", () => {
    const [neuron] = found([1, 0.5, 0.1, ["*", 1, 0], ["sum", 3, 2], ["relu", 4], ["*", 0, 0], ["+", 5, 6]]);
    expect(neuron!.head).toBe(5);
  });

  test("ends where its sum is used besides", () => {
    expect(found([...SHARED, ["*", 7, 11]]).map(({ head }) => head)).toEqual([7]);
  });

  test.each<[string, Part[]]>([
    ["a weight that is used twice", [...SHARED, ["*", 2, 11]]],
    ["two leaves of its own in a product", ONE],
    [
      "an operand that is no product",
      [1, 2, 0.5, ["*", 2, 0], ["exp", 1], ["+", 3, 4], ["*", 0, 1], ["+", 5, 6]],
    ],
    ["a single weight", [1, 0.5, ["*", 1, 0], ["tanh", 2], ["*", 0, 0], ["+", 3, 4]]],
  ])("is none with %s", (_, parts) => {
    expect(found(parts)).toEqual([]);
  });
});

test("two layers are as many neurons as they have outputs", () => {
  const parts: Part[] = [1, 2];
  const neuron = (inputs: number[]) => {
    let sum = parts.push(0.1) - 1;
    for (const input of inputs) {
      const weight = parts.push(0.3) - 1;
      const product = parts.push(["*", weight, input]) - 1;
      sum = parts.push(["+", sum, product]) - 1;
    }
    return parts.push(["relu", sum]) - 1;
  };
  const hidden = [neuron([0, 1]), neuron([0, 1]), neuron([0, 1])];
  const out = neuron(hidden);
  const neurons = found(parts);
  expect(neurons.map(({ head }) => head)).toEqual([...hidden, out]);
  expect(neurons.at(-1)!.weights).toHaveLength(4);
});
