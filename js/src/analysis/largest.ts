/** The largest size among numbers, of those that are finite. */
export function largestOf(numbers: Iterable<number | undefined>): number {
  let most = 0;
  for (const x of numbers) {
    const size = Math.abs(x ?? 0);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}
