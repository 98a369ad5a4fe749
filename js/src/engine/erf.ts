/**
 * The error function, which JavaScript lacks, to about 1e-15. Up to 2 the series whose terms are all positive, so
 * that nothing cancels (Abramowitz and Stegun 7.1.6); past it the continued fraction of erfc (7.1.14), from the inside.
 */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (!(z > 0)) return x;
  const gauss = Math.exp(-z * z) / Math.sqrt(Math.PI);
  if (z < 2) return 2 * gauss * erfSeries(x);
  let fraction = z;
  for (let k = 40; k > 0; k--) fraction = z + k / 2 / fraction;
  const tail = gauss / fraction;
  return x > 0 ? 1 - tail : tail - 1;
}

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; sum + term !== sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return sum;
}
