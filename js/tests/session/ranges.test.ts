import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../../../tests/conformance/page/ranges.json";
import { formatValue } from "../../src/analysis/format.ts";
import { decodeNumber, type WireNumber } from "../../src/engine/number.ts";
import { chosenRange, widened } from "../../src/session/ranges.ts";

const ranges = vectors.ranges as { value: WireNumber; range: [number, number, number] }[];

describe("the same as in Python", () => {
  test.each(ranges)("the range chosen for $value", ({ value, range: [low, high, step] }) => {
    expect(chosenRange(decodeNumber(value)!)).toEqual({ low, high, step });
  });

  test.each(vectors.texts)("two decimals of $value are $text", ({ value, text }) => {
    expect(formatValue(value)).toBe(text.replace("-", "−"));
  });
});

describe("a chosen range", () => {
  test("holds its value with room to both sides, and is not ten times too wide", () => {
    const value = fc.double({ min: 0.05, max: 1e22, noNaN: true });
    fc.assert(
      fc.property(value, (size) => {
        const { low, high, step } = chosenRange(-size);
        expect(low).toBe(-high);
        expect(high).toBeGreaterThanOrEqual(1.49999 * size);
        if (size > 2) expect(high).toBeLessThan(4 * size);
        expect(step * 400).toBeCloseTo(high - low, 10 - Math.log10(high));
      }),
    );
  });

  test("is always one that a slider can have", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const { low, high, step } = chosenRange(value);
        expect([low, high, step].every(Number.isFinite)).toBe(true);
        expect(low < high && step > 0).toBe(true);
      }),
    );
  });
});

describe("a range that is widened", () => {
  const range = { low: 0, high: 1, step: 0.1 };

  test("stays where it holds the value, or where nothing could", () => {
    for (const value of [0, 0.5, 1, NaN, Infinity]) expect(widened(range, value)).toBe(range);
  });

  test("keeps the end that the value is not beyond", () => {
    expect(widened(range, 4)).toEqual({ low: 0, high: 10, step: 0.1 });
    expect(widened(range, -4)).toEqual({ low: -10, high: 1, step: 0.1 });
  });

  test("stays symmetric if it was", () => {
    expect(widened({ low: -2, high: 2, step: 0.01 }, 5)).toEqual({ low: -10, high: 10, step: 0.01 });
  });

  test("holds the value", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e300, max: 1e300, noNaN: true }), (value) => {
        const { low, high } = widened(range, value);
        expect(low <= value && value <= high).toBe(true);
      }),
    );
  });
});
