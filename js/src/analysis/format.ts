/** How numbers are written on the page. The full number is always in the element's title (`exact`). */

import { encodeNumber } from "../engine/number.ts";

const MINUS = "\u2212";
/** What is longer is written with an exponent. */
const LONGEST = 8;
const LONGEST_ON_EDGE = 6;

/** A value: two decimals, rounded as Python's `.2f` rounds; tiny and huge ones as 1.2e−7. */
export function formatValue(x: number): string {
  return signed(unsigned(x));
}

/** A number's text with real minus signs, and no plus in its exponent. */
export function signed(text: string): string {
  return text.replace("e+", "e").replaceAll("-", MINUS);
}

/** A value in an account, where the arithmetic is to close: a decimal of three or four places is written in full. */
export function formatInFull(x: number): string {
  const short = Number(x.toFixed(4));
  const isDecimal = Math.abs(x) < 1000 && Math.abs(x - short) <= 1e-12 * Math.abs(x);
  return isDecimal && short !== Number(x.toFixed(2)) ? signed(String(short)) : formatValue(x);
}

/** A gradient: the same, always with its sign; zero has none. */
export function formatGradient(x: number, write = formatValue): string {
  if (x === 0) return "0";
  return x > 0 ? `+${write(x)}` : write(x);
}

/** The same for the small place on an edge: with fewer digits where two decimals would not fit. */
export function formatOnEdge(x: number): string {
  const text = formatGradient(x);
  if (text.length <= LONGEST_ON_EDGE) return text;
  const isPlain = Math.abs(x) >= 1 && Math.abs(x) < 99_999.5;
  return (x > 0 ? "+" : "") + signed(isPlain ? x.toFixed(0) : x.toExponential(0));
}

/** The whole number, as a program would read it. */
export function exact(x: number): string {
  return Object.is(x, -0) ? "-0" : String(encodeNumber(x));
}

/** A number that a person wrote into a formula or set as a bound: as short as it is, integers in full. */
export function formatShort(x: number): string {
  if (!Number.isFinite(x)) return signed(exact(x));
  const rounded = Number.isInteger(x) && Math.abs(x) < 1e6 ? x : Number(x.toPrecision(4));
  const text = String(rounded);
  return signed(text.length > LONGEST ? rounded.toExponential() : text);
}

function unsigned(x: number): string {
  const size = Math.abs(x);
  if (!Number.isFinite(x)) return exact(x);
  if (size !== 0 && (size < 0.005 || size >= 99_999.995)) return x.toExponential(1);
  return isTie(x) ? evenHundredth(x) : x.toFixed(2);
}

/** Halfway between two hundredths, exactly: of all doubles only odd multiples of 1/8 are. toFixed rounds them up. */
function isTie(x: number): boolean {
  return Math.abs((x * 8) % 2) === 1;
}

function evenHundredth(x: number): string {
  const down = Math.floor(x * 100);
  return ((down % 2 === 0 ? down : down + 1) / 100).toFixed(2);
}
