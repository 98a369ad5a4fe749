/** What a slider covers: given by the user, or chosen from the value. `ranges.py` chooses the same. */

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** How many steps a chosen range has: a slider of 130 pixels can't show more. */
const STEPS = 400;

/**
 * A range symmetric about 0 with a round bound (1, 2 or 5 times a power of ten) of 1.5 times the value or more.
 * Values from 0.05 to 1.33 get [-2, 2], so that the sliders of a small network can be compared by eye.
 */
export function chosenRange(value: number): Range {
  const size = Math.abs(value);
  const usual = !Number.isFinite(size) || size === 0 || (size >= 0.05 && size <= 2 / 1.5);
  const bound = usual ? 2 : roundUp(1.5 * size);
  return { low: -bound, high: bound, step: (2 * bound) / STEPS };
}

/** A range that holds the value: the same one where it does already. */
export function widened(range: Range, value: number): Range {
  if (!Number.isFinite(value) || (value >= range.low && value <= range.high)) return range;
  const { high } = chosenRange(value);
  return { low: Math.min(range.low, -high), high: Math.max(range.high, high), step: range.step };
}

function roundUp(x: number): number {
  const exponent = Math.floor(Math.log10(x));
  // Division by a power of ten above 1 is exact where multiplication by one below 1 is not.
  const scale = 10 ** Math.abs(exponent);
  for (const digit of [1, 2, 5, 10]) {
    const bound = exponent >= 0 ? digit * scale : digit / scale;
    if (bound >= x) return bound;
  }
  return x;
}
