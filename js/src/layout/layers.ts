/**
 * Phase 1: layers of cards with short edges, by a network simplex (Gansner, Koutsofios, North and Vo 1993) without its
 * bookkeeping.
 */

import { countBy, edgesBy, endsOf } from "./edges.ts";
import { APART } from "./net.ts";
import type { LayoutEdge, LayoutInput } from "./types.ts";

const WORK = 1_500_000; // budget of edges looked at
const SLICE = 50_000; // of them

/** Put each card just before its first consumer, and each result at the end of its longest chain. */
export function latestLayers(cards: number, edges: readonly LayoutEdge[]): Int32Array {
  const [tail, head] = endsOf(edges);
  const layers = new Int32Array(cards);
  // First as early as possible, in the order of computation, then back from the results.
  edgesBy(head, cards).forEach((entering, card) => {
    for (const e of entering) layers[card] = Math.max(layers[card]!, layers[tail[e]!]! + 1);
  });
  const leaving = edgesBy(tail, cards);
  for (let card = cards - 1; card >= 0; card--) {
    const consumers = leaving[card]!.map((e) => layers[head[e]!]!);
    if (consumers.length > 0) layers[card] = consumers.reduce((least, k) => Math.min(least, k)) - 1;
  }
  return fromZero(layers);
}

/**
 * Minimise the total number of layers that edges pass.
 *
 * Tight edges hold cards together in trees. A subtree moves in the direction that shortens more of its edges, until
 * another edge becomes tight.
 */
export function* layersOfLeastLength(
  cards: number,
  edges: readonly LayoutEdge[],
): Generator<void, Int32Array> {
  const layers = latestLayers(cards, edges);
  yield;
  const forest = new Forest(layers, edges);
  yield;
  let rest = 0;
  for (let card = 0, idle = 0; idle < cards && forest.work < WORK; card = (card + 1) % cards, idle++) {
    if (!forest.move(card)) continue;
    idle = 0;
    if (forest.work - rest <= SLICE) continue;
    rest = forest.work;
    yield;
  }
  return fromZero(layers);
}

/** Trees of cards that tight edges hold together: those that are as short as they may be. */
class Forest {
  /** Number of edges that were looked at. */
  work = 0;
  /** Changed in place. */
  readonly #layers: Int32Array;
  readonly #tail: Int32Array;
  readonly #head: Int32Array;
  /** The edges at each card. */
  readonly #touching: number[][];
  /** Saving if a card and its subtree move one layer back. */
  readonly #saves: Float64Array;
  /** Edge to the parent in the tree; -1 at its root. */
  readonly #up: Int32Array;
  /** Number of the last search that found a card. */
  readonly #found: Int32Array;
  #search = 0;

  constructor(layers: Int32Array, edges: readonly LayoutEdge[]) {
    const cards = layers.length;
    this.#layers = layers;
    [this.#tail, this.#head] = endsOf(edges);
    this.#touching = Array.from(layers, () => []);
    edges.forEach(({ from, to }, e) => {
      this.#touching[from]!.push(e);
      this.#touching[to]!.push(e);
    });
    this.#saves = savingsOf(this.#tail, this.#head, cards);
    this.#up = new Int32Array(cards).fill(-1);
    this.#found = new Int32Array(cards);
    for (let card = 0; card < cards; card++) if (!this.#found[card]) this.#grow(card);
  }

  /** Move a subtree as far as that shortens edges; false if it stays. */
  move(card: number): boolean {
    const gain = this.#saves[card]!;
    const held = this.#up[card]!;
    // The ends of edges that the others stop.
    const ends = gain > 0 ? this.#head : this.#tail;
    if (gain === 0 || (held >= 0 && ends[held] === card)) return false;
    const moving = this.#reached(card, (e, far) => this.#up[far] === e && e !== held);
    const stop = this.#tightest(moving, ends);
    if (stop < 0) return false; // nothing bounds the move
    const shift = gain > 0 ? -this.#slack(stop) : this.#slack(stop);
    for (const one of moving) this.#layers[one]! += shift;
    this.#addAbove(card, -gain);
    this.#hang(card, stop, ends[stop]!);
    this.#addAbove(ends[stop]!, gain);
    return true;
  }

  /** Make a tree of all that tight edges hold to a card. */
  #grow(root: number): void {
    const tree = this.#reached(root, (e, far) => {
      if (this.#slack(e) > 0 || this.#found[far]) return false;
      this.#up[far] = e;
      return true;
    });
    for (const card of tree.reverse()) {
      const e = this.#up[card]!;
      if (e >= 0) this.#saves[this.#other(e, card)]! += this.#saves[card]!;
    }
  }

  /** Cards that are reached along the edges that lead on, the first one included. */
  #reached(card: number, leads: (e: number, far: number) => boolean): number[] {
    const cards = [card];
    this.#found[card] = ++this.#search;
    for (const here of cards) {
      for (const e of this.#touching[here]!) {
        const far = this.#other(e, here);
        if (!leads(e, far) || this.#found[far] === this.#search) continue;
        this.#found[far] = this.#search;
        cards.push(far);
      }
    }
    return cards;
  }

  /** Of the edges between what moves and the rest the one with the least slack; -1 if there is none. */
  #tightest(moving: readonly number[], ends: Int32Array): number {
    let least = -1;
    for (const card of moving) {
      this.work += this.#touching[card]!.length;
      for (const e of this.#touching[card]!) {
        const isBetween = ends[e] === card && this.#found[this.#other(e, card)] !== this.#search;
        if (isBetween && (least < 0 || this.#slack(e) < this.#slack(least))) least = e;
      }
    }
    return least;
  }

  /** Hang a subtree from another edge, at another of its cards: the path between the two is reversed. */
  #hang(card: number, edge: number, from: number): void {
    const gain = this.#saves[card]!;
    let [hold, below] = [edge, 0];
    for (let one = from; ; ) {
      const [was, sum] = [this.#up[one]!, this.#saves[one]!];
      this.#up[one] = hold;
      this.#saves[one] = gain - below;
      if (one === card) return;
      [hold, below] = [was, sum];
      one = this.#other(was, one);
    }
  }

  /** Add to the savings of all that a card hangs from. */
  #addAbove(card: number, change: number): void {
    for (let here = card; this.#up[here]! >= 0; ) {
      here = this.#other(this.#up[here]!, here);
      this.#saves[here]! += change;
    }
  }

  /** The card at the other end of an edge. */
  #other(e: number, card: number): number {
    return this.#tail[e]! + this.#head[e]! - card;
  }

  #slack(e: number): number {
    return this.#layers[this.#head[e]!]! - this.#layers[this.#tail[e]!]! - 1;
  }
}

/** Saving by each card one layer back: the edges to it get shorter, those from it longer. */
function savingsOf(tail: Int32Array, head: Int32Array, cards: number): Float64Array {
  const uses = countBy(tail, cards);
  // The last digit is for being early, and breaks ties.
  const saves = new Float64Array(cards).fill(1);
  tail.forEach((card, e) => {
    const weight = Math.round(1000 / uses[card]! ** 0.25) * (cards + 1);
    saves[card]! -= weight;
    saves[head[e]!]! += weight;
  });
  return saves;
}

/** Shift layers so that the first of them is zero. */
function fromZero(layers: Int32Array): Int32Array {
  const first = layers.reduce((least, k) => Math.min(least, k), Infinity);
  return layers.map((k) => k - first);
}

/**
 * Keep each layer within a width: of cards that nothing leads to, the first ones move to the layer before it, and so on
 * evenly. Their lines pass by.
 */
export function withinWidth(
  layers: Int32Array,
  { sizes, edges, nodeGap, maxWidth }: LayoutInput,
): Int32Array {
  const widths = sizes.map(({ width }) => width + nodeGap);
  const rows = edgesBy(
    layers,
    layers.reduce((count, k) => Math.max(count, k + 1), 0),
  );
  const isLedTo = new Set(edges.map(({ to }) => to));
  const lines = widths.map(() => nodeGap - APART);
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
      if (extent(row, widths) + extent(moved, lines) - extent(moved, widths) <= maxWidth) break;
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
