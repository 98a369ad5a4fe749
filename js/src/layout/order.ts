/**
 * Phase 3: in which order the items of a layer stand, so that few links cross.
 */

import type { Adjacency, Net } from "./net.ts";

/** Items of each layer, first to last. */
export type Rows = Int32Array[];

/** Orders to begin with: what a walk back from the results meets first, operand by operand; and variations on it. */
export function* starts(net: Net): Generator<Rows> {
  yield walkBack(net, false);
  if (net.items <= 3000) yield walkBack(net, true);
}

function walkBack(net: Net, lastOperandFirst: boolean): Rows {
  const rows: number[][] = Array.from({ length: net.layers }, () => []);
  const seen = new Uint8Array(net.items);
  const stack: number[] = [];
  for (let root = net.cards - 1; root >= 0; root--) {
    if (net.after.start[root] !== net.after.start[root + 1]) continue;
    stack.push(root);
    while (stack.length > 0) {
      const item = stack.pop()!;
      if (seen[item]) continue;
      seen[item] = 1;
      rows[net.layer[item]!]!.push(item);
      const first = net.before.start[item]!;
      const last = net.before.start[item + 1]! - 1;
      for (let i = first; i <= last; i++) {
        const link = net.before.links[lastOperandFirst ? i : first + last - i]!;
        if (!seen[net.from[link]!]) stack.push(net.from[link]!);
      }
    }
  }
  return rows.map((row) => Int32Array.from(row));
}

/** Sweeps to and fro; after each, neighbours change places where that helps; returns the best order met. */
export function* fewestCrossings(net: Net, start: Rows): Generator<void, Rows> {
  const rows = start;
  const rank = ranksOf(net, rows);
  let best = rows.map((row) => row.slice());
  let fewest = crossings(net, rows, rank);
  const work = net.items + net.from.length;
  const rounds = Math.max(4, Math.min(24, Math.floor(600_000 / work)));
  for (let round = 0, stale = 0; round < rounds && stale < 8 && fewest > 0; round++) {
    sweep(net, rows, rank, round);
    yield;
    transpose(net, rows, rank, work < 20_000 ? 8 : 2);
    const count = crossings(net, rows, rank);
    stale++;
    if (count >= fewest) continue;
    fewest = count;
    best = rows.map((row) => row.slice());
    stale = 0;
  }
  return best;
}

export function ranksOf(net: Net, rows: Rows): Int32Array {
  const rank = new Int32Array(net.items);
  for (const row of rows) rerank(row, rank);
  return rank;
}

function rerank(row: Int32Array, rank: Int32Array): void {
  for (let i = 0; i < row.length; i++) rank[row[i]!] = i;
}

/** One pass over the layers: each is sorted by where its neighbours in the layer before (or after) stand. */
function sweep(net: Net, rows: Rows, rank: Int32Array, round: number): void {
  const forward = round % 2 === 0;
  const middle = round % 4 < 2 ? mean : median;
  const key = new Float64Array(net.items);
  for (let i = 1; i < net.layers; i++) {
    const row = rows[forward ? i : net.layers - 1 - i]!;
    const side = forward ? net.before : net.after;
    const far = forward ? net.from : net.to;
    const slots: number[] = [];
    const moving: number[] = [];
    for (let slot = 0; slot < row.length; slot++) {
      const item = row[slot]!;
      if (side.start[item] === side.start[item + 1]) continue; // nothing pulls it: it keeps its slot
      key[item] = middle(side, item, far, rank);
      slots.push(slot);
      moving.push(item);
    }
    // Ties fall alternately either way, or an order that is stuck stays stuck.
    if (round % 8 >= 4) moving.reverse();
    moving.sort((a, b) => key[a]! - key[b]!);
    for (let j = 0; j < moving.length; j++) row[slots[j]!] = moving[j]!;
    rerank(row, rank);
  }
}

function mean(side: Adjacency, item: number, far: Int32Array, rank: Int32Array): number {
  let sum = 0;
  for (let i = side.start[item]!; i < side.start[item + 1]!; i++) sum += rank[far[side.links[i]!]!]!;
  return sum / (side.start[item + 1]! - side.start[item]!);
}

function median(side: Adjacency, item: number, far: Int32Array, rank: Int32Array): number {
  const ranks: number[] = [];
  for (let i = side.start[item]!; i < side.start[item + 1]!; i++) ranks.push(rank[far[side.links[i]!]!]!);
  ranks.sort((a, b) => a - b);
  const half = ranks.length >> 1;
  return ranks.length % 2 === 1 ? ranks[half]! : (ranks[half - 1]! + ranks[half]!) / 2;
}

/** Swaps neighbours in a layer while that removes crossings on both sides together. */
function transpose(net: Net, rows: Rows, rank: Int32Array, passes: number): void {
  const dirty = new Uint8Array(net.layers).fill(1);
  for (let pass = 0; pass < passes; pass++) {
    let swapped = false;
    for (let k = 0; k < net.layers; k++) {
      if (!dirty[k]) continue;
      dirty[k] = 0;
      const row = rows[k]!;
      for (let i = 0; i + 1 < row.length; i++) {
        const a = row[i]!;
        const b = row[i + 1]!;
        if (bothSidesGain(net, a, b, rank) <= 0) continue;
        row[i] = b;
        row[i + 1] = a;
        rank[a] = i + 1;
        rank[b] = i;
        swapped = true;
        for (let near = Math.max(0, k - 1); near <= Math.min(net.layers - 1, k + 1); near++) dirty[near] = 1;
      }
    }
    if (!swapped) return;
  }
}

function bothSidesGain(net: Net, a: number, b: number, rank: Int32Array): number {
  return swapGain(net, net.before, net.from, a, b, rank) + swapGain(net, net.after, net.to, a, b, rank);
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
    const linkA = side.links[i]!;
    const rankA = rank[far[linkA]!]!;
    for (let j = side.start[b]!; j < side.start[b + 1]!; j++) {
      const linkB = side.links[j]!;
      const rankB = rank[far[linkB]!]!;
      if (rankA === rankB) continue;
      const weight = net.crossWeight[linkA]! * net.crossWeight[linkB]!;
      gain += rankA > rankB ? weight : -weight;
    }
  }
  return gain;
}

/** All crossings between neighbouring layers: inversions, summed in a Fenwick tree over the later layer. */
export function crossings(net: Net, rows: Rows, rank: Int32Array): number {
  let total = 0;
  for (let k = 0; k + 1 < net.layers; k++) {
    const size = rows[k + 1]!.length;
    const tree = new Float64Array(size + 1);
    let inTree = 0;
    for (const item of rows[k]!) {
      const first = net.after.start[item]!;
      const last = net.after.start[item + 1]!;
      // Links of one item don't cross each other: count all of them, then enter all of them.
      for (let i = first; i < last; i++) {
        const link = net.after.links[i]!;
        let notAfter = 0;
        for (let at = rank[net.to[link]!]! + 1; at > 0; at -= at & -at) notAfter += tree[at]!;
        total += (inTree - notAfter) * net.crossWeight[link]!;
      }
      for (let i = first; i < last; i++) {
        const link = net.after.links[i]!;
        const weight = net.crossWeight[link]!;
        for (let at = rank[net.to[link]!]! + 1; at <= size; at += at & -at) tree[at]! += weight;
        inTree += weight;
      }
    }
  }
  return total;
}
