import { describe, expect, test } from "vitest";
import { recurrenceOf } from "../../src/analysis/recurrence.ts";
import { graphOf, type Part } from "../documents.ts";

/** h = tanh(wx·x + wh·h) from h = 0 on; wx is node 0, wh node 1. */
function chain(steps: number) {
  const parts: Part[] = [0.8, 0.5, [0]];
  const states: number[] = [];
  let h = 2;
  for (let t = 0; t < steps; t++) {
    const x = parts.push(Math.cos(t)) - 1;
    const a = parts.push(["*", 0, x]) - 1;
    const b = parts.push(["*", 1, h]) - 1;
    const sum = parts.push(["+", a, b]) - 1;
    h = parts.push(["tanh", sum]) - 1;
    states.push(h);
  }
  return { parts, states };
}

describe("a recurrence", () => {
  test.each([3, 4, 5, 10])("of %i steps is found from its first state on", (steps) => {
    const { parts, states } = chain(steps);
    const found = recurrenceOf(graphOf(parts))!;
    expect(found.states).toEqual(states);
    // x, two products, sum and tanh; what all share is in none.
    expect(found.cells.slice(1).map((cell) => cell.length)).toEqual(new Array(steps - 1).fill(5));
    expect(found.cells.flat()).not.toContain(0);
    expect(new Set(found.cells.flat()).size).toBe(found.cells.flat().length);
  });

  test("of two states goes by the one that is made last", () => {
    const parts: Part[] = [0.8, 0.5, 0.3, [0], [0]];
    let [h, c] = [3, 4];
    const states: number[] = [];
    for (let t = 0; t < 5; t++) {
      const forget = parts.push(["sigmoid", parts.push(["*", 0, h]) - 1]) - 1;
      const fresh = parts.push(["tanh", parts.push(["*", 1, h]) - 1]) - 1;
      const kept = parts.push(["*", forget, c]) - 1;
      c = parts.push(["+", kept, fresh]) - 1;
      h = parts.push(["*", parts.push(["tanh", c]) - 1, parts.push(["*", 2, forget]) - 1]) - 1;
      states.push(h);
    }
    const found = recurrenceOf(graphOf(parts))!;
    expect(found.states.at(-1)).toBe(states.at(-1));
    expect(found.states.length).toBeGreaterThanOrEqual(4);
  });

  test("takes the state that all of the next one is computed from, and not a part of it", () => {
    // h = (1 − z)·n + z·h, with z = sigmoid(u·h) and n = tanh(v·h)
    const parts: Part[] = [0.5, -0.3, [1], [0]];
    const states: number[] = [];
    let h = 3;
    for (let t = 0; t < 3; t++) {
      const gate = parts.push(["sigmoid", parts.push(["*", 0, h]) - 1]) - 1;
      const fresh = parts.push(["tanh", parts.push(["*", 1, h]) - 1]) - 1;
      const taken = parts.push(["*", parts.push(["-", 2, gate]) - 1, fresh]) - 1;
      h = parts.push(["+", taken, parts.push(["*", gate, h]) - 1]) - 1;
      states.push(h);
    }
    expect(recurrenceOf(graphOf(parts))!.states).toEqual(states);
  });

  test("is none of two steps, nor a sum of many terms, nor a tree", () => {
    expect(recurrenceOf(graphOf(chain(2).parts))).toBeUndefined();
    const sum: Part[] = [1, 2];
    let total = 0;
    for (let i = 0; i < 8; i++) total = sum.push(["+", total, sum.push(["*", 1, sum.push(i) - 1]) - 1]) - 1;
    expect(recurrenceOf(graphOf(sum))).toBeUndefined();
    const tree: Part[] = [1, 2, 3, 4, ["*", 0, 1], ["*", 2, 3], ["+", 4, 5], ["tanh", 6]];
    expect(recurrenceOf(graphOf(tree))).toBeUndefined();
  });
});
