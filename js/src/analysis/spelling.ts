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
  const digits = new Digits();
  const told = relations.filter(isTold);
  for (const relation of told) digits.dropRounding(relation);
  // A number that gets longer may be another's result: a few rounds settle that.
  for (let round = 0, held = false; round < ROUNDS && !held; round++)
    held = told.map((relation) => digits.settle(relation)).every(Boolean);
  return digits;
}

function isTold({ parts, result }: Relation): boolean {
  return parts.length > 0 && parts.length <= MOST_PARTS && [result, ...parts].every(Number.isFinite);
}

/** The digits that numbers have now. */
class Digits implements Spelling {
  readonly #bySize = new Map<number, Written>();
  /** Results that have given up a digit. */
  readonly #lowered = new Set<number>();

  write(x: number): string {
    const { text, read } = this.#of(x);
    return signed(x < 0 && read !== 0 ? `-${text}` : text);
  }

  gradient(x: number): string {
    const text = this.write(x);
    return x === 0 || text === "0" ? "0" : x > 0 ? `+${text}` : text;
  }

  factor(x: number): string {
    return Number.isInteger(x) && Math.abs(x) < 1000 ? signed(String(x)) : this.write(x);
  }

  /** Write a sum as 0 that is but the rounding error of its parts. */
  dropRounding({ parts, result, isSum }: Relation): void {
    const size = Math.abs(result);
    if (isSum && size < NOTHING * Math.max(...parts.map(Math.abs)))
      this.#bySize.set(size, { text: "0", read: 0, digits: MANY, unit: 1 });
  }

  /** Have a relation hold; false if that took other digits. */
  settle(relation: Relation): boolean {
    for (let held = true; ; held = false) {
      const matters = this.#matters(relation);
      if (!matters) return held;
      const { parts, result } = relation;
      if (
        !this.#lengthenOne(parts, matters, FEW) &&
        !this.#shorten(result) &&
        !this.#lengthenOne(parts, matters, MANY)
      )
        return true; // doubles have no more
    }
  }

  /** By part how much its rounding changes the result; undefined if the relation holds as it is written. */
  #matters({ parts, result, of }: Relation): number[] | undefined {
    const seen = parts.map((x) => this.#read(x));
    const computed = of(seen);
    if (Math.abs(computed - this.#read(result)) <= WITHIN * this.#of(result).unit) return undefined;
    return parts.map((x, i) => Math.abs(of(seen.map((y, k) => (k === i ? x : y))) - computed));
  }

  /** Give the part whose rounding matters most another digit; false if all have so many. */
  #lengthenOne(parts: readonly number[], matters: readonly number[], most: number): boolean {
    const able = parts.map((x, i) => (this.#of(x).digits < most ? matters[i]! : 0));
    const largest = Math.max(...able);
    if (largest > 0) this.#lengthen(parts[able.indexOf(largest)]!, 1);
    return largest > 0;
  }

  /** Have a result give up a digit, once; false if it can't. */
  #shorten(result: number): boolean {
    const size = Math.abs(result);
    const { digits } = this.#of(size);
    // A number of all its whole digits would read as an exact one.
    const isAble = digits > FEWEST && !this.#lowered.has(size) && size < 10 ** (digits - 2);
    if (isAble) {
      this.#lowered.add(size);
      this.#lengthen(size, -1);
    }
    return isAble;
  }

  #lengthen(x: number, more: number): void {
    const size = Math.abs(x);
    const digits = Math.max(this.#of(x).digits + more, 2);
    const text = size < 1e-3 ? size.toExponential(digits - 1) : size.toPrecision(digits);
    this.#bySize.set(size, { ...writtenAs(text), digits });
  }

  #of(x: number): Written {
    const size = Math.abs(x);
    const known = this.#bySize.get(size);
    if (known) return known;
    const full = writtenAs(formatInFull(size));
    const written = full.digits > FEW ? writtenAs(formatValue(size)) : full;
    this.#bySize.set(size, written);
    return written;
  }

  /** The number that a reader sees. */
  #read(x: number): number {
    return Math.sign(x) * this.#of(x).read;
  }
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
