/** Number formats of the page. The full number is always in the element's title (`exact`). */

import { encodeMoved } from "../engine/number.ts";

const MINUS = "\u2212";
/** Length from which a number gets an exponent. */
const LONGEST = 8;

/** Format a value with two decimals, rounded like Python's `.2f`; small ones as 0.0059, tiny and huge ones as 1.2e−7. */
export function formatValue(x: number): string {
  return signed(unsigned(x));
}

/** Replace hyphens with minus signs, and drop the plus of an exponent. */
export function signed(text: string): string {
  return text.replace("e+", "e").replaceAll("-", MINUS);
}

/** Format a value in an equation, which has to hold as written: decimals of three or four places in full. */
export function formatInFull(x: number): string {
  const short = Number(x.toFixed(4));
  const isDecimal = Math.abs(x) < 1000 && Math.abs(x - short) <= 1e-12 * Math.abs(x);
  return isDecimal && short !== Number(x.toFixed(2)) ? signed(String(short)) : formatValue(x);
}

/** Format a number round-trip exact, as a program reads it. */
export function exact(x: number): string {
  return String(encodeMoved(x));
}

/** Format a number that a person entered, such as a constant or a bound: short, integers in full. */
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
  if (size !== 0 && size < 0.01) return String(Number(x.toPrecision(2)));
  // An odd multiple of 1/8 is a tie between two hundredths: toFixed rounds it up, and Python to the even one.
  const isTie = Math.abs((x * 8) % 2) === 1;
  return (isTie ? Math.round(x * 50) / 50 : x).toFixed(2);
}
