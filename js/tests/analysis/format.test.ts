import fc from "fast-check";
import { expect, test } from "vitest";
import { exact, formatInFull, formatShort, formatValue } from "../../src/analysis/format.ts";

const read = (text: string) => Number(text.replaceAll("−", "-").replace("inf", "Infinity"));

test.each([
  [0, "0.00"],
  [-0, "0.00"],
  [0.3, "0.30"],
  [-12.345, "−12.35"],
  [0.125, "0.12"],
  [0.004, "4.0e−3"],
  [-1.25e-9, "−1.3e−9"],
  [99_999.99, "99999.99"],
  [100_000, "1.0e5"],
  [-1e300, "−1.0e300"],
  [Infinity, "inf"],
  [-Infinity, "−inf"],
  [NaN, "nan"],
])("the value %d is written %s", (x, text) => {
  expect(formatValue(x)).toBe(text);
});

test.each([
  [0.3, "0.30"],
  [0.1 + 0.2, "0.30"],
  [0.125, "0.125"],
  [-2.0625, "−2.0625"],
  [0.0005, "0.0005"],
  [0.25 * 0.5 * 0.3, "0.0375"],
  [1 / 3, "0.33"],
  [0.03125, "0.03"],
  [12345.125, "12345.12"],
  [Infinity, "inf"],
  [NaN, "nan"],
])("in an account %d is written %s", (x, text) => {
  expect(formatInFull(x)).toBe(text);
});

test.each([
  [2, "2"],
  [-2, "−2"],
  [0.1, "0.1"],
  [1 / 3, "0.3333"],
  [12_345, "12345"],
  [-1e-7, "−1e−7"],
  [1e300, "1e300"],
  [2e13, "2e13"],
  [-1_234_567, "−1235000"],
  [123_456_789, "1.235e8"],
  [NaN, "nan"],
])("the number %d of a formula is written %s", (x, text) => {
  expect(formatShort(x)).toBe(text);
});

test("what is exact is the number, as Python reads it", () => {
  fc.assert(
    fc.property(fc.double(), (x) => {
      const text = exact(x);
      expect(text).toMatch(/^(-?\d+(\.\d+)?(e[+-]\d+)?|nan|-?inf)$/);
      expect(Object.is(read(text), x)).toBe(true);
    }),
  );
});

test("two decimals are never further off than half of one", () => {
  fc.assert(
    fc.property(fc.double({ min: -99_999, max: 99_999, noNaN: true }), (x) => {
      const error = Math.abs(read(formatValue(x)) - x);
      expect(error).toBeLessThanOrEqual(Math.abs(x) < 0.005 ? 0.051 * Math.abs(x) : 0.005 + 1e-11);
    }),
  );
});

test("what is written stays short, and has no hyphens", () => {
  fc.assert(
    fc.property(fc.double(), (x) => {
      const text = formatValue(x);
      expect(text.length).toBeLessThanOrEqual(9);
      expect(text).not.toContain("-");
    }),
  );
});
