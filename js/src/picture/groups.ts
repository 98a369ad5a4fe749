/**
 * The groups of a graph: those of its document, and where a level has too many parts, automatic ones. Pure, and linear in
 * the number of nodes.
 *
 * Automatic groups follow what repeats: a place between two parts is told by what ends there (its op, those of its
 * operands and theirs, and what uses it), and the places that look alike cut a level into its repetitions: the steps of a
 * recurrence, the samples of a loss, the neurons of a layer. Of all kinds of places that cut evenly, the one is taken that
 * the fewest values cross, counting less those that are on their way for long and cross many. Where nothing repeats, cuts
 * are made at even distances. Before that, groups of the same name are gathered among many other parts.
 *
 * Leaves and constants are in the innermost group that has all their uses, so a parameter folds with the one neuron that
 * it belongs to, and one that all samples share stays outside of them; few leaves fold with named groups only. A network's
 * parameters are made in groups that are called like those of its calls: where there is but one call, they move into its.
 */

import { isId, isSource } from "../engine/document.ts";
import type { Graph } from "../engine/graph.ts";
import type { Group } from "./picture.ts";

/** A level with more parts than this is divided further. */
const MOST_PARTS = 48;
/** Graphs from this size on get automatic groups. */
const AUTOMATIC_FROM = 300;
/** How many items a picture may have that opens by itself. */
const MOST_ITEMS = 36;
/** What is before and after the repetitions may not be more of a level than this. */
const LARGEST_REST = 0.6;
/** Fewer repetitions may be chance. */
const LEAST_REPEATED = 4;
/** How much longer than their average a repetition may be. */
const LARGEST_EXCESS = 1.5;
/** So few leaves fold with no automatic group: their sliders are what the page is for. */
const FEW_LEAVES = 8;
/** Less is not worth a card. */
const LEAST_PIECE = 3;

/** A group while the tree grows; `parent` is -1 at the top. */
interface Draft {
  readonly label: string;
  parent: number;
}

/** Something in a level: a group of the draft, or where that is -1, a node. */
interface Part {
  readonly group: number;
  /** Its last node. */
  readonly last: number;
}

/** All groups, each after the one that it is in. */
export function groupsOf(graph: Graph, given: unknown): Group[] {
  const tree = new Tree(graph, given);
  const isLarge = graph.size >= AUTOMATIC_FROM;
  if (isLarge) tree.divideOperations();
  tree.adopt();
  if (isLarge) tree.divideSources();
  return tree.finished();
}

/** The groups while they are made. */
class Tree {
  readonly #graph: Graph;
  /** By node. */
  readonly #innermost: Int32Array;
  #drafts: Draft[] = [];
  /** Found out when something is first divided. */
  #places: Places | undefined;

  constructor(graph: Graph, given: unknown) {
    this.#graph = graph;
    this.#innermost = new Int32Array(graph.size).fill(-1);
    if (Array.isArray(given) && given.every((entry) => this.#takes(entry))) return;
    this.#drafts = [];
    this.#innermost.fill(-1);
  }

  /** Take one of a document's optional `groups`, `[name, parent, [first, last, …]]`: where one makes no sense, there are none. */
  #takes(entry: unknown): boolean {
    const innermost = this.#innermost;
    const [label, parent, runs] = Array.isArray(entry) && entry.length === 3 ? entry : [];
    if (typeof label !== "string" || !isRuns(runs, innermost.length)) return false;
    for (let i = 0; i < runs.length; i += 2) {
      // So far all of its nodes are in its parent, and in no group within that.
      if (innermost.subarray(runs[i], runs[i + 1]! + 1).some((group) => group !== parent)) return false;
    }
    const group = this.#drafts.push({ label, parent }) - 1;
    for (let i = 0; i < runs.length; i += 2) innermost.fill(group, runs[i], runs[i + 1]! + 1);
    return true;
  }

  /**
   * Put leaves and constants into the innermost group that has all their uses, if their own has that, or computes nothing
   * and is called the same, with all groups around it but a network's `parameters`.
   */
  adopt(): void {
    const innermost = this.#innermost;
    const computed = this.#computed();
    const { size, offsets, operands } = this.#graph;
    const depths = this.#depths();
    const paths: string[] = [];
    for (const { label, parent } of this.#drafts) paths.push(`${paths[parent] ?? ""}${label && "/"}${label}`);
    const isNamesake = (own: number, found: number) =>
      own >= 0 && !computed[own] && paths[found]!.endsWith(paths[own]!.replace(/^\/parameters(?=\/)/, ""));
    const common = new Int32Array(size).fill(-2); // of all uses; -2: none yet
    for (let id = 0; id < size; id++) {
      for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) {
        const so = common[operands[slot]!]!;
        common[operands[slot]!] = so === -2 ? innermost[id]! : this.#common(depths, so, innermost[id]!);
      }
    }
    const leaves = this.#graph.ops.filter((op) => op === "leaf").length;
    for (let id = 0; id < size; id++) {
      let found = common[id]!;
      const own = innermost[id]!;
      if (this.#graph.ops[id] === "leaf" && leaves <= FEW_LEAVES)
        while (found >= 0 && !this.#drafts[found]!.label) found = this.#drafts[found]!.parent;
      if (found < 0 || !this.#isSource(id)) continue;
      if (isNamesake(own, found) || this.#common(depths, found, own) === own) innermost[id] = found;
    }
  }

  divideOperations(): void {
    const computed = this.#computed();
    const wanted = ({ group, last }: Part) => (group < 0 ? !this.#isSource(last) : computed[group] === 1);
    for (const [i, parts] of this.#levels().entries())
      this.#divide(this.#gather(parts.filter(wanted), i - 1), i - 1);
  }

  /** Make groups of the same name, but for numbers, one among many other parts: all samples of a loss. The others. */
  #gather(parts: readonly Part[], level: number): readonly Part[] {
    const drafts = this.#drafts;
    const groups = parts.filter(({ group }) => group >= 0);
    for (const those of alike(groups, ({ group }) => drafts[group]!.label.replace(/\d+/g, "")))
      if (those.length >= LEAST_REPEATED && parts.length - those.length > MOST_PARTS)
        this.#wrap(those, level);
    return parts.filter(({ group }) => group < 0 || drafts[group]!.parent === level);
  }

  /** By group 1 where something is computed in it. */
  #computed(): Uint8Array {
    const computed = new Uint8Array(this.#drafts.length);
    this.#eachInside((id, group) => {
      if (!this.#isSource(id)) computed[group] = 1;
    });
    return computed;
  }

  /** Leaves that are left at a level with many parts become a group of their own. */
  divideSources(): void {
    for (const [i, parts] of this.#levels().entries()) {
      const sources = parts.filter(({ group, last }) => group < 0 && this.#isSource(last));
      if (parts.length > MOST_PARTS && sources.length >= LEAST_PIECE) this.#wrap(sources, i - 1);
    }
  }

  /** In their final order, with their nodes. */
  finished(): Group[] {
    const drafts = this.#drafts;
    const depths = this.#depths();
    const nodes: number[][] = drafts.map(() => []);
    this.#eachInside((id, group) => nodes[group]!.push(id));
    const order = [...drafts.keys()]
      .filter((group) => nodes[group]!.length > 0)
      .sort((a, b) => depths[a]! - depths[b]! || nodes[a]![0]! - nodes[b]![0]!);
    const place = new Map(order.map((group, id) => [group, id]));
    return order.map((group, id) => {
      const { label, parent } = drafts[group]!;
      return { id, label, parent: place.get(parent), nodes: nodes[group]! };
    });
  }

  /** Visit each node with each of the groups that it is in, the innermost first. */
  #eachInside(visit: (id: number, group: number) => void): void {
    for (const [id, innermost] of this.#innermost.entries())
      for (let group = innermost; group >= 0; group = this.#drafts[group]!.parent) visit(id, group);
  }

  #isSource(id: number): boolean {
    return isSource(this.#graph.ops[id]!);
  }

  #depths(): number[] {
    return this.#drafts.map((_, group) => {
      let depth = 0;
      for (let inside = group; inside >= 0; inside = this.#drafts[inside]!.parent) depth++;
      return depth;
    });
  }

  /** The innermost group that has two others in it; -1 for none. */
  #common(depths: readonly number[], a: number, b: number): number {
    while (a !== b) {
      if (a < 0 || b < 0) return -1;
      if (depths[a]! >= depths[b]!) a = this.#drafts[a]!.parent;
      else b = this.#drafts[b]!.parent;
    }
    return a;
  }

  /** The parts at the top, and then those of each group, by their last node. */
  #levels(): Part[][] {
    const drafts = this.#drafts;
    const levels: Part[][] = [[], ...drafts.map(() => [])];
    const last = new Int32Array(drafts.length).fill(-1); // of those whose leaves have all moved away
    this.#innermost.forEach((group, id) => {
      levels[group + 1]!.push({ group: -1, last: id });
    });
    this.#eachInside((id, group) => {
      last[group] = id;
    });
    for (const [group, { parent }] of drafts.entries())
      if (last[group]! >= 0) levels[parent + 1]!.push({ group, last: last[group]! });
    for (const parts of levels) parts.sort((a, b) => a.last - b.last);
    return levels;
  }

  /** Divide a level until it has no more parts than it may have, and neither has what is in it. */
  #divide(parts: readonly Part[], level: number): void {
    if (parts.length <= MOST_PARTS) return;
    const repeated = this.#repetitions(parts);
    const ends = repeated ?? evenly(parts.length);
    const pieces = [0, ...ends].map((from, i) => parts.slice(from, ends[i]));
    const rest = repeated ? pieces.splice(-1) : [];
    const wrapped = (piece: Part[]) => (piece.length < LEAST_PIECE ? piece : [this.#wrap(piece, level)]);
    this.#divide(pieces.flatMap(wrapped), level);
    rest.forEach(wrapped);
  }

  /** Put parts of a level into a new group. */
  #wrap(parts: readonly Part[], parent: number): Part {
    const drafts = this.#drafts;
    const group = drafts.push({ label: "", parent }) - 1;
    for (const part of parts) {
      if (part.group < 0) this.#innermost[part.last] = group;
      else drafts[part.group]!.parent = group;
    }
    this.#divide(parts, group);
    return { group, last: parts.at(-1)!.last };
  }

  /** After how many parts each repetition in a level ends; undefined where nothing repeats. */
  #repetitions(parts: readonly Part[]): number[] | undefined {
    const { length } = parts;
    this.#places ??= placesOf(this.#graph);
    const { kind, crossing } = this.#places;
    const places = parts.map((_, i) => i + 1);
    let best: number[] | undefined;
    let least = Infinity;
    for (const ends of alike(places, (end) => kind[parts[end - 1]!.last]!)) {
      const first = ends[0]!;
      const last = ends.at(-1)!;
      const average = (last - first) / (ends.length - 1);
      const isEven =
        ends.length >= LEAST_REPEATED &&
        average >= LEAST_PIECE &&
        Math.max(first, length - last) <= LARGEST_REST * length &&
        ends.every((end, i) => i === 0 || end - ends[i - 1]! <= LARGEST_EXCESS * average);
      if (!isEven) continue;
      const crossed = ends.reduce((sum, end) => sum + crossing[parts[end - 1]!.last]!, 0) / ends.length;
      if (crossed >= least) continue;
      least = crossed;
      // The first may have something else before it, and what is as long as a repetition is one, also at the end.
      const start = Math.round(first - average);
      best = start > average / 2 ? [start, ...ends] : ends;
      if (length - last <= LARGEST_EXCESS * average) best = [...best, length];
    }
    return best;
  }
}

/** What has the same key, in the order of the first of each. */
function alike<T>(all: readonly T[], key: (one: T) => unknown): Iterable<T[]> {
  const lists = new Map<unknown, T[]>();
  for (const one of all) {
    const those = lists.get(key(one)) ?? [];
    those.push(one);
    lists.set(key(one), those);
  }
  return lists.values();
}

function isRuns(runs: unknown, size: number): runs is number[] {
  if (!Array.isArray(runs) || runs.length === 0 || runs.length % 2 === 1) return false;
  return runs.every((id, i) => isId(id, size) && (i === 0 || id > runs[i - 1] - (i % 2)));
}

/** Ends of pieces that are as long as each other. */
function evenly(length: number): number[] {
  const count = Math.min(MOST_PARTS, Math.ceil(Math.sqrt(length)));
  return Array.from({ length: count - 1 }, (_, i) => Math.round(((i + 1) * length) / count));
}

/** What is known of the place after each node. */
interface Places {
  /** A hash of its op, those of its operands and of theirs, and of what uses it first and how often. */
  readonly kind: Int32Array;
  /** The values that are computed up to there and used after it: one over how far they go, added up. */
  readonly crossing: Float64Array;
}

function placesOf({ size, ops, offsets, operands }: Graph): Places {
  const numbers = [...new Set(ops)];
  const own = Int32Array.from(ops, (op) => numbers.indexOf(op) + 1);
  const withOperands = (theirs: Int32Array) =>
    own.map((hash, id) => {
      for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++)
        hash = mixed(hash, theirs[operands[slot]!]!);
      return hash;
    });
  const shallow = withOperands(own);
  const uses = new Int32Array(size);
  const firstUse = new Int32Array(size);
  const crossing = new Float64Array(size);
  for (let id = size - 1; id >= 0; id--) {
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) {
      const operand = operands[slot]!;
      // From the last use on, which comes first here.
      if (uses[operand]!++ === 0 && offsets[operand]! < offsets[operand + 1]!) {
        crossing[operand]! += 1 / (id - operand);
        crossing[id]! -= 1 / (id - operand);
      }
      firstUse[operand] = shallow[id]!;
    }
  }
  for (let id = 1; id < size; id++) crossing[id]! += crossing[id - 1]!;
  const kind = withOperands(shallow).map((hash, id) =>
    mixed(mixed(hash, firstUse[id]!), Math.min(uses[id]!, 3)),
  );
  return { kind, crossing };
}

function mixed(hash: number, more: number): number {
  return Math.imul(hash ^ Math.imul(more, 0x9e3779b1), 0x85ebca6b) + (hash >>> 13);
}

/** By group those that are in it, and last the ones at the top. */
export function withinOf(groups: readonly Group[]): readonly (readonly Group[])[] {
  const within: Group[][] = [...groups.map(() => []), []];
  for (const group of groups) within.at(group.parent ?? -1)!.push(group);
  return within;
}

/** Which groups a picture opens by itself: the largest first, alike ones together, while the items stay few. */
export function expandedByDefault(graph: Graph, groups: readonly Group[]): Set<number> {
  const within = withinOf(groups);
  const top = within.at(-1)!;
  const size = (all: readonly Group[]) => all.reduce((sum, { nodes }) => sum + nodes.length, 0);
  /** How many more items there are once it is open. */
  const more = ({ id, nodes }: Group) => nodes.length - size(within[id]!) + within[id]!.length - 1;
  const open = new Set<number>();
  let items = graph.size - size(top) + top.length;
  for (let closed: readonly Group[] = top; closed.length > 0; ) {
    const largest = closed.reduce((most, { nodes }) => Math.max(most, nodes.length), 0);
    const alike = closed.filter(({ nodes }) => nodes.length > largest / 2);
    items += alike.reduce((sum, group) => sum + more(group), 0);
    if (items > MOST_ITEMS) break;
    for (const { id } of alike) open.add(id);
    closed = closed.flatMap((group) => (open.has(group.id) ? within[group.id]! : [group]));
  }
  return open;
}
