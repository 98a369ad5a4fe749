/**
 * Scene graph: the items that the layout places and the view draws, and the links between them. An item is a node or a
 * folded group. Pure.
 */

import { grouped } from "../analysis/grouped.ts";
import { type Neuron, usesOf } from "../analysis/neurons.ts";
import type { Samples } from "../analysis/samples.ts";
import type { Graph } from "../engine/graph.ts";
import { isSource } from "../engine/keys.ts";

/** Group of nodes that can be folded into one card. */
export interface Group {
  /** Index among all groups of the graph; parents come first. */
  readonly id: number;
  readonly label: string;
  /** Enclosing group; undefined at the top. */
  readonly parent: number | undefined;
  /** All nodes, subgroups included, in ascending order. */
  readonly nodes: readonly number[];
  /** The neuron that it is, if it is one: its card has a row per weight. */
  readonly neuron?: Neuron;
  /** The states of a recurrence, if it stands for those steps of it that are neither the first nor the last. */
  readonly steps?: readonly number[];
  /** Stands for what is far from the result, where there is no room for all. */
  readonly isStart?: boolean;
  /** The samples whose inputs it stands for, or what they are added up to. */
  readonly samples?: Samples;
  readonly isInputs?: boolean;
}

export type Item =
  /** With the leaves that only it uses, where these are rows in its card. */
  | { readonly kind: "node"; readonly node: number; readonly rows: readonly number[] }
  | { readonly kind: "group"; readonly group: Group };

/** Link between two items: one operand slot, or all slots into or out of a folded group. */
export interface Link {
  /** Indexes in `items`, in the direction of values. */
  readonly from: number;
  readonly to: number;
  /** Indexes in the graph's `operands`, ascending. */
  readonly slots: readonly number[];
}

export interface SceneGraph {
  /** Items in the order of their last node, so that links lead to later items if groups allow it. */
  readonly items: readonly Item[];
  readonly links: readonly Link[];
  /** Per node the index of its item: its own, or that of its folded group. */
  readonly itemOf: Int32Array;
}

/**
 * Build the scene graph for a set of expanded groups. Each outermost folded group is one item.
 *
 * A leaf in `userOf` is a row in its user's card. What has a stand-in is not drawn: that shows it.
 */
export function sceneGraphOf(
  graph: Graph,
  groups: readonly Group[],
  open: ReadonlySet<number>,
  userOf: ReadonlyMap<number, number> = new Map(),
  standIn: (node: number) => number | undefined = () => undefined,
): SceneGraph {
  const { size } = graph;
  const folded = foldedAt(size, groups, open);
  const items: Item[] = [];
  const itemOf = new Int32Array(size);
  const inRows = new Set([...userOf.keys()].filter((leaf) => !folded[leaf] && !folded[userOf.get(leaf)!]));
  const rows = grouped(inRows, (leaf) => userOf.get(leaf)!);
  const compared = constsOfGuards(graph);
  for (let node = 0; node < size; node++) {
    const group = folded[node];
    // Inputs are before all that they go into.
    if (
      (group && group.nodes.at(group.isInputs ? 0 : -1) !== node) ||
      inRows.has(node) ||
      (!group && compared.has(node)) ||
      standIn(node) !== undefined
    )
      continue;
    const item: Item = group ? { kind: "group", group } : { kind: "node", node, rows: rows.get(node) ?? [] };
    const nodes = nodesOf(item);
    const place = items.push(item) - 1;
    for (const shown of nodes) itemOf[shown] = place;
  }
  for (let node = 0; node < size; node++) {
    const other = standIn(node);
    if (other !== undefined) itemOf[node] = itemOf[other]!;
  }
  return { items, links: linksOf(graph, items, itemOf, standIn), itemOf };
}

/** Links to each item, in the order of its operand slots. */
function linksOf(
  { offsets, operands }: Graph,
  items: readonly Item[],
  itemOf: Int32Array,
  standIn: (node: number) => number | undefined,
): Link[] {
  const fromOf = (slot: number) => itemOf[operands[slot]!]!;
  const isGroup = (item: number) => items[item]!.kind === "group";
  return items.flatMap((item, to) => {
    const slots: number[] = [];
    for (const node of nodesOf(item))
      for (let slot = offsets[node]!; slot < offsets[node + 1]!; slot++)
        // What other samples add is in the ledger, not on lines.
        if (fromOf(slot) !== to && standIn(operands[slot]!) === undefined) slots.push(slot);
    // The two slots of `x * x` are two links, but a group has one link per neighbour.
    const bundles = grouped(slots, (slot) =>
      isGroup(to) || isGroup(fromOf(slot)) ? fromOf(slot) : -1 - slot,
    );
    return Array.from(bundles.values(), (bundle) => ({ from: fromOf(bundle[0]!), to, slots: bundle }));
  });
}

/** Make a group, by default without a name and at the top. */
export function groupOf(id: number, nodes: readonly number[], more: Partial<Group> = {}): Group {
  return { id, label: "", parent: undefined, nodes: [...nodes].sort((a, b) => a - b), ...more };
}

/** The nodes that an item shows, its own last. */
export function nodesOf(item: Item): readonly number[] {
  return item.kind === "group" ? item.group.nodes : [...item.rows, item.node];
}

/** The leaves and constants that are rows in an item's card. */
export function rowsOf(item: Item): readonly number[] {
  return item.kind === "node" ? item.rows : (item.group.neuron?.weights.map(({ leaf }) => leaf) ?? []);
}

/** The leaves and constants that only one operand slot uses, each with the node that does. */
export function soleUsers(graph: Graph): Map<number, number> {
  const uses = usesOf(graph);
  const userOf = new Map<number, number>();
  for (let id = 0; id < graph.size; id++)
    for (const leaf of graph.operandsOf(id))
      if (isSource(graph.ops[leaf]!) && uses[leaf] === 1) userOf.set(leaf, id);
  return userOf;
}

/** The constants that only guards compare with, and nothing is computed from. */
export function constsOfGuards({ guards, ops, operands, outputs }: Graph): Set<number> {
  const compared = new Set(guards.flatMap(([, left, right]) => [left, right]));
  for (const node of compared)
    if (ops[node] !== "const" || operands.includes(node) || outputs.includes(node)) compared.delete(node);
  return compared;
}

/** Per node its outermost folded group. */
function foldedAt(size: number, groups: readonly Group[], open: ReadonlySet<number>): (Group | undefined)[] {
  const folded = new Array<Group | undefined>(size);
  for (const group of shownGroups(groups, open))
    if (!open.has(group.id)) for (const node of group.nodes) folded[node] = group;
  return folded;
}

/** Groups outside of folded ones: the folded ones are cards, those that are open get a frame. */
export function shownGroups(groups: readonly Group[], open: ReadonlySet<number>): Group[] {
  const isOpen = new Set<number | undefined>([undefined]);
  return groups.filter(({ id, parent }) => {
    const isShown = isOpen.has(parent);
    if (isShown && open.has(id)) isOpen.add(id);
    return isShown;
  });
}
