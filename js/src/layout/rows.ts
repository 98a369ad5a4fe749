/**
 * Operations of phase 3 on one row: barycentre sweep, sifting, and counts of crossings.
 */

import type { Adjacency, Net } from "./net.ts";
import type { Rows } from "./types.ts";

const AS_WRITTEN = 1 / 8; // weight of the written order, in crossings; a power of two, so that sums are exact

/** Put items with a known place into their known order, on the places that they have together; rank the row. */
export function keepKnown(row: Int32Array, known: Float64Array, rank: Int32Array): void {
  const those = row.filter((item) => !Number.isNaN(known[item]!)).sort((a, b) => known[a]! - known[b]!);
  let next = 0;
  row.forEach((item, i) => {
    if (!Number.isNaN(known[item]!)) row[i] = those[next++]!;
    rank[row[i]!] = i;
  });
}

/** Rank all items in their rows, after putting the known ones into order. */
export function ranked(net: Net, rows: Rows, known: Float64Array): Int32Array {
  const rank = new Int32Array(net.items);
  for (const row of rows) keepKnown(row, known, rank);
  return rank;
}

/**
 * Sort a row by the barycentres of its neighbours on one side. Items without neighbours keep their places.
 *
 * Callers alternate `lastFirst`, the tie-breaking, to escape local minima. `mean` is scratch.
 */
export function sweep(
  { start, ends }: Adjacency,
  row: Int32Array,
  rank: Int32Array,
  known: Float64Array,
  mean: Float64Array,
  lastFirst: boolean,
): void {
  const places: number[] = [];
  const pulled: number[] = [];
  row.forEach((item, i) => {
    const [first, end] = [start[item]!, start[item + 1]!];
    if (first === end) return;
    let sum = 0;
    for (let j = first; j < end; j++) sum += rank[ends[j]!]!;
    mean[item] = sum / (end - first);
    places.push(i);
    pulled.push(item);
  });
  if (lastFirst) pulled.reverse();
  pulled.sort((a, b) => mean[a]! - mean[b]!);
  places.forEach((place, i) => {
    row[place] = pulled[i]!;
  });
  keepKnown(row, known, rank);
}

/**
 * Sift: move each item of a row to the place with the fewest crossings, with ties in the written order. Returns true if
 * any item moved.
 */
export function sift(
  { before, after }: Net,
  row: Int32Array,
  rank: Int32Array,
  known: Float64Array,
  met: Int32Array,
  reach: number,
): boolean {
  let hasMoved = false;
  for (const item of row.slice()) {
    const at = rank[item]!;
    let best = at;
    let bestGain = 0;
    for (const way of [-1, 1]) {
      let gain = 0;
      for (let i = at + way; i >= 0 && i < row.length && Math.abs(i - at) <= reach; i += way) {
        const other = row[i]!;
        if ((known[other]! - known[item]!) * way > 0) break;
        const crossed = swapGain(before, item, other, rank) + swapGain(after, item, other, rank);
        gain += way * (crossed + AS_WRITTEN * Math.sign(met[item]! - met[other]!));
        if (gain <= bestGain) continue;
        bestGain = gain;
        best = i;
      }
    }
    if (best === at) continue;
    hasMoved = true;
    for (const way = Math.sign(best - at); rank[item] !== best; ) {
      const i = rank[item]!;
      row[i] = row[i + way]!;
      rank[row[i]!] = i;
      row[i + way] = item;
      rank[item] = i + way;
    }
  }
  return hasMoved;
}

/** Crossings saved by swapping: those with a before b, minus those with b before a. */
export function swapGain(
  { start, ends, weights }: Adjacency,
  a: number,
  b: number,
  rank: Int32Array,
): number {
  let gain = 0;
  for (let i = start[a]!; i < start[a + 1]!; i++) {
    const place = rank[ends[i]!]!;
    let crossed = 0;
    for (let j = start[b]!; j < start[b + 1]!; j++) {
      const other = rank[ends[j]!]!;
      if (place > other) crossed += weights[j]!;
      else if (place < other) crossed -= weights[j]!;
    }
    gain += crossed * weights[i]!;
  }
  return gain;
}

/** Count all crossings between neighbouring layers as inversions, with a Fenwick tree over the later layer. */
export function crossings(rows: Rows, { start, ends, weights }: Adjacency, rank: Int32Array): number {
  let total = 0;
  rows.slice(1).forEach((later, k) => {
    const tree = new Float64Array(later.length + 1);
    let inTree = 0;
    for (const item of rows[k]!) {
      // Links of one item don't cross each other: count all of them before entering any.
      for (let i = start[item]!; i < start[item + 1]!; i++) {
        let crossed = inTree;
        for (let at = rank[ends[i]!]! + 1; at > 0; at -= at & -at) crossed -= tree[at]!;
        total += crossed * weights[i]!;
      }
      for (let i = start[item]!; i < start[item + 1]!; i++) {
        inTree += weights[i]!;
        for (let at = rank[ends[i]!]! + 1; at < tree.length; at += at & -at) tree[at]! += weights[i]!;
      }
    }
  });
  return total;
}
