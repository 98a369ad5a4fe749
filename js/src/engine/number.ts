/**
 * Numbers on the wire. JSON has no infinities and no nan, and hosts disagree on what becomes of a raw one, so
 * these three travel as strings, in both directions.
 */

/** A number in a document or message: a finite JSON number, or the name of one that isn't. */
export type WireNumber = number | "nan" | "inf" | "-inf";

/** Numbers by node id. */
export type Numbers = Readonly<Record<string, WireNumber>>;

const NAMED: ReadonlyMap<unknown, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
]);

/** The number as it travels. */
export function encodeNumber(x: number): WireNumber {
  if (Number.isFinite(x)) return x;
  return x > 0 ? "inf" : x < 0 ? "-inf" : "nan";
}

/**
 * The number that arrived, or undefined when it isn't one: a number in a string, a boolean, a raw nan or infinity.
 * The caller knows what the number was for, and says so.
 */
export function decodeNumber(x: unknown): number | undefined {
  return typeof x === "number" && Number.isFinite(x) ? x : NAMED.get(x);
}
