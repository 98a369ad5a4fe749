/**
 * Numbers in ascending order that are nearest to wished ones, by the sum of weighted squares: pool adjacent violators
 * (Barlow, Bartholomew, Bremner and Brunk 1972). `sums` are the wishes, each times its weight, and become those numbers;
 * `weights` is written over. What comes after so many of them stays.
 */
export function isotonic(sums: Float64Array, weights: Float64Array, count = sums.length): void {
  // Blocks move as one: the first places of `sums` and `weights` are theirs, in `end` is where each of them ends.
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
