/**
 * Groups of a graph: those of its document, and automatic ones where a level has too many parts. Pure, and linear in the
 * number of nodes.
 *
 * Automatic groups follow repetitions: the steps of a recurrence, the samples of a loss, the neurons of a layer. A cut
 * between two parts is classified by the node that ends there: its op, those of its operands and theirs, and its first
 * use. Cuts of one class divide a level into repetitions. Of all classes with even distances, the one crossed by the
 * fewest values wins; values on a long way count less. Without repetitions, cuts are at even distances. Groups of the
 * same name are gathered first if there are many other parts.
 *
 * Leaves and constants belong to the innermost group with all their uses. So a parameter folds with its neuron, and one
 * that all samples share stays outside of them. If there are few leaves, they fold with named groups only. Parameters of
 * a network are created in groups with the labels of its calls; if there is one call, they move into its groups.
 */

import { grouped } from "../analysis/grouped.ts";
import { kindsOf, mixed, opNumbers } from "../analysis/kinds.ts";
import { largestOf } from "../analysis/largest.ts";
import { sum } from "../analysis/spelling.ts";
import type { Graph } from "../engine/graph.ts";
import { isSource, membersOf } from "../engine/keys.ts";
import type { Group } from "./picture.ts";

/** Number of parts from which a level is divided. */
const MOST_PARTS = 48;
/** Graph size from which automatic groups are made. */
const AUTOMATIC_FROM = 300;
/** Limit of items in the default scene graph. */
const MOST_ITEMS = 36;
/** Largest share of a level before or after its repetitions. */
const LARGEST_REST = 0.6;
/** Least number of repetitions; fewer may be chance. */
const LEAST_REPEATED = 4;
/** Largest ratio of a repetition to their average length. */
const LARGEST_EXCESS = 1.5;
/** Number of leaves up to which none folds with an automatic group: their sliders matter most. */
const FEW_LEAVES = 8;
/** Least number of parts in a group; fewer are not worth a card. */
const LEAST_PIECE = 3;

/** Group under construction; `parent` is -1 at the top. */
interface Draft {
  readonly label: string;
  parent: number;
}

/** Part of a level: a group, or a node if `group` is -1. */
interface Part {
  readonly group: number;
  /** Last node of the part. */
  readonly last: number;
}

/** A document's `groups`: `[name, parent, [first, last, …]]`. */
export type GivenGroups = readonly (readonly [string, number, readonly number[]])[] | null | undefined;

/** Make all groups, parents first. */
export function groupsOf(graph: Graph, given: GivenGroups): Group[] {
  const tree = new Tree(graph, given);
  const isLarge = graph.size >= AUTOMATIC_FROM;
  if (isLarge) tree.divideOperations();
  tree.adopt();
  if (isLarge) tree.divideSources();
  return tree.finished();
}

/** Tree of groups under construction. */
class Tree {
  readonly #graph: Graph;
  /** Innermost group per node. */
  readonly #innermost: Int32Array;
  readonly #drafts: Draft[] = [];
  /** Computed on first use. */
  #places: Places | undefined;

  constructor(graph: Graph, given: GivenGroups) {
    this.#graph = graph;
    this.#innermost = new Int32Array(graph.size).fill(-1);
    for (const [label, parent, runs] of given ?? []) {
      for (const part of membersOf(this.#innermost, runs)) part.fill(this.#drafts.length);
      this.#drafts.push({ label, parent });
    }
  }

  /**
   * Move leaves and constants into the innermost group with all their uses.
   *
   * Their own group must contain it, or be a group without ops and with an equal path of labels, `parameters` apart.
   */
  adopt(): void {
    const innermost = this.#innermost;
    const computed = this.#computed();
    const { size } = this.#graph;
    const paths: string[] = [];
    for (const { label, parent } of this.#drafts) paths.push(`${paths[parent] ?? ""}${label && "/"}${label}`);
    const isNamesake = (own: number, found: number) =>
      own >= 0 && !computed[own] && paths[found]!.endsWith(paths[own]!.replace(/^\/parameters(?=\/)/, ""));
    const common: number[] = []; // innermost group of all uses
    for (let id = 0; id < size; id++)
      for (const operand of this.#graph.operandsOf(id))
        common[operand] = this.#common(common[operand] ?? innermost[id]!, innermost[id]!);
    const leaves = this.#graph.ops.filter((op) => op === "leaf").length;
    for (let id = 0; id < size; id++) {
      let found = common[id] ?? -1;
      const own = innermost[id]!;
      if (this.#graph.ops[id] === "leaf" && leaves <= FEW_LEAVES)
        found = this.#around(found).find((group) => this.#drafts[group]!.label) ?? -1;
      if (found < 0 || !this.#isSource(id)) continue;
      if (isNamesake(own, found) || this.#common(own, found) === own) innermost[id] = found;
    }
  }

  divideOperations(): void {
    const computed = this.#computed();
    const wanted = ({ group, last }: Part) => (group < 0 ? !this.#isSource(last) : computed[group] === 1);
    for (const [level, parts] of this.#levels())
      this.#divide(this.#gather(parts.filter(wanted), level), level);
  }

  /** Gather groups with equal labels, digits apart, if there are many other parts; return the remaining parts. */
  #gather(parts: readonly Part[], level: number): readonly Part[] {
    const drafts = this.#drafts;
    const groups = parts.filter(({ group }) => group >= 0);
    for (const those of grouped(groups, ({ group }) => drafts[group]!.label.replace(/\d+/g, "")).values())
      if (those.length >= LEAST_REPEATED && parts.length - those.length > MOST_PARTS)
        this.#wrap(those, level);
    return parts.filter(({ group }) => group < 0 || drafts[group]!.parent === level);
  }

  /** Per group 1 if it contains an op. */
  #computed(): Uint8Array {
    const computed = new Uint8Array(this.#drafts.length);
    this.#eachInside((id, group) => {
      if (!this.#isSource(id)) computed[group] = 1;
    });
    return computed;
  }

  /** Group the leaves and constants of a level with many parts. */
  divideSources(): void {
    for (const [level, parts] of this.#levels()) {
      const sources = parts.filter(({ group, last }) => group < 0 && this.#isSource(last));
      if (parts.length > MOST_PARTS && sources.length >= LEAST_PIECE) this.#wrap(sources, level);
    }
  }

  /** Finished groups in their final order, with their nodes. */
  finished(): Group[] {
    const drafts = this.#drafts;
    const nodes: number[][] = drafts.map(() => []);
    this.#eachInside((id, group) => nodes[group]!.push(id));
    const order = [...drafts.keys()]
      .filter((group) => nodes[group]!.length > 0)
      .sort((a, b) => this.#around(a).length - this.#around(b).length || nodes[a]![0]! - nodes[b]![0]!);
    const place = new Map(order.map((group, id) => [group, id]));
    return order.map((group, id) => {
      const { label, parent } = drafts[group]!;
      return { id, label, parent: place.get(parent), nodes: nodes[group]! };
    });
  }

  /** Visit each node with each of its groups, the innermost first. */
  #eachInside(visit: (id: number, group: number) => void): void {
    for (const [id, innermost] of this.#innermost.entries())
      for (const group of this.#around(innermost)) visit(id, group);
  }

  #isSource(id: number): boolean {
    return isSource(this.#graph.ops[id]!);
  }

  /** A group and those around it, the innermost first. */
  #around(group: number): number[] {
    const groups: number[] = [];
    for (let id = group; id >= 0; id = this.#drafts[id]!.parent) groups.push(id);
    return groups;
  }

  /** Innermost group around two groups; -1 for none. */
  #common(a: number, b: number): number {
    const around = this.#around(b);
    return this.#around(a).find((group) => around.includes(group)) ?? -1;
  }

  /** Parts of each group, and of the top level as -1, sorted by their last node. */
  #levels(): Map<number, Part[]> {
    const lasts = new Map<number, number>(); // none of groups whose leaves have all moved away
    this.#eachInside((id, group) => lasts.set(group, id));
    const nodes = Array.from(this.#innermost.keys(), (last): Part => ({ group: -1, last }));
    const groups = Array.from(lasts, ([group, last]): Part => ({ group, last }));
    const parts = [...nodes, ...groups].sort((a, b) => a.last - b.last);
    return grouped(parts, ({ group, last }) => this.#drafts[group]?.parent ?? this.#innermost[last]!);
  }

  /** Divide a level, recursively, until no level has too many parts. */
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

  /** Wrap parts of a level in a new group. */
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

  /** Ends of the repetitions in a level; undefined if nothing repeats. */
  #repetitions(parts: readonly Part[]): number[] | undefined {
    const { length } = parts;
    this.#places ??= placesOf(this.#graph);
    const { kind, crossing } = this.#places;
    const places = parts.map((_, i) => i + 1);
    let best: number[] | undefined;
    let least = Infinity;
    for (const ends of grouped(places, (end) => kind[parts[end - 1]!.last]!).values()) {
      const first = ends[0]!;
      const last = ends.at(-1)!;
      const average = (last - first) / (ends.length - 1);
      const isEven =
        ends.length >= LEAST_REPEATED &&
        average >= LEAST_PIECE &&
        Math.max(first, length - last) <= LARGEST_REST * length &&
        ends.every((end, i) => i === 0 || end - ends[i - 1]! <= LARGEST_EXCESS * average);
      if (!isEven) continue;
      const crossed = sum(ends.map((end) => crossing[parts[end - 1]!.last]!)) / ends.length;
      if (crossed >= least) continue;
      least = crossed;
      // Parts before the first end are a repetition if they are long enough, with a remainder before; so are the last ones.
      const start = Math.round(first - average);
      best = start > average / 2 ? [start, ...ends] : ends;
      if (length - last <= LARGEST_EXCESS * average) best = [...best, length];
    }
    return best;
  }
}

/** Ends of pieces of equal length. */
function evenly(length: number): number[] {
  const count = Math.min(MOST_PARTS, Math.ceil(Math.sqrt(length)));
  return Array.from({ length: count - 1 }, (_, i) => Math.round(((i + 1) * length) / count));
}

/** Classification of the cut after each node. */
interface Places {
  /** Hash of the op, those of its operands and of theirs, its first use and its number of uses. */
  readonly kind: Int32Array;
  /** Values that cross the cut, each weighted by one over its distance. */
  readonly crossing: Float64Array;
}

function placesOf(graph: Graph): Places {
  const { size, ops } = graph;
  const own = opNumbers(graph);
  const shallow = kindsOf(graph, own, 1);
  const uses = new Int32Array(size);
  const firstUse = new Int32Array(size);
  const crossing = new Float64Array(size);
  for (let id = size - 1; id >= 0; id--) {
    for (const operand of graph.operandsOf(id)) {
      // The last use comes first in this direction.
      if (uses[operand]!++ === 0 && !isSource(ops[operand]!)) {
        crossing[operand]! += 1 / (id - operand);
        crossing[id]! -= 1 / (id - operand);
      }
      firstUse[operand] = shallow[id]!;
    }
  }
  for (let id = 1; id < size; id++) crossing[id]! += crossing[id - 1]!;
  const kind = kindsOf(graph, own, 2).map((hash, id) =>
    mixed(mixed(hash, firstUse[id]!), Math.min(uses[id]!, 3)),
  );
  return { kind, crossing };
}

/** List the direct subgroups of each group; the last entry holds the top-level groups. */
export function withinOf(groups: readonly Group[]): readonly (readonly Group[])[] {
  const within: Group[][] = [...groups.map(() => []), []];
  for (const group of groups) within.at(group.parent ?? -1)!.push(group);
  return within;
}

/**
 * Groups that a picture may open by itself, most first: the largest, alike ones together, while the items stay few. A
 * neuron says enough folded, and so do steps that are alike.
 */
export function expandedByDefault(graph: Graph, groups: readonly Group[]): Set<number>[] {
  const within = withinOf(groups);
  const top = within.at(-1)!;
  const size = (all: readonly Group[]) => sum(all.map(({ nodes }) => nodes.length));
  /** Number of additional items if a group is expanded. */
  const more = ({ id, nodes }: Group) => nodes.length - size(within[id]!) + within[id]!.length - 1;
  const openings = [new Set<number>()];
  let items = graph.size - size(top) + top.length;
  const opened = (all: readonly Group[]) => all.filter(({ neuron, steps }) => !neuron && !steps);
  for (let closed: readonly Group[] = opened(top); closed.length > 0; ) {
    const largest = largestOf(closed.map(({ nodes }) => nodes.length));
    const alike = closed.filter(({ nodes }) => nodes.length > largest / 2);
    items += sum(alike.map(more));
    if (items > MOST_ITEMS) break;
    const open = new Set([...openings[0]!, ...alike.map(({ id }) => id)]);
    openings.unshift(open);
    closed = opened(closed.flatMap((group) => (open.has(group.id) ? within[group.id]! : [group])));
  }
  return openings;
}
