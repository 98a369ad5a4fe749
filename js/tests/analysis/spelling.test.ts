import fc from "fast-check";
import { expect, test } from "vitest";
import { productOf, type Relation, type Spelling, spellingOf, sumOf } from "../../src/analysis/spelling.ts";

const read = (text: string) => Number(text.replaceAll("−", "-"));

/** One unit of the last digit. */
function unitOf(text: string): number {
  const [mantissa, exponent = "0"] = text.replaceAll("−", "-").split("e");
  return 10 ** (Number(exponent) - (mantissa!.split(".")[1]?.length ?? 0));
}

function offBy(spelling: Spelling, { parts, result, of }: Relation): number {
  const text = spelling.write(result);
  return Math.abs(of(parts.map((x) => read(spelling.write(x)))) - read(text)) / unitOf(text);
}

const numbers = fc.array(
  fc
    .tuple(fc.double({ min: -3, max: 2, noNaN: true }), fc.boolean())
    .map(([size, isNegative]) => (isNegative ? -1 : 1) * 10 ** size),
  { minLength: 2, maxLength: 6 },
);

test("a product and a sum hold on a calculator", () => {
  fc.assert(
    fc.property(numbers, (parts) => {
      const product = productOf(
        parts,
        parts.reduce((a, b) => a * b, 1),
      );
      const sum = sumOf(
        parts,
        parts.reduce((a, b) => a + b, 0),
      );
      // Of two numbers that nearly cancel nobody shows as many digits as that takes.
      fc.pre(Math.abs(sum.result) > 1e-3 * Math.max(...parts.map(Math.abs)));
      for (const relation of [product, sum])
        expect(offBy(spellingOf([relation]), relation)).toBeLessThanOrEqual(1);
    }),
  );
});

test("numbers that hold keep their two decimals", () => {
  const spelling = spellingOf([productOf([0.3, 0.5], 0.15), sumOf([0.15, 1.6], 1.75)]);
  expect([0.3, 0.5, 0.15, 1.75].map((x) => spelling.write(x))).toEqual(["0.30", "0.50", "0.15", "1.75"]);
});

test("factors get as many digits as their product takes", () => {
  const relation = productOf([-3.9443, -0.02315], 0.091310545);
  const spelling = spellingOf([relation]);
  expect(offBy(spelling, relation)).toBeLessThanOrEqual(1);
  expect(spelling.write(0.02315)).not.toBe("0.02");
  expect(spelling.write(-0.02315)).toBe(`−${spelling.write(0.02315)}`);
});

test("what is below rounding error of what was added is nothing", () => {
  const spelling = spellingOf([sumOf([0.1, -0.1], 2.8e-17)]);
  expect(spelling.gradient(2.8e-17)).toBe("0");
  expect(spelling.gradient(-2.8e-17)).toBe("0");
});

test("numbers that are not finite are told as they are", () => {
  const spelling = spellingOf([productOf([Infinity, 0], Number.NaN)]);
  expect(spelling.gradient(Infinity)).toBe("+inf");
  expect(spelling.write(Number.NaN)).toBe("nan");
});

test.each([
  [0, "0"],
  [-0, "0"],
  [1.75, "+1.75"],
  [-0.5, "−0.50"],
  [1e-12, "+1.0e−12"],
  [Infinity, "+inf"],
  [-Infinity, "−inf"],
  [NaN, "nan"],
])("the gradient %d is written %s", (x, text) => {
  expect(spellingOf([]).gradient(x)).toBe(text);
});
