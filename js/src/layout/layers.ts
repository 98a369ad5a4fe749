/**
 * Phase 1: layers of cards with short edges, by a network simplex (Gansner, Koutsofios, North and Vo 1993) without its
 * bookkeeping.
 */

import { APART, edgesBy } from "./net.ts";

/** Edge between two cards; one that leads to a lower number is reversed. */
interface Edge {
  from: number;
  to: number;
}

const WORK = 1_500_000; // budget of steps for shorter edges

/** Put each card just before its first consumer, and each result at the end of its longest chain. */
export function latestLayers(cards: number, edges: readonly Edge[]): Int32Array {
  const earliest = new Int32Array(cards);
  const ahead = edges.map(({ from, to }) => (from < to ? { from, to } : { from: to, to: from }));
  const byConsumer = ahead.slice().sort((a, b) => a.to - b.to);
  for (const { from, to } of byConsumer) earliest[to] = Math.max(earliest[to]!, earliest[from]! + 1);
  const latest = earliest.slice();
  const byProducer = ahead.slice().sort((a, b) => b.from - a.from);
  byProducer.forEach(({ from, to }, i) => {
    const first = i === 0 || byProducer[i - 1]!.from !== from;
    latest[from] = first ? latest[to]! - 1 : Math.min(latest[from]!, latest[to]! - 1);
  });
  const first = latest.reduce((least, k) => Math.min(least, k), Infinity);
  return latest.map((k) => k - first);
}

/**
 * Minimise the total number of layers that edges pass.
 *
 * Tight edges hold cards together in trees. A subtree moves in the direction that shortens more of its edges, until
 * another edge becomes tight.
 */
export function* layersOfLeastLength(cards: number, edges: readonly Edge[]): Generator<void, Int32Array> {
  const layer = latestLayers(cards, edges);
  yield;
  const from = Int32Array.from(edges, (edge) => Math.min(edge.from, edge.to));
  const to = Int32Array.from(edges, (edge) => Math.max(edge.from, edge.to));
  const touching: number[][] = Array.from({ length: cards }, () => []);
  const uses = new Int32Array(cards);
  for (const card of from) uses[card]! += 1;
  // Saving if a card and its subtree move one layer back.
  const saves = new Float64Array(cards).fill(1);
  for (let e = 0; e < from.length; e++) {
    touching[from[e]!]!.push(e);
    touching[to[e]!]!.push(e);
    // The last digit is for being early, and breaks ties.
    const weight = Math.round(1000 / uses[from[e]!]! ** 0.25) * (cards + 1);
    saves[from[e]!]! -= weight;
    saves[to[e]!]! += weight;
  }
  const other = (e: number, card: number) => from[e]! + to[e]! - card;
  const slack = (e: number) => layer[to[e]!]! - layer[from[e]!]! - 1;
  const up = new Int32Array(cards).fill(-1); // edge to the parent in the tree; -1 at its root
  const part = new Int32Array(cards); // number of the last search that found a card
  let search = 0;
  /** Cards that `next` reaches, the first one included. */
  const reached = (card: number, next: (e: number, here: number) => boolean): number[] => {
    const found = [card];
    part[card] = ++search;
    for (const here of found) {
      for (const e of touching[here]!) {
        if (!next(e, here) || part[other(e, here)] === search) continue;
        part[other(e, here)] = search;
        found.push(other(e, here));
      }
    }
    return found;
  };
  const above = (card: number, change: number) => {
    for (let here = card; up[here]! >= 0; ) {
      here = other(up[here]!, here);
      saves[here]! += change;
    }
  };

  for (let card = 0; card < cards; card++) {
    if (part[card]) continue;
    const tree = reached(card, (e, here) => {
      const far = other(e, here);
      if (slack(e) > 0 || part[far]) return false;
      up[far] = e;
      return true;
    });
    for (const one of tree.reverse()) if (up[one]! >= 0) saves[other(up[one]!, one)]! += saves[one]!;
  }
  yield;
  let work = 0;
  let rest = 0;
  for (let card = 0, idle = 0; idle < cards && work < WORK; card = (card + 1) % cards, idle++) {
    const gain = saves[card]!;
    const held = up[card]!;
    if (gain === 0 || (held >= 0 && (gain > 0 ? to : from)[held] === card)) continue;
    const moving = reached(card, (e, here) => up[other(e, here)] === e && e !== held);
    let least = -1;
    for (const one of moving) {
      work += touching[one]!.length;
      for (const e of touching[one]!) {
        const blocks = (gain > 0 ? to : from)[e] === one && part[other(e, one)] !== search;
        if (blocks && (least < 0 || slack(e) < slack(least))) least = e;
      }
    }
    if (least < 0) continue; // nothing bounds the move
    idle = 0;
    above(card, -gain);
    const shift = gain > 0 ? -slack(least) : slack(least);
    for (const one of moving) layer[one]! += shift;
    // The subtree hangs from the edge that stopped it now: reverse the path between.
    let hold = least;
    let below = 0;
    for (let one = (gain > 0 ? to : from)[least]!; ; ) {
      const [was, sum] = [up[one]!, saves[one]!];
      up[one] = hold;
      saves[one] = gain - below;
      if (one === card) break;
      below = sum;
      hold = was;
      one = other(was, one);
    }
    above((gain > 0 ? to : from)[least]!, gain);
    if (work - rest > 50_000) {
      rest = work;
      yield;
    }
  }
  const first = layer.reduce((lowest, k) => Math.min(lowest, k), Infinity);
  return layer.map((k) => k - first);
}

/**
 * Keep each layer within a width: of cards that nothing leads to, the first ones move to the layer before it, and so on
 * evenly. Their lines pass by.
 */
export function withinWidth(
  layers: Int32Array,
  edges: readonly Edge[],
  widths: readonly number[],
  gap: number,
  most: number,
): Int32Array {
  const rows = edgesBy(
    layers,
    layers.reduce((count, k) => Math.max(count, k + 1), 0),
  );
  const isLedTo = new Set(edges.map(({ to }) => to));
  const lines = widths.map(() => gap - APART);
  for (const { from } of edges) lines[from]! += APART;
  const extent = (cards: readonly number[], sizes: readonly number[]) =>
    cards.reduce((sum, card) => sum + sizes[card]!, 0);
  for (let k = rows.length - 1; k >= 0; k--) {
    const row = rows[k]!;
    const sources = row.filter((card) => !isLedTo.has(card));
    let kept = sources.length;
    for (let parts = 1; kept > 1; parts++) {
      kept = Math.ceil(sources.length / parts);
      const moved = sources.slice(0, -kept);
      if (extent(row, widths) + extent(moved, lines) - extent(moved, widths) <= most) break;
    }
    const moved = sources.slice(0, sources.length - kept);
    if (moved.length === 0) continue;
    if (k === 0) rows.unshift([]);
    k = Math.max(k, 1);
    rows[k] = row.filter((card) => !moved.includes(card));
    rows[k - 1]!.push(...moved);
  }
  const layer = new Int32Array(layers.length);
  for (const [k, row] of rows.entries()) for (const card of row) layer[card] = k;
  return layer;
}
