/**
 * Digits of numbers such that what is shown holds as shown: a product of the shown factors is the shown result, to one
 * unit of its last digit. The twin of `spelling.py`.
 *
 * Every number begins as short as it is anywhere. Where a relation does not hold, the part whose rounding matters most
 * gets one more digit, up to four; then the result gives one up; then parts get more than four. A number has one spelling
 * wherever it stands, so that a card, the sentence and the inspector agree.
 */

import { formatInFull, formatValue, signed } from "./format.ts";

/** A result and the parts that it is computed from; `of` computes it from other numbers in their place. */
export interface Relation {
  readonly parts: readonly number[];
  readonly result: number;
  readonly of: (parts: readonly number[]) => number;
  /** Parts may cancel. */
  readonly isSum: boolean;
}

/** Digits on a card, and where nothing else helps. */
const FEW = 4;
const MANY = 8;
/** A result that gives up digits keeps these. */
const FEWEST = 3;
/** A sum that is smaller, relative to what was added, is rounding error. */
const NOTHING = 1e-12;
/** Limit of a difference, in units of the last digit shown: below 1, since the comparison rounds too. */
const WITHIN = 0.99;

/** Relations with more parts than this are not told one by one. */
const MOST_PARTS = 40;
const ROUNDS = 6;

export function productOf(parts: readonly number[], result: number): Relation {
  return { parts, result, isSum: false, of: (xs) => xs.reduce((product, x) => product * x, 1) };
}

export function sum(parts: readonly number[]): number {
  return parts.reduce((total, x) => total + x, 0);
}

export function sumOf(parts: readonly number[], result: number): Relation {
  return { parts, result, isSum: true, of: sum };
}

/** A size as it is written. */
interface Written {
  readonly text: string;
  /** The number that a reader sees. */
  readonly read: number;
  readonly digits: number;
  readonly unit: number;
}

/** Writes numbers, each with the digits that it has wherever it stands. */
export interface Spelling {
  /** Write a number; its sign is a minus or nothing. */
  write(x: number): string;
  /** Write a gradient, always with its sign; zero has none. */
  gradient(x: number): string;
  /** Write a factor: 1 is 1, and not 1.00, so that the others are seen. */
  factor(x: number): string;
}

/** Find the digits with which some relations hold. */
export function spellingOf(relations: readonly Relation[]): Spelling {
  const bySize = new Map<number, Written>();
  const lowered = new Set<number>();

  const of = (x: number): Written => {
    const size = Math.abs(x);
    const known = bySize.get(size);
    if (known) return known;
    const full = writtenAs(formatInFull(size));
    const written = full.digits > FEW ? writtenAs(formatValue(size)) : full;
    bySize.set(size, written);
    return written;
  };

  const readAs = (x: number) => Math.sign(x) * of(x).read;

  const lengthen = (x: number, more: number) => {
    const size = Math.abs(x);
    const digits = Math.max(of(x).digits + more, 2);
    const text = size < 1e-3 ? size.toExponential(digits - 1) : size.toPrecision(digits);
    bySize.set(size, { ...writtenAs(text), digits });
  };

  /** Have a relation hold; false if that took other digits. */
  const holds = (relation: Relation): boolean => {
    const { parts, result } = relation;
    for (let held = true; ; held = false) {
      const seen = parts.map(readAs);
      const computed = relation.of(seen);
      const { read, digits, unit } = of(result);
      if (Math.abs(computed - Math.sign(result) * read) <= WITHIN * unit) return held;
      const matters = parts.map((x, i) =>
        Math.abs(relation.of(seen.map((y, k) => (k === i ? x : y))) - computed),
      );
      const longer = (most: number) => {
        const able = parts.map((x, i) => (of(x).digits < most ? matters[i]! : 0));
        const largest = Math.max(...able);
        if (largest > 0) lengthen(parts[able.indexOf(largest)]!, 1);
        return largest > 0;
      };
      if (longer(FEW)) continue;
      const size = Math.abs(result);
      // A number of all its whole digits would read as an exact one.
      if (digits > FEWEST && !lowered.has(size) && size < 10 ** (digits - 2)) {
        lowered.add(size);
        lengthen(size, -1);
      } else if (!longer(MANY)) return true; // doubles have no more
    }
  };

  const told = relations.filter(
    ({ parts, result }) =>
      parts.length > 0 && parts.length <= MOST_PARTS && [result, ...parts].every(Number.isFinite),
  );
  for (const { parts, result, isSum } of told) {
    const size = Math.abs(result);
    if (isSum && size < NOTHING * Math.max(...parts.map(Math.abs)))
      bySize.set(size, { text: "0", read: 0, digits: MANY, unit: 1 });
  }
  // A number that gets longer may be another's result: a few rounds settle that.
  for (let round = 0, held = false; round < ROUNDS && !held; round++) held = told.map(holds).every(Boolean);

  const write = (x: number) => {
    const { text, read } = of(x);
    return signed(x < 0 && read !== 0 ? `-${text}` : text);
  };
  return {
    write,
    gradient(x) {
      const text = write(x);
      return x === 0 || text === "0" ? "0" : x > 0 ? `+${text}` : text;
    },
    factor: (x) => (Number.isInteger(x) && Math.abs(x) < 1000 ? signed(String(x)) : write(x)),
  };
}

function writtenAs(text: string): Written {
  const [mantissa, exponent = "0"] = text.replace("−", "-").split("e");
  const decimals = mantissa!.split(".")[1]?.length ?? 0;
  return {
    text,
    read: Number(`${mantissa}e${exponent}`),
    digits: mantissa!.replace(".", "").replace(/^0+/, "").length,
    unit: 10 ** (Number(exponent) - decimals),
  };
}
