/** Range of a slider: given by the user, or chosen from the value. `ranges.py` chooses the same. */

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Steps of a chosen range: a slider of 130 pixels can't show more. */
export const STEPS = 400;

/** Beyond these, where 0 and infinity are too, powers of ten leave the range of doubles. */
const SMALLEST = 1e-300;
const LARGEST = 1e300;

/**
 * A range symmetric about 0 with a round bound (1, 2 or 5 times a power of ten) of 1.5 times the value or more.
 * Values from 0.05 to 1.33 get [-2, 2], so that the sliders of a small network can be compared by eye.
 */
export function chosenRange(value: number): Range {
  const size = Math.abs(value);
  const usual = (size >= 0.05 && size <= 2 / 1.5) || !(size >= SMALLEST && size <= LARGEST);
  const bound = usual ? 2 : roundUp(1.5 * size);
  return { low: -bound, high: bound, step: (2 * bound) / STEPS };
}

/** A range that holds the value: the same one where it does already. One about 0 stays so; else one end moves. */
export function widened(range: Range, value: number): Range {
  if (!Number.isFinite(value) || (value >= range.low && value <= range.high)) return range;
  const { high } = chosenRange(value);
  const both = range.low === -range.high;
  return {
    low: both || value < range.low ? Math.min(range.low, -high) : range.low,
    high: both || value > range.high ? Math.max(range.high, high) : range.high,
    step: range.step,
  };
}

function roundUp(x: number): number {
  const exponent = Math.floor(Math.log10(x));
  // Read as decimals, since 0.2 is not 2 times 0.1 everywhere.
  const bounds = [1, 2, 5, 10].map((digit) => Number(`${digit}e${exponent}`));
  return bounds.find((bound) => bound >= x) ?? x;
}
