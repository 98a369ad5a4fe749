import { describe, expect, test } from "vitest";
import { matcher, type Searched } from "../../src/picture/search.ts";

const node = (value?: number, gradient?: number, ...names: string[]): Searched => ({
  names,
  value,
  gradient,
});

describe("a search", () => {
  test.each([
    ["grad > 1", [0.5, 1, 2, Number.NaN], [2]],
    ["grad>=1", [0.5, 1, 2], [1, 2]],
    ["|grad| > 1", [-2, 0, 2], [-2, 2]],
    ["∂ < −1e-3", [-2, 0, -0.0005], [-2]],
    ["梯度 = 0", [0, 1, -0], [0, -0]],
    ["grad == 0", [0, 1], [0]],
    ["gradient != 0", [0, 1], [1]],
    ["grad > -inf", [-Infinity, -1e300], [-1e300]],
  ])("for %s is about gradients", (text, gradients, found) => {
    const matches = matcher(text);
    expect(gradients.filter((gradient) => matches(node(0, gradient)))).toEqual(found);
    expect(matches(node(99))).toBe(false);
  });

  test.each([
    ["value < 0", [-1, 0, 1], [-1]],
    ["值 <= 0", [-1, 0, 1], [-1, 0]],
    ["inf", [Infinity, -Infinity, 1e308], [Infinity, -Infinity]],
    ["nan", [Number.NaN, 1], [Number.NaN]],
  ])("for %s is about values", (text, values, found) => {
    expect(values.filter((value) => matcher(text)(node(value)))).toEqual(found);
  });

  test("for nan and inf finds gradients too", () => {
    expect(matcher("nan")(node(1, Number.NaN))).toBe(true);
    expect(matcher("INF")(node(1, -Infinity))).toBe(true);
  });

  test("for anything else is for a part of a name, whatever its case", () => {
    expect(matcher(" WH")(node(1, 1, "wh·h1", "*"))).toBe(true);
    expect(matcher("value")(node(1, 1, "loss"))).toBe(false);
    expect(matcher("grad >")(node(1, 2, "grad > x"))).toBe(true);
  });

  test("for nothing finds nothing", () => {
    expect(matcher("  ")(node(1, 1, "w"))).toBe(false);
  });
});
