/**
 * Phase 1: in which layer each card stands. First as late as possible; then, while the graph is small enough, the
 * network simplex of Gansner, Koutsofios, North and Vo (1993) makes the sum of all edges' spans as small as it can be.
 */

import type { LayoutEdge } from "../layout.ts";

const SIMPLEX_CARDS = 1500;

/** Layerings worth drawing: every card as late as possible and, if that is another, the one with the shortest spans. */
export function layerings(cards: number, edges: LayoutEdge[]): Int32Array[] {
  const late = latestLayers(cards, edges);
  if (cards > SIMPLEX_CARDS) return [fromZero(late)];
  const short = late.slice();
  shortenSpans(cards, edges, short);
  const spans = (layer: Int32Array) =>
    edges.reduce((sum, { from, to }) => sum + layer[to]! - layer[from]!, 0);
  return spans(short) < spans(late) ? [fromZero(short), fromZero(late)] : [fromZero(late)];
}

function fromZero(layer: Int32Array): Int32Array {
  const first = layer.reduce((least, k) => Math.min(least, k), Infinity);
  return layer.map((k) => k - first);
}

/** A card goes just before its first consumer; a result goes where its longest chain ends. */
function latestLayers(cards: number, edges: LayoutEdge[]): Int32Array {
  const earliest = new Int32Array(cards);
  const byConsumer = edges.slice().sort((a, b) => a.to - b.to);
  for (const { from, to } of byConsumer) earliest[to] = Math.max(earliest[to]!, earliest[from]! + 1);
  const latest = earliest.slice();
  const byProducer = edges.slice().sort((a, b) => b.from - a.from);
  byProducer.forEach(({ from, to }, i) => {
    const first = i === 0 || byProducer[i - 1]!.from !== from;
    latest[from] = first ? latest[to]! - 1 : Math.min(latest[from]!, latest[to]! - 1);
  });
  return latest;
}

/**
 * Network simplex. A spanning tree of tight edges (span 1) says which cards move together. Cutting a tree edge leaves
 * a subtree; what moving it by a layer would gain is its outgoing edges less its incoming ones, whatever the layers
 * are. While some subtree gains, it moves until another edge is tight, and that one takes the cut edge's place.
 */
function shortenSpans(cards: number, edges: LayoutEdge[], layer: Int32Array): void {
  const tree = new TightTree(cards, edges, layer);
  for (let budget = 4 * cards; budget > 0 && tree.improve(); budget--);
}

class TightTree {
  readonly #edges: LayoutEdge[];
  readonly #layer: Int32Array;
  readonly #inTree: Uint8Array;
  readonly #incident: { start: Int32Array; edges: Int32Array };
  /** Cards, parents before children. */
  readonly #order: Int32Array;
  /** The tree edge to each card's parent, -1 at a root. */
  readonly #up: Int32Array;
  /** Outgoing less incoming edges, of each card and of its subtree. */
  readonly #balance: Int32Array;
  readonly #gain: Int32Array;
  readonly #inside: Uint8Array;

  constructor(cards: number, edges: LayoutEdge[], layer: Int32Array) {
    this.#edges = edges;
    this.#layer = layer;
    this.#inTree = new Uint8Array(edges.length);
    this.#incident = incidence(cards, edges);
    this.#order = new Int32Array(cards);
    this.#up = new Int32Array(cards);
    this.#balance = new Int32Array(cards);
    this.#gain = new Int32Array(cards);
    this.#inside = new Uint8Array(cards);
    for (const { from, to } of edges) {
      this.#balance[from]! += 1;
      this.#balance[to]! -= 1;
    }
    this.#grow();
    this.#root();
  }

  #slack(e: number): number {
    return this.#layer[this.#edges[e]!.to]! - this.#layer[this.#edges[e]!.from]! - 1;
  }

  /** Grows a tree in each component; where no edge at its rim is tight, all of it moves until one is. */
  #grow(): void {
    const { start, edges } = this.#incident;
    const cards = this.#layer.length;
    const reached = this.#inside.fill(0);
    for (let root = 0; root < cards; root++) {
      if (reached[root]) continue;
      const members = [root];
      reached[root] = 1;
      for (let next = 0; ; ) {
        for (; next < members.length; next++) {
          const card = members[next]!;
          for (let i = start[card]!; i < start[card + 1]!; i++) {
            const e = edges[i]!;
            const other = this.#edges[e]!.from === card ? this.#edges[e]!.to : this.#edges[e]!.from;
            if (reached[other] || this.#slack(e) > 0) continue;
            reached[other] = 1;
            this.#inTree[e] = 1;
            members.push(other);
          }
        }
        let nearest = -1;
        for (const card of members) {
          for (let i = start[card]!; i < start[card + 1]!; i++) {
            const e = edges[i]!;
            const { from, to } = this.#edges[e]!;
            if (reached[from] && reached[to]) continue;
            if (nearest < 0 || this.#slack(e) < this.#slack(nearest)) nearest = e;
          }
        }
        if (nearest < 0) break;
        const by = reached[this.#edges[nearest]!.from] ? this.#slack(nearest) : -this.#slack(nearest);
        for (const card of members) this.#layer[card]! += by;
        next = 0;
      }
    }
  }

  /** Walks the tree from its roots: order, parents, and what each subtree would gain by moving. */
  #root(): void {
    const { start, edges } = this.#incident;
    const seen = this.#inside.fill(0);
    let count = 0;
    for (let root = 0; root < seen.length; root++) {
      if (seen[root]) continue;
      seen[root] = 1;
      this.#up[root] = -1;
      this.#order[count] = root;
      for (let next = count++; next < count; next++) {
        const card = this.#order[next]!;
        for (let i = start[card]!; i < start[card + 1]!; i++) {
          const e = edges[i]!;
          if (!this.#inTree[e]) continue;
          const other = this.#other(e, card);
          if (seen[other]) continue;
          seen[other] = 1;
          this.#up[other] = e;
          this.#order[count++] = other;
        }
      }
    }
    this.#gain.set(this.#balance);
    for (let i = count - 1; i >= 0; i--) {
      const card = this.#order[i]!;
      const e = this.#up[card]!;
      if (e >= 0) this.#gain[this.#other(e, card)]! += this.#gain[card]!;
    }
  }

  #other(e: number, card: number): number {
    const { from, to } = this.#edges[e]!;
    return from === card ? to : from;
  }

  /** Moves the subtree that gains most; false if none gains. */
  improve(): boolean {
    let best = -1;
    let most = 0;
    for (let card = 0; card < this.#up.length; card++) {
      const e = this.#up[card]!;
      if (e < 0) continue;
      // Away from its tree edge only: later if that comes in, earlier if it goes out.
      const gain = this.#edges[e]!.to === card ? this.#gain[card]! : -this.#gain[card]!;
      if (gain <= most) continue;
      most = gain;
      best = card;
    }
    if (best < 0) return false;
    const cut = this.#up[best]!;
    const later = this.#edges[cut]!.to === best;
    this.#markSubtree(best);
    const inside = this.#inside;
    let entering = -1;
    for (let e = 0; e < this.#edges.length; e++) {
      const { from, to } = this.#edges[e]!;
      if (inside[from] === inside[to] || (inside[from] === 1) !== later) continue;
      if (entering < 0 || this.#slack(e) < this.#slack(entering)) entering = e;
    }
    if (entering < 0) return false;
    const by = later ? this.#slack(entering) : -this.#slack(entering);
    for (let card = 0; card < inside.length; card++) if (inside[card]) this.#layer[card]! += by;
    this.#inTree[cut] = 0;
    this.#inTree[entering] = 1;
    this.#root();
    return true;
  }

  #markSubtree(top: number): void {
    this.#inside.fill(0);
    this.#inside[top] = 1;
    for (const card of this.#order) {
      const e = this.#up[card]!;
      if (e >= 0 && this.#inside[this.#other(e, card)]) this.#inside[card] = 1;
    }
  }
}

function incidence(cards: number, edges: LayoutEdge[]): { start: Int32Array; edges: Int32Array } {
  const start = new Int32Array(cards + 1);
  for (const { from, to } of edges) {
    start[from + 1]! += 1;
    start[to + 1]! += 1;
  }
  for (let card = 0; card < cards; card++) start[card + 1]! += start[card]!;
  const list = new Int32Array(2 * edges.length);
  const next = start.slice();
  edges.forEach(({ from, to }, e) => {
    list[next[from]!++] = e;
    list[next[to]!++] = e;
  });
  return { start, edges: list };
}
