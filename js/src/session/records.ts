/**
 * Pass records as they travel between kernel and page: one per backward pass since the last clearing, the oldest first.
 *
 * A live record is a pass that was run at the values that the graph has: it is run again wherever the leaf values are,
 * so its numbers never travel. Any other record says what it added to each leaf, and stays what it is.
 */

import { isId, isObject } from "../engine/found.ts";
import type { Graph } from "../engine/graph.ts";
import { decodeNumber, encodeNumber, type Numbers, type WireNumber } from "../engine/number.ts";

/** A record on the wire; a bare id is a live pass from that node. */
export type WireRecord =
  | number
  | {
      readonly root?: number | null;
      /** Of a root elsewhere. */
      readonly name?: string;
      /** The root's own gradient, 1 by default. */
      readonly gradient?: WireNumber;
      /** True if it is run again at the current values; by default, true unless `added` is there. */
      readonly live?: boolean;
      /** Set by hand, and no pass. */
      readonly hand?: boolean;
      /** Number of passes in one record. */
      readonly count?: number;
      /** Leaves whose part of a live pass was cleared by hand since. */
      readonly cleared?: readonly number[];
      /** By leaf what was added, where that can't be computed again. */
      readonly added?: Numbers;
      /** By leaf the value that it had then. */
      readonly at?: Numbers;
    };

export interface PassRecord {
  /** The record as it came. */
  readonly wire: WireRecord;
  /** Undefined for a root elsewhere, for what was set by hand, and for several passes in one. */
  readonly root: number | undefined;
  readonly name: string;
  readonly gradient: number;
  readonly isLive: boolean;
  readonly isByHand: boolean;
  readonly count: number;
  readonly cleared: ReadonlySet<number>;
  readonly added: ReadonlyMap<number, number>;
  readonly at: ReadonlyMap<number, number>;
}

/** More records than these are told as one row and the latest. */
export const RECORD_LIMIT = 50;

/** Read records; one that says nothing of this graph is left out. */
export function readRecords(wire: unknown, graph: Graph): PassRecord[] {
  return (Array.isArray(wire) ? wire : []).flatMap((one) => readRecord(one, graph) ?? []);
}

function readRecord(wire: unknown, graph: Graph): PassRecord | undefined {
  if (typeof wire === "number") return readRecord({ root: wire }, graph);
  if (!isObject(wire)) return undefined;
  const given = wire as Exclude<WireRecord, number>;
  const { root, name, gradient, hand, count, live, cleared, added, at } = given;
  const isNode = isId(root, graph.size);
  const isLive = live ?? (isNode && added == null);
  if (!isLive && added == null) return undefined;
  return {
    wire: given,
    root: isNode ? root : undefined,
    name: name ?? "",
    gradient: decodeNumber(gradient) ?? 1,
    isLive,
    isByHand: !!hand,
    count: count || 1,
    cleared: new Set(Array.isArray(cleared) ? cleared : []),
    added: numbersByNode(added, graph),
    at: numbersByNode(at, graph),
  };
}

function numbersByNode(wire: Numbers | undefined, graph: Graph): Map<number, number> {
  const entries = Object.entries(Object(wire) as Numbers).flatMap(([key, encoded]) => {
    const x = decodeNumber(encoded);
    const id = Number(key);
    return x !== undefined && isId(id, graph.size) ? [[id, x] as const] : [];
  });
  return new Map(entries);
}

/** A record that stays: a pass that was live, with what it added to each leaf and the value that leaf had. */
export function settledRecord(
  { root, gradient }: PassRecord,
  added: ReadonlyMap<number, number>,
  values: ArrayLike<number>,
): WireRecord {
  const encoded = (pairs: Iterable<readonly [number, number]>) =>
    Object.fromEntries(Array.from(pairs, ([id, x]) => [id, encodeNumber(x)]));
  return {
    root: root!,
    ...(gradient === 1 ? {} : { gradient: encodeNumber(gradient) }),
    added: encoded(added),
    at: encoded(Array.from(added.keys(), (leaf) => [leaf, values[leaf]!])),
  };
}

/** Records with the oldest told as one where there are more than the limit. */
export function limitedRecords(records: readonly WireRecord[]): readonly WireRecord[] {
  const excess = records.length - RECORD_LIMIT;
  if (excess <= 0) return records;
  const added: Record<string, WireNumber> = {};
  let count = 0;
  for (const record of records.slice(0, excess + 1)) {
    if (typeof record === "number") return records; // a live pass: nothing older can be told as one with it
    count += record.hand ? 0 : (record.count ?? 1);
    for (const [leaf, x] of Object.entries(record.added ?? {}))
      added[leaf] = encodeNumber((decodeNumber(added[leaf]) ?? 0) + (decodeNumber(x) ?? 0));
  }
  return [{ root: null, count: Math.max(1, count), added }, ...records.slice(excess + 1)];
}
