/** Expanded groups and the scene graph that follows from them, one per view. */

import type { Names } from "../analysis/names.ts";
import { isSource } from "../engine/document.ts";
import type { Graph } from "../engine/graph.ts";
import { copiedLeaves } from "./copies.ts";
import { expandedByDefault, groupsOf, withinOf } from "./groups.ts";
import { type Group, type SceneGraph, sceneGraphOf } from "./picture.ts";

/** Leaves with many uses to draw once per use: those that are easier to read so, none, or all. */
export type Copies = "auto" | "never" | "all";

/** Content of a group with its inputs and outputs, as node ids. */
export interface Inside {
  readonly leaves: readonly number[];
  /** Operands from outside: computed nodes before leaves and constants. */
  readonly inputs: readonly number[];
  /** Nodes with uses outside, and outputs of the graph. */
  readonly outputs: readonly number[];
  /** Ops with their counts, the most common first. */
  readonly ops: readonly (readonly [string, number])[];
}

export class Folds {
  readonly groups: readonly Group[];
  /** Per group its direct subgroups; the last entry holds the top-level groups. */
  readonly within: readonly (readonly Group[])[];
  /** Replaced by a new one on each change. */
  picture!: SceneGraph;
  open: ReadonlySet<number>;
  readonly #graph: Graph;
  readonly #names: Names;
  readonly #expandedByDefault: ReadonlySet<number>;
  readonly #inside = new Map<Group, Inside>();
  #copies: Copies = "auto";
  /** Last list of groups to expand. */
  #given: readonly number[] | null = null;

  /** Read the groups of the document from `given`. */
  constructor(graph: Graph, names: Names, given: unknown) {
    this.#graph = graph;
    this.#names = names;
    this.groups = groupsOf(graph, given);
    this.within = withinOf(this.groups);
    this.#expandedByDefault = expandedByDefault(graph, this.groups);
    this.open = this.#expandedByDefault;
    this.#redraw();
  }

  /** Expand these groups; null for the default. `isOther` forces a new scene graph. */
  update(given: readonly number[] | null, isOther: boolean): void {
    const was = this.open;
    if (given !== this.#given) {
      this.#given = given;
      this.open = given ? new Set(given) : this.#expandedByDefault;
    }
    if (isOther || !areSame(was, this.open)) this.#redraw();
  }

  get copies(): Copies {
    return this.#copies;
  }

  set copies(copies: Copies) {
    this.#copies = copies;
    this.#redraw();
  }

  #redraw(): void {
    const draw = (copied: readonly number[]) =>
      sceneGraphOf(this.#graph, this.groups, this.open, new Set(copied));
    this.picture = draw([]);
    const { items, links, itemOf } = this.picture;
    const leaves = items.flatMap((item) =>
      item.kind === "node" && this.#graph.ops[item.node] === "leaf" ? [item.node] : [],
    );
    const places =
      this.#copies === "auto"
        ? copiedLeaves(
            items.length,
            links,
            leaves.map((leaf) => itemOf[leaf]!),
          )
        : undefined;
    const copied = leaves.filter((leaf) => (places ? places.has(itemOf[leaf]!) : this.#copies === "all"));
    if (copied.length > 0) this.picture = draw(copied);
  }

  /** List the expanded groups after folding or unfolding one. */
  toggled(group: number): number[] {
    const others = [...this.open].filter((id) => id !== group);
    return this.open.has(group) ? others : [...others, group];
  }

  /** Per node the labels of its groups. */
  labels(): readonly (readonly string[])[] {
    const labels: string[][] = Array.from({ length: this.#graph.size }, () => []);
    for (const { label, nodes } of this.groups)
      if (label) for (const node of nodes) labels[node]!.push(label);
    return labels;
  }

  /** List the groups to expand so that a node is visible; undefined if it is already. */
  revealing(node: number): number[] | undefined {
    const item = this.picture.items[this.picture.itemOf[node]!]!;
    if (item.kind !== "group") return undefined;
    const around = this.groups.filter(({ nodes }) => nodes.includes(node)).map(({ id }) => id);
    return [...new Set([...this.open, ...around])];
  }

  inside(group: Group): Inside {
    const known = this.#inside.get(group) ?? insideOf(this.#graph, group);
    this.#inside.set(group, known);
    return known;
  }

  /** Title of a group: its label, or the names of its first and last results. */
  title(group: Group): string {
    const { length } = this.within[group.id]!;
    const [first, last] = this.#ends(group);
    const stem = /^\D+(?=\d+$)/.exec(first)?.[0];
    if (first !== last) return `${first} … ${stem && last.startsWith(stem) ? last.slice(stem.length) : last}`;
    return length > 1 && !group.label ? `${first} ×${length}` : first;
  }

  #ends(group: Group): readonly [string, string] {
    const inside = this.within[group.id]!;
    if (group.label) return [group.label, group.label];
    if (inside.length > 1) return [this.#ends(inside[0]!)[0], this.#ends(inside.at(-1)!)[1]];
    const { nodes } = group;
    const operations = nodes.filter((id) => !isSource(this.#graph.ops[id]!));
    const last = this.#names.of((operations.length > 0 ? operations : nodes).at(-1)!);
    return [operations.length > 0 ? last : this.#names.of(nodes[0]!), last];
  }
}

function insideOf({ size, ops, customs, offsets, operands, outputs }: Graph, { nodes }: Group): Inside {
  const isIn = new Uint8Array(size);
  for (const node of nodes) isIn[node] = 1;
  const inputs = new Set<number>();
  const used = new Set<number>(outputs.filter((node) => isIn[node]));
  for (let node = nodes[0]!; node < size; node++) {
    for (let slot = offsets[node]!; slot < offsets[node + 1]!; slot++) {
      const operand = operands[slot]!;
      if (isIn[node]! > isIn[operand]!) inputs.add(operand);
      if (isIn[node]! < isIn[operand]!) used.add(operand);
    }
  }
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const op = customs.get(node)?.name ?? ops[node]!;
    if (!isSource(op)) counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  return {
    leaves: nodes.filter((node) => ops[node] === "leaf"),
    inputs: [...inputs].sort((a, b) => Number(isSource(ops[a]!)) - Number(isSource(ops[b]!))),
    outputs: [...used],
    ops: [...counts].sort((a, b) => b[1] - a[1]),
  };
}

function areSame(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a === b || (a.size === b.size && [...a].every((id) => b.has(id)));
}
