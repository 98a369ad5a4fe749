/** Largest finite magnitude. */
export function largestOf(numbers: Iterable<number | undefined>): number {
  let largest = 0;
  for (const x of numbers) {
    const size = Math.abs(x ?? 0);
    if (size > largest && size < Infinity) largest = size;
  }
  return largest;
}
