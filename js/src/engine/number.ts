/**
 * Numbers on the wire. JSON has no infinities and no nan, and hosts treat raw ones differently, so these three travel as
 * strings.
 */

/** Number in a document or message: a finite JSON number, or the name of another one. */
export type WireNumber = number | "nan" | "inf" | "-inf" | "-0";

/** Numbers by node id. */
export type Numbers = Readonly<Record<string, WireNumber>>;

const NAMED: ReadonlyMap<unknown, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** Encode a number for the wire. */
export function encodeNumber(x: number): WireNumber {
  if (Number.isFinite(x)) return x;
  return x > 0 ? "inf" : x < 0 ? "-inf" : "nan";
}

/** Encode a number for a message: JSON as JavaScript writes it loses the sign of a zero. */
export function encodeMoved(x: number): WireNumber {
  return Object.is(x, -0) ? "-0" : encodeNumber(x);
}

/**
 * Decode a number from the wire. Returns undefined for anything else, such as a number in a string, a boolean, a raw nan
 * or infinity: the caller can name the purpose in its error.
 */
export function decodeNumber(x: unknown): number | undefined {
  return typeof x === "number" && Number.isFinite(x) ? x : NAMED.get(x);
}
