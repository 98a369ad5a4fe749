/**
 * The groups of a graph: those of its document, and where a level has too many parts, automatic ones. Pure, and linear in
 * the number of nodes.
 *
 * Automatic groups follow what repeats: a place between two parts is told by what ends there (the op, those of its
 * operands and theirs, and what uses it), and the places that look alike cut a level into its repetitions: the steps of a
 * recurrence, the samples of a loss, the neurons of a layer. Of all kinds of places that cut evenly, the one is taken that
 * the fewest values cross, counting less those that are on their way for long and cross many. Where nothing repeats, cuts
 * are made at about even distances, again where little crosses.
 *
 * Leaves and constants are in the innermost group that has all their uses, so a parameter folds with the one neuron that
 * it belongs to, and one that all samples share stays outside of them.
 */

import { isSource } from "./document.ts";
import type { Graph } from "./graph.ts";
import type { Group } from "./picture.ts";

/** A level with more parts than this is divided further. */
const MOST_PARTS = 48;
/** Graphs from this size on get automatic groups. */
const AUTOMATIC_FROM = 300;
/** How many items a picture may have that opens by itself. */
const MOST_ITEMS = 40;
/** What is before and after the repetitions may not be more of a level than this. */
const LARGEST_REST = 0.6;
/** Fewer repetitions may be chance. */
const LEAST_REPEATED = 4;
/** How much longer than their average a repetition may be. */
const LARGEST_EXCESS = 1.5;
/** Less is not worth a card. */
const LEAST_PIECE = 3;

/** A group while the tree grows; `parent` is -1 at the top. */
interface Draft {
  readonly label: string;
  parent: number;
}

/** Something in a level: a node, or a group of the draft. */
interface Part {
  /** -1: its last node itself. */
  readonly group: number;
  readonly last: number;
  /** How many nodes it has. */
  readonly weight: number;
}

/** The places in a level that look alike. */
interface Places {
  count: number;
  /** The weight up to the first of them, and up to the last. */
  first: number;
  last: number;
  /** The largest weight between two of them. */
  largest: number;
  /** What crosses them, all added up. */
  crossing: number;
}

/** All groups, each after the one that it is in. */
export function groupsOf(graph: Graph, given: unknown): Group[] {
  const innermost = new Int32Array(graph.size).fill(-1);
  const drafts = readGroups(given, innermost);
  const divider = graph.size < AUTOMATIC_FROM ? undefined : new Divider(graph, drafts, innermost);
  divider?.divideOperations();
  adopt(graph, drafts, innermost);
  divider?.divideSources();
  return finished(drafts, innermost);
}

/** The optional `groups` of a document, `[[name, parent, [first, last, …]], …]`: where one makes no sense, there are none. */
function readGroups(given: unknown, innermost: Int32Array): Draft[] {
  const drafts: Draft[] = [];
  for (const entry of Array.isArray(given) ? given : []) {
    const [label, parent, runs] = Array.isArray(entry) && entry.length === 3 ? entry : [];
    if (typeof label !== "string" || !isRuns(runs, innermost.length) || !holds(innermost, runs, parent)) {
      innermost.fill(-1);
      return [];
    }
    for (let i = 0; i < runs.length; i += 2) innermost.fill(drafts.length, runs[i]!, runs[i + 1]! + 1);
    drafts.push({ label, parent });
  }
  return drafts;
}

function isRuns(runs: unknown, size: number): runs is number[] {
  if (!Array.isArray(runs) || runs.length === 0 || runs.length % 2 === 1) return false;
  return runs.every((id, i) => {
    const rises = i === 0 ? id >= 0 : i % 2 === 1 ? id >= runs[i - 1] : id > runs[i - 1];
    return Number.isInteger(id) && rises && id < size;
  });
}

/** Whether all nodes of the runs are in the parent so far, and in no group within it. */
function holds(innermost: Int32Array, runs: readonly number[], parent: unknown): parent is number {
  for (let i = 0; i < runs.length; i += 2) {
    for (let id = runs[i]!; id <= runs[i + 1]!; id++) if (innermost[id] !== parent) return false;
  }
  return true;
}

/** Put leaves and constants into the innermost group that has all their uses, if their own has that. */
function adopt(
  { size, ops, offsets, operands }: Graph,
  drafts: readonly Draft[],
  innermost: Int32Array,
): void {
  const depth = depthsOf(drafts);
  const common = new Int32Array(size).fill(-2); // of all uses; -2: none yet
  for (let id = 0; id < size; id++) {
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) {
      const operand = operands[slot]!;
      if (offsets[operand] !== offsets[operand + 1]) continue;
      const so = common[operand]!;
      common[operand] = so === -2 ? innermost[id]! : commonOf(drafts, depth, so, innermost[id]!);
    }
  }
  for (let id = 0; id < size; id++) {
    const found = common[id]!;
    if (isSource(ops[id]!) && found >= 0 && commonOf(drafts, depth, found, innermost[id]!) === innermost[id])
      innermost[id] = found;
  }
}

function depthsOf(drafts: readonly Draft[]): number[] {
  return drafts.map((_, group) => {
    let depth = 0;
    for (let inside = group; inside >= 0; inside = drafts[inside]!.parent) depth++;
    return depth;
  });
}

/** The innermost group that has two others in it; -1 for none. */
function commonOf(drafts: readonly Draft[], depth: readonly number[], a: number, b: number): number {
  while (a !== b) {
    if (a < 0 || b < 0) return -1;
    if (depth[a]! >= depth[b]!) a = drafts[a]!.parent;
    else b = drafts[b]!.parent;
  }
  return a;
}

/** Divides levels that have too many parts. */
class Divider {
  readonly #graph: Graph;
  readonly #drafts: Draft[];
  readonly #innermost: Int32Array;
  /** By node, what tells the place after it. */
  readonly #ending: Int32Array;
  /** By node, the values that are computed up to it and used after it: one over how far they go, added up. */
  readonly #crossing: Float64Array;

  constructor(graph: Graph, drafts: Draft[], innermost: Int32Array) {
    this.#graph = graph;
    this.#drafts = drafts;
    this.#innermost = innermost;
    this.#ending = endingsOf(graph);
    this.#crossing = crossingsOf(graph);
  }

  divideOperations(): void {
    for (const [level, parts] of this.#largeLevels((id) => !isSource(this.#graph.ops[id]!)))
      this.#divide(parts, level, true);
  }

  /** Leaves that are left at a level with many parts become a group of their own. */
  divideSources(): void {
    for (const [level, parts] of this.#largeLevels(() => true)) {
      const sources = parts.filter(({ group, last }) => group < 0 && isSource(this.#graph.ops[last]!));
      if (sources.length >= LEAST_PIECE) this.#divide(sources, this.#wrap(sources, level).group, false);
    }
  }

  /** The levels with too many parts, which are groups, and the nodes that count, by their last node. */
  #largeLevels(counts: (id: number) => boolean): Map<number, Part[]> {
    const drafts = this.#drafts;
    const innermost = this.#innermost;
    const weight = new Int32Array(drafts.length);
    const last = new Int32Array(drafts.length);
    const parts = new Int32Array(drafts.length + 1);
    for (let id = 0; id < innermost.length; id++) {
      if (counts(id)) parts[innermost[id]! + 1]!++;
      for (let group = innermost[id]!; group >= 0; group = drafts[group]!.parent) {
        weight[group]!++;
        last[group] = id;
      }
    }
    for (const { parent } of drafts) parts[parent + 1]!++;
    const levels = new Map<number, Part[]>();
    for (const [level, count] of parts.entries()) if (count > MOST_PARTS) levels.set(level - 1, []);
    for (let id = 0; id < innermost.length; id++)
      if (counts(id)) levels.get(innermost[id]!)?.push({ group: -1, last: id, weight: 1 });
    for (const [group, { parent }] of drafts.entries())
      levels.get(parent)?.push({ group, last: last[group]!, weight: weight[group]! });
    for (const level of levels.values()) level.sort((a, b) => a.last - b.last);
    return levels;
  }

  /** Divide a level until none has too many parts. */
  #divide(all: readonly Part[], top: number, repeats: boolean): void {
    const waiting: (readonly [readonly Part[], number])[] = [[all, top]];
    for (const [parts, level] of waiting) {
      if (parts.length <= MOST_PARTS) continue;
      const wrapped = (piece: readonly Part[]): readonly Part[] => {
        if (piece.length < LEAST_PIECE) return piece;
        const part = this.#wrap(piece, level);
        waiting.push([piece, part.group]); // an array is read on to what was added meanwhile
        return [part];
      };
      const bounds = repeats ? repetitions(parts, this.#keysOf(parts), this.#crossing) : [];
      if (bounds.length === 0) {
        evenly(parts, this.#crossing).forEach(wrapped);
        continue;
      }
      const pieces = slices(parts, bounds);
      const rest = bounds.at(-1)! < parts.length ? pieces.splice(-1) : [];
      const children = pieces.flatMap(wrapped);
      const isMany = children.length + rest.length > MOST_PARTS;
      for (const piece of [...(isMany ? evenly(children) : []), ...rest]) wrapped(piece);
    }
  }

  /** Put parts of a level into a new group. */
  #wrap(parts: readonly Part[], parent: number): Part {
    const group = this.#drafts.push({ label: "", parent }) - 1;
    let weight = 0;
    for (const part of parts) {
      weight += part.weight;
      if (part.group < 0) this.#innermost[part.last] = group;
      else this.#drafts[part.group]!.parent = group;
    }
    return { group, last: parts.at(-1)!.last, weight };
  }

  /** What tells the places after the parts. */
  #keysOf(parts: readonly Part[]): (string | number)[] {
    return parts.map(
      ({ group, last }) => (group >= 0 && alike(this.#drafts[group]!.label)) || this.#ending[last]!,
    );
  }
}

/** A label without what is counted: `t=3` and `t=14` are alike. */
function alike(label: string): string {
  return label.replace(/\d+/g, "#");
}

/** By node a hash of its op, those of its operands and of theirs, and of what uses it first and how often. */
function endingsOf(graph: Graph): Int32Array {
  const { size, ops, offsets, operands } = graph;
  const numbers = new Map<string, number>();
  const own = Int32Array.from(ops, (op) => {
    if (!numbers.has(op)) numbers.set(op, numbers.size + 1);
    return numbers.get(op)!;
  });
  const shallow = withOperands(graph, own, own);
  const deep = withOperands(graph, own, shallow);
  const uses = new Int32Array(size);
  const firstUse = new Int32Array(size);
  for (let id = size - 1; id >= 0; id--) {
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) {
      uses[operands[slot]!]!++;
      firstUse[operands[slot]!] = shallow[id]!;
    }
  }
  return deep.map((hash, id) => mixed(mixed(hash, firstUse[id]!), Math.min(uses[id]!, 3)));
}

function withOperands({ offsets, operands }: Graph, own: Int32Array, theirs: Int32Array): Int32Array {
  return own.map((start, id) => {
    let hash = start;
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++)
      hash = mixed(hash, theirs[operands[slot]!]!);
    return hash;
  });
}

function mixed(hash: number, more: number): number {
  return Math.imul(hash ^ Math.imul(more, 0x9e3779b1), 0x85ebca6b) + (hash >>> 13);
}

function crossingsOf({ size, offsets, operands }: Graph): Float64Array {
  const lastUse = new Int32Array(size);
  for (let id = 0; id < size; id++)
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) lastUse[operands[slot]!] = id;
  const crossing = new Float64Array(size);
  for (let id = 0; id < size; id++) {
    if (offsets[id] === offsets[id + 1] || lastUse[id]! <= id) continue;
    crossing[id]! += 1 / (lastUse[id]! - id);
    crossing[lastUse[id]!]! -= 1 / (lastUse[id]! - id);
  }
  for (let id = 1; id < size; id++) crossing[id]! += crossing[id - 1]!;
  return crossing;
}

/**
 * Where a level is to be cut into its repetitions: after so many parts each time. What is after the last bound is something
 * else. No bounds where nothing repeats.
 */
function repetitions(
  parts: readonly Part[],
  keys: readonly (string | number)[],
  crossing: Float64Array,
): number[] {
  const kinds = new Map<string | number, Places>();
  let weight = 0;
  parts.forEach((part, i) => {
    weight += part.weight;
    const places = kinds.get(keys[i]!);
    if (!places) {
      const first = { count: 1, first: weight, last: weight, largest: 0, crossing: crossing[part.last]! };
      kinds.set(keys[i]!, first);
      return;
    }
    places.count++;
    places.crossing += crossing[part.last]!;
    places.largest = Math.max(places.largest, weight - places.last);
    places.last = weight;
  });
  let best: string | number | undefined;
  let least = Infinity;
  for (const [key, { count, first, last, largest, crossing }] of kinds) {
    const length = (last - first) / (count - 1);
    const isEven = count >= LEAST_REPEATED && length >= LEAST_PIECE && largest <= LARGEST_EXCESS * length;
    if (!isEven || Math.max(first, weight - last) > LARGEST_REST * weight) continue;
    if (crossing / count < least) [best, least] = [key, crossing / count];
  }
  if (best === undefined) return [];
  const bounds = [...keys.keys()].filter((i) => keys[i] === best).map((i) => i + 1);
  // What is as long as a repetition is one, also at the end; and the first may have something else before it.
  const length = (bounds.at(-1)! - bounds[0]!) / (bounds.length - 1);
  const start = Math.round(bounds[0]! - length);
  if (start > length / 2) bounds.unshift(start);
  if (parts.length - bounds.at(-1)! <= LARGEST_EXCESS * length) bounds.push(parts.length);
  return bounds;
}

/** Cut at about even distances; with `crossing`, where the fewest values cross near by. */
function evenly(parts: readonly Part[], crossing?: Float64Array): Part[][] {
  const depth = Math.ceil(Math.log(parts.length) / Math.log(MOST_PARTS) - 1e-9);
  const count = Math.ceil(parts.length ** (1 / Math.max(2, depth)) - 1e-9);
  const length = parts.length / count;
  const reach = crossing ? Math.floor(length / 4) : 0;
  const bounds: number[] = [];
  for (let i = 1; i < count; i++) {
    const middle = Math.round(i * length);
    let bound = middle;
    for (let away = 1; away <= reach; away++) {
      for (const other of [middle - away, middle + away]) {
        if (crossing![parts[other - 1]!.last]! < crossing![parts[bound - 1]!.last]!) bound = other;
      }
    }
    bounds.push(bound);
  }
  return slices(parts, bounds);
}

/** The pieces between the bounds, and what is left after the last. */
function slices(parts: readonly Part[], bounds: readonly number[]): Part[][] {
  const pieces = [0, ...bounds].map((from, i) => parts.slice(from, bounds[i] ?? parts.length));
  return pieces.filter((piece) => piece.length > 0);
}

/** In their final order, with their nodes. */
function finished(drafts: readonly Draft[], innermost: Int32Array): Group[] {
  const depth = depthsOf(drafts);
  const nodes: number[][] = drafts.map(() => []);
  for (let id = 0; id < innermost.length; id++)
    for (let group = innermost[id]!; group >= 0; group = drafts[group]!.parent) nodes[group]!.push(id);
  const order = [...drafts.keys()].sort((a, b) => depth[a]! - depth[b]! || nodes[a]![0]! - nodes[b]![0]!);
  const place = new Map(order.map((group, id) => [group, id]));
  return order.map((group, id) => {
    const { label, parent } = drafts[group]!;
    return { id, label, parent: place.get(parent), nodes: nodes[group]! };
  });
}

/** Which groups a picture opens by itself: the largest first, alike ones together, while the items stay few. */
export function openedByThemselves(graph: Graph, groups: readonly Group[]): Set<number> {
  const within: Group[][] = groups.map(() => []);
  const top: Group[] = [];
  for (const group of groups) (group.parent === undefined ? top : within[group.parent]!).push(group);
  const size = (all: readonly Group[]) => all.reduce((sum, { nodes }) => sum + nodes.length, 0);
  /** How many more items there are once it is open. */
  const more = ({ id, nodes }: Group) => nodes.length - size(within[id]!) + within[id]!.length - 1;
  const open = new Set<number>();
  let items = graph.size - size(top) + top.length;
  for (let closed = top; closed.length > 0; ) {
    const largest = closed.reduce((most, { nodes }) => Math.max(most, nodes.length), 0);
    const alike = closed.filter(({ nodes }) => nodes.length > largest / 2);
    items += alike.reduce((sum, group) => sum + more(group), 0);
    if (items > MOST_ITEMS) break;
    for (const { id } of alike) open.add(id);
    closed = closed.flatMap((group) => (open.has(group.id) ? within[group.id]! : [group]));
  }
  return open;
}
