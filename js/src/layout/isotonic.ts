/**
 * Weighted isotonic regression: the ascending numbers nearest to the wished ones, by pooling adjacent violators (Barlow,
 * Bartholomew, Bremner and Brunk 1972).
 *
 * `sums` holds the wishes times their weights, and is overwritten with the result. `weights` is scratch. Entries from
 * `count` on stay as they are.
 */
export function isotonic(sums: Float64Array, weights: Float64Array, count = sums.length): void {
  // Blocks move as one: they are stored at the front of `sums` and `weights`, with their ends in `end`.
  const end: number[] = [];
  for (let i = 0; i < count; i++) {
    let [sum, weight] = [sums[i]!, weights[i]!];
    for (let b = end.length - 1; b >= 0 && sums[b]! / weights[b]! >= sum / weight; b--) {
      sum += sums[b]!;
      weight += weights[b]!;
      end.pop();
    }
    sums[end.length] = sum;
    weights[end.length] = weight;
    end.push(i + 1);
  }
  for (let b = end.length - 1; b >= 0; b--) sums.fill(sums[b]! / weights[b]!, end[b - 1] ?? 0, end[b]);
}
