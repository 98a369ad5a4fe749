/**
 * What phase 3 does to one row at a time, and what it counts.
 */

import type { Adjacency, Net } from "./net.ts";

const IN_TURN = 1 / 8; // what it is worth to stand in turn, in crossings; its sums are never rounded

/** Items of each layer, first to last. */
export type Rows = Int32Array[];

/** Gives known items the places that they have together in the order that is known; then ranks the row. */
export function keepKnown(row: Int32Array, known: Float64Array, rank: Int32Array): void {
  const those = row.filter((item) => !Number.isNaN(known[item]!)).sort((a, b) => known[a]! - known[b]!);
  let next = 0;
  row.forEach((item, i) => {
    if (!Number.isNaN(known[item]!)) row[i] = those[next++]!;
    rank[row[i]!] = i;
  });
}

/**
 * Sorts a row by where its neighbours on one side stand; what nothing pulls keeps its place. Ties fall either way, or an
 * order that is stuck would stay stuck. Says whether anything moved.
 */
export function sweep(
  { start, ends }: Adjacency,
  row: Int32Array,
  rank: Int32Array,
  known: Float64Array,
  lastFirst: boolean,
): boolean {
  const old = row.slice();
  const mean = new Float64Array(row.length);
  const pulled = Array.from(row.keys()).filter((i) => {
    const [first, end] = [start[row[i]!]!, start[row[i]! + 1]!];
    for (let j = first; j < end; j++) mean[i]! += rank[ends[j]!]!;
    mean[i]! /= end - first;
    return first < end;
  });
  const sorted = lastFirst ? pulled.slice().reverse() : pulled.slice();
  sorted.sort((a, b) => mean[a]! - mean[b]!);
  pulled.forEach((place, i) => {
    row[place] = old[sorted[i]!]!;
  });
  keepKnown(row, known, rank);
  return row.some((item, i) => item !== old[i]);
}

/**
 * Moves each item of a row to where its links and those of the items that it passes cross least, and where that makes no
 * difference to its turn. Says whether any did.
 */
export function sift(
  { before, after }: Net,
  row: Int32Array,
  rank: Int32Array,
  known: Float64Array,
  turn: Int32Array,
  reach: number,
): boolean {
  let hasMoved = false;
  for (const item of row.slice()) {
    const at = rank[item]!;
    let best = at;
    let most = 0;
    for (const way of [-1, 1]) {
      let gain = 0;
      for (let i = at + way; i >= 0 && i < row.length && Math.abs(i - at) <= reach; i += way) {
        const other = row[i]!;
        if ((known[other]! - known[item]!) * way > 0) break;
        const crossed = swapGain(before, item, other, rank) + swapGain(after, item, other, rank);
        gain += way * (crossed + IN_TURN * Math.sign(turn[item]! - turn[other]!));
        if (gain <= most) continue;
        most = gain;
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

/** Crossings between the links of a and of b with a first, less those with b first. */
function swapGain({ start, ends, weights }: Adjacency, a: number, b: number, rank: Int32Array): number {
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

/** All crossings between neighbouring layers: inversions, summed in a Fenwick tree over the later layer. */
export function crossings(rows: Rows, { start, ends, weights }: Adjacency, rank: Int32Array): number {
  let total = 0;
  rows.slice(1).forEach((later, k) => {
    const tree = new Float64Array(later.length + 1);
    let inTree = 0;
    for (const item of rows[k]!) {
      // Links of one item don't cross each other: count all of them, then enter all of them.
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
