/**
 * The passes that a page shows: those that were run, or, where none was run at the values shown, a preview of one from
 * each root. They are computed here; what other passes added is taken from their records.
 */

import type { Graph } from "../engine/graph.ts";
import type { PassRecord } from "./records.ts";

/** A row of a node's ledger. */
export interface LedgerRow {
  /** Undefined for a pass of a preview. */
  readonly record: PassRecord | undefined;
  readonly root: number | undefined;
  /** Undefined where the pass did not come. */
  readonly added: number | undefined;
}

/** A pass at the values shown. */
interface ShownPass {
  readonly root: number;
  readonly record: PassRecord | undefined;
  /** By node what it added. */
  readonly added: Float64Array;
  /** By node 1 where it came. */
  readonly came: Uint8Array;
}

export class Passes {
  readonly #graph: Graph;
  records: readonly PassRecord[] = [];
  #shown: ShownPass[] = [];
  readonly #previewed: readonly number[];

  /** `previewed`: the nodes from which a preview has passes. */
  constructor(graph: Graph, previewed: readonly number[]) {
    this.#graph = graph;
    this.#previewed = previewed;
  }

  /** Not one pass was run at the values shown: what is on the canvas would be. */
  get isPreview(): boolean {
    return !this.records.some(({ isLive }) => isLive);
  }

  /** Some pass has come to a leaf since the last clearing. */
  get haveRun(): boolean {
    return this.records.some(({ isByHand }) => !isByHand);
  }

  /** The roots of the passes shown, in order. */
  get roots(): number[] {
    return this.#shown.map(({ root }) => root);
  }

  /** Compute the passes at the graph's values. */
  run(records: readonly PassRecord[]): void {
    const graph = this.#graph;
    this.records = records;
    const live = records.filter(({ isLive }) => isLive);
    const pass = (root: number, gradient?: number, record?: PassRecord): ShownPass => {
      graph.backward(root, gradient);
      return { root, record, added: graph.passGrads.slice(), came: graph.passReached.slice() };
    };
    graph.zeroGrad();
    this.#shown =
      live.length > 0
        ? live.map((record) => pass(record.root!, record.gradient, record))
        : this.#previewed.map((root) => pass(root));
  }

  /** Contribution of a live pass to each of some leaves. */
  addedBy(record: PassRecord, leaves: readonly number[]): Map<number, number> {
    const pass = this.#shown.find((one) => one.record === record);
    const came = leaves.filter((leaf) => pass?.came[leaf] && !record.cleared.has(leaf));
    return new Map(came.map((leaf) => [leaf, pass!.added[leaf]!]));
  }

  /** Rows of a node's `.grad`, the oldest first; a preview's rows are what it would add. */
  rowsOf(id: number): LedgerRow[] {
    const shown: LedgerRow[] = this.#shown.map(({ record, root, added, came }) => {
      return { record, root, added: came[id] ? added[id] : undefined };
    });
    const rows = this.records.flatMap((record) => {
      const { root, isLive, cleared, added } = record;
      const row = isLive ? shown.shift()! : { record, root, added: added.get(id) };
      return (isLive ? cleared.has(id) : !added.has(id)) ? [] : row;
    });
    return [...rows, ...shown]; // those left are a preview's
  }
}
