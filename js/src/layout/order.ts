/**
 * Phase 3: in which order the items of a layer stand, so that few links cross.
 */

import type { Adjacency, Net } from "./net.ts";

/** Items of each layer, first to last. */
export type Rows = Int32Array[];

const WORK = 1_000_000; // items and links to look at
const ROUNDS = 100;
const ROUNDS_OF_LARGE = 2; // at least; then items move once per round, by one place
const SLICE = 1000; // items
const STALE = 24; // rounds without a better order
const REACH = 4; // places that an item may move past others at once

/**
 * From the best order so far, sweeps to or fro by the mean place of neighbours, at first through all layers and when that
 * no longer helps from some layer on; then items move past others where that helps. What is no worse is the best
 * order from then on. Items with a known place keep their order among themselves.
 */
export function* fewestCrossings(net: Net, known: Float64Array): Generator<void, Rows> {
  const rows = walkBack(net);
  const rank = new Int32Array(net.items);
  for (const row of rows) keepKnown(row, known, rank);
  let best = rows.map((row) => row.slice());
  let fewest = crossings(net, rows, rank);
  const affordable = WORK / (net.items + net.from.length);
  const isLarge = affordable < ROUNDS_OF_LARGE;
  const rounds = isLarge ? ROUNDS_OF_LARGE : Math.min(ROUNDS, affordable);
  const isTired = countdown();
  for (let round = 0, stale = 0; round < rounds && stale < STALE && fewest > 0; round++, stale++) {
    for (let i = stale > 2 ? 1 + ((round * 7919) % net.layers) : 1; i < net.layers; i++) {
      const row = rows[round % 2 ? net.layers - 1 - i : i]!;
      sweep(net, row, rank, round);
      keepKnown(row, known, rank);
      if (isTired(row)) yield;
    }
    for (let pass = isLarge ? 1 : 2; pass > 0; pass--) {
      for (const row of rows) {
        sift(net, row, rank, known, isLarge ? 1 : REACH);
        if (isTired(row)) yield;
      }
    }
    const count = crossings(net, rows, rank);
    if (count < fewest) stale = -1;
    if (count <= fewest) {
      fewest = count;
      best = rows.map((row) => row.slice());
      continue;
    }
    rows.forEach((row, k) => {
      row.set(best[k]!);
      row.forEach((item, i) => {
        rank[item] = i;
      });
    });
  }
  return best;
}

/** Says when the rows done since it last said so are enough for one slice. */
export function countdown(): (row: Int32Array) => boolean {
  let left = SLICE;
  return (row) => {
    left -= row.length;
    if (left > 0) return false;
    left = SLICE;
    return true;
  };
}

/** What a walk back from the results meets first, operand by operand. */
function walkBack(net: Net): Rows {
  const rows: number[][] = Array.from({ length: net.layers }, () => []);
  const seen = new Uint8Array(net.items);
  const { start, links } = net.before;
  for (let root = net.cards - 1; root >= 0; root--) {
    if (net.after.start[root] !== net.after.start[root + 1]) continue;
    const stack = [root];
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (seen[item]) continue;
      seen[item] = 1;
      rows[net.layer[item]!]!.push(item);
      for (let i = start[item + 1]! - 1; i >= start[item]!; i--) stack.push(net.from[links[i]!]!);
    }
  }
  return rows.map((row) => Int32Array.from(row));
}

/** Gives known items the places that they have together in the order that is known; then ranks the row. */
function keepKnown(row: Int32Array, known: Float64Array, rank: Int32Array): void {
  const those = row.filter((item) => !Number.isNaN(known[item]!)).sort((a, b) => known[a]! - known[b]!);
  let next = 0;
  row.forEach((item, i) => {
    if (!Number.isNaN(known[item]!)) row[i] = those[next++]!;
    rank[row[i]!] = i;
  });
}

/** Sorts a row by where its neighbours in the layer before (or after) stand. */
function sweep(net: Net, row: Int32Array, rank: Int32Array, round: number): void {
  const [side, far] = round % 2 ? [net.after, net.to] : [net.before, net.from];
  const key = (item: number): number => {
    let sum = 0;
    for (let i = side.start[item]!; i < side.start[item + 1]!; i++) sum += rank[far[side.links[i]!]!]!;
    return sum / (side.start[item + 1]! - side.start[item]!);
  };
  // What nothing pulls keeps its place. Ties fall alternately either way, or an order that is stuck stays stuck.
  const pulled = Array.from(row, (item) => ({ item, key: key(item) })).filter(
    (one) => !Number.isNaN(one.key),
  );
  if (round % 4 > 1) pulled.reverse();
  pulled.sort((a, b) => a.key - b.key);
  let next = 0;
  row.forEach((item, i) => {
    if (side.start[item] !== side.start[item + 1]) row[i] = pulled[next++]!.item;
  });
}

/** Moves each item of a row to where its links and those of the items that it passes cross least. */
function sift(net: Net, row: Int32Array, rank: Int32Array, known: Float64Array, reach: number): void {
  for (const item of row.slice()) {
    const at = rank[item]!;
    let best = at;
    let most = 0;
    for (const way of [-1, 1]) {
      let gain = 0;
      for (let i = at + way; i >= 0 && i < row.length && Math.abs(i - at) <= reach; i += way) {
        const other = row[i]!;
        if ((known[other]! - known[item]!) * way > 0) break;
        gain +=
          way *
          (swapGain(net, net.before, net.from, item, other, rank) +
            swapGain(net, net.after, net.to, item, other, rank));
        if (gain <= most) continue;
        most = gain;
        best = i;
      }
    }
    if (best === at) continue;
    for (const way = Math.sign(best - at); rank[item] !== best; ) {
      const i = rank[item]!;
      row[i] = row[i + way]!;
      rank[row[i]!] = i;
      row[i + way] = item;
      rank[item] = i + way;
    }
  }
}

/** Crossings between the links of a and of b with a first, less those with b first. */
function swapGain(
  net: Net,
  side: Adjacency,
  far: Int32Array,
  a: number,
  b: number,
  rank: Int32Array,
): number {
  let gain = 0;
  for (let i = side.start[a]!; i < side.start[a + 1]!; i++) {
    const one = side.links[i]!;
    for (let j = side.start[b]!; j < side.start[b + 1]!; j++) {
      const two = side.links[j]!;
      gain += Math.sign(rank[far[one]!]! - rank[far[two]!]!) * net.weight[one]! * net.weight[two]!;
    }
  }
  return gain;
}

/** All crossings between neighbouring layers: inversions, summed in a Fenwick tree over the later layer. */
export function crossings(net: Net, rows: Rows, rank: Int32Array): number {
  const { start, links } = net.after;
  let total = 0;
  for (let k = 0; k + 1 < net.layers; k++) {
    const tree = new Float64Array(rows[k + 1]!.length + 1);
    let inTree = 0;
    for (const item of rows[k]!) {
      // Links of one item don't cross each other: count all of them, then enter all of them.
      for (let i = start[item]!; i < start[item + 1]!; i++) {
        let crossed = inTree;
        for (let at = rank[net.to[links[i]!]!]! + 1; at > 0; at -= at & -at) crossed -= tree[at]!;
        total += crossed * net.weight[links[i]!]!;
      }
      for (let i = start[item]!; i < start[item + 1]!; i++) {
        const weight = net.weight[links[i]!]!;
        inTree += weight;
        for (let at = rank[net.to[links[i]!]!]! + 1; at < tree.length; at += at & -at) tree[at]! += weight;
      }
    }
  }
  return total;
}
