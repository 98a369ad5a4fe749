/**
 * Compute the error function, which JavaScript lacks, to about 1e-15.
 *
 * Up to 2 a series of positive terms avoids cancellation (Abramowitz and Stegun 7.1.6). Beyond 2 the continued fraction
 * of erfc (7.1.14) is evaluated from the inside.
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) < 2) return erfSeries(x);
  return x > 0 ? 1 - erfcTail(x) : erfcTail(-x) - 1;
}

/** 1 - erf, accurate where that is small. */
export function erfc(x: number): number {
  return x >= 2 ? erfcTail(x) : 1 - erf(x);
}

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; sum + term !== sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return gauss(x) * sum;
}

function erfcTail(x: number): number {
  let fraction = x;
  for (let k = 40; k > 0; k--) fraction = x + k / 2 / fraction;
  return gauss(x) / 2 / fraction;
}

/** Derivative of erf. */
export function gauss(x: number): number {
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
}
