/** Expanded groups and the scene graph that follows from them, one per view. */

import { grouped } from "../analysis/grouped.ts";
import { type Matrix, matricesIn } from "../analysis/matrices.ts";
import type { Names } from "../analysis/names.ts";
import type { Graph } from "../engine/graph.ts";
import { isSource } from "../engine/keys.ts";
import { Batch } from "./batch.ts";
import { foundGroups, stepGroups } from "./found.ts";
import { expandedByDefault, type GivenGroups, groupsOf, withinOf } from "./groups.ts";
import { type Group, type SceneGraph, sceneGraphOf, shownGroups, soleUsers } from "./picture.ts";

/** Shape of a drawing: its open groups, and leaves of one use as rows in their user's card or as cards. */
export interface Shape {
  readonly open: ReadonlySet<number>;
  readonly areRows: boolean;
}

const NOTHING: ReadonlySet<number> = new Set();
/** Of the first step, those between and the last: the first and the last, only the last, or none. */
const STEPS_OPEN = [[0, 2], [2], []];
/** Of what is far from the result: all of it, and less and less. */
const STARTS_OPEN = [[0, 1, 2], [0, 1], [0], []];

/** Nodes inside a group, and those that lead into it and out of it. */
export interface Inside {
  readonly leaves: readonly number[];
  /** Operands from outside: computed nodes before leaves and constants. */
  readonly inputs: readonly number[];
  /** Nodes with uses outside, and outputs of the graph. */
  readonly outputs: readonly number[];
  /** Ops with their counts, the most common first. */
  readonly ops: readonly (readonly [string, number])[];
  /** Largest matrices among its parameters. */
  readonly matrices: readonly Matrix[];
}

/** A card has room for a weight and a bias. */
const MATRIX_LIMIT = 2;

export class Folds {
  groups!: readonly Group[];
  /** By group those that are in it, and last the ones at the top. */
  within!: readonly (readonly Group[])[];
  /** The samples of which one is drawn; undefined where there are none, or all are drawn. */
  readonly batch: Batch | undefined;
  /** A new one where it changes. */
  picture!: SceneGraph;
  readonly #soleUsers: ReadonlyMap<number, number>;
  #shape: Shape;
  /** Of the shapes that were asked for. */
  readonly #pictures = new Map<ReadonlySet<number>, SceneGraph[]>();
  readonly #graph: Graph;
  readonly #names: Names;
  /** Groups that the page may open by itself, most first. */
  readonly #expandedByDefault: readonly ReadonlySet<number>[];
  /** Those that have no name, in the order in which they are computed. */
  #neurons: readonly Group[] = [];
  /** The groups, but where samples are drawn one at a time. */
  readonly #own: readonly Group[] | undefined;
  readonly #inside = new Map<Group, Inside>();
  /** Last list of groups to expand. */
  #given: readonly number[] | null = null;

  /** Read the groups of the document from `given`. */
  constructor(graph: Graph, names: Names, given: GivenGroups) {
    this.#graph = graph;
    this.#names = names;
    const known = groupsOf(graph, given);
    const groups = known.length > 0 ? known : stepGroups(graph, (from, to) => names.steps(from, to));
    this.batch = known.length > 0 ? undefined : Batch.of(graph);
    this.#own = this.batch ? undefined : foundGroups(graph, groups);
    this.#regroup(NOTHING);
    const isOf = (key: "steps" | "isStart") => this.groups.some((group) => group[key]);
    const openings = this.batch ? [[]] : isOf("steps") ? STEPS_OPEN : isOf("isStart") && STARTS_OPEN;
    this.#expandedByDefault = openings
      ? openings.map((open) => new Set(open))
      : expandedByDefault(graph, this.groups);
    this.#soleUsers = soleUsers(graph);
    this.#shape = { open: this.#expandedByDefault[0]!, areRows: false };
    this.#redraw();
  }

  get open(): ReadonlySet<number> {
    return this.#shape.open;
  }

  /** Open groups with a frame: of what is far from the result, the innermost, if a reader has opened it. */
  get framed(): Group[] {
    const inner = this.groups.filter(({ id, isStart }) => isStart && this.open.has(id)).at(-1);
    const isFramed = (group: Group) =>
      this.open.has(group.id) && (!group.isStart || (group === inner && this.#given !== null));
    return shownGroups(this.groups, this.open).filter(isFramed);
  }

  /** Shapes that may be drawn, best first: by what is open, each in one or two ways. */
  get shapes(): Shape[][] {
    const openings = this.#given ? [this.open] : this.#expandedByDefault;
    const ways = this.#soleUsers.size > 0 ? [false, true] : [false];
    return openings.map((open) => ways.map((areRows) => ({ open, areRows })));
  }

  /** The samples, of which one is drawn. */
  get stack(): Batch | undefined {
    return this.open.has(0) ? undefined : this.batch;
  }

  /** Draw another sample, and gradients of it or of all. */
  showSample(sample: number, isSum: boolean): void {
    const { batch } = this;
    if (!batch) return;
    batch.isSum = isSum;
    if (batch.shown === sample) return;
    batch.shown = sample;
    this.#redraw();
  }

  #regroup(open: ReadonlySet<number>): void {
    this.groups = this.#own ?? this.batch!.groups(open);
    this.within = withinOf(this.groups);
    this.#neurons = this.groups.filter(({ neuron }) => neuron && !this.#names.label(neuron.head));
  }

  /** Draw a shape from now on. */
  choose(shape: Shape): void {
    if (this.batch && shape.open.has(0) !== this.open.has(0)) this.#regroup(shape.open);
    this.#shape = shape;
    this.picture = this.pictureOf(shape);
  }

  /** Have these groups open; null: those that open by themselves. `isOther`: what is drawn has changed anyway. */
  update(given: readonly number[] | null, isOther: boolean): void {
    const was = this.open;
    if (given !== this.#given) {
      this.#given = given;
      this.#shape = { ...this.#shape, open: given ? new Set(given) : this.#expandedByDefault[0]! };
    }
    if (isOther || !areSame(was, this.open)) this.#redraw();
  }

  #redraw(): void {
    this.#pictures.clear();
    this.#inside.clear();
    if (this.batch) this.#regroup(this.open);
    this.picture = this.pictureOf(this.#shape);
  }

  /** Scene graph of a shape: the same one each time, until something else is to be drawn. */
  pictureOf({ open, areRows }: Shape): SceneGraph {
    const known = this.#pictures.get(open) ?? [];
    this.#pictures.set(open, known);
    known[Number(areRows)] ??= this.#drawn(open, areRows ? this.#soleUsers : undefined);
    return known[Number(areRows)]!;
  }

  #drawn(open: ReadonlySet<number>, userOf: ReadonlyMap<number, number> | undefined): SceneGraph {
    const standIn = (node: number) => (open.has(0) ? undefined : this.batch?.standIn(node));
    return sceneGraphOf(this.#graph, this.groups, open, userOf, this.batch && standIn);
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
    if (group.isStart) return this.#names.earlier;
    const { length } = this.within[group.id]!;
    const [first, last] = this.#ends(group);
    const stem = /^\D+(?=\d+$)/.exec(first)?.[0];
    if (first !== last) return `${first} … ${stem && last.startsWith(stem) ? last.slice(stem.length) : last}`;
    return length > 1 && !group.label ? `${first} ×${length}` : first;
  }

  #ends(group: Group): readonly [string, string] {
    const inside = this.within[group.id]!;
    if (group.neuron && !group.label) {
      const { head } = group.neuron;
      const name =
        this.#names.label(head) ||
        this.batch?.labelOf(head) ||
        this.#names.neuron(this.#neurons.indexOf(group));
      return [name, name];
    }
    if (group.label) return [group.label, group.label];
    if (inside.length > 1) return [this.#ends(inside[0]!)[0], this.#ends(inside.at(-1)!)[1]];
    const { nodes } = group;
    const operations = nodes.filter((id) => !isSource(this.#graph.ops[id]!));
    const last = this.#names.of((operations.length > 0 ? operations : nodes).at(-1)!);
    return [operations.length > 0 ? last : this.#names.of(nodes[0]!), last];
  }
}

function insideOf(graph: Graph, { nodes }: Group): Inside {
  const { size, ops, customs, outputs, labels, needsGrad } = graph;
  const isIn = new Uint8Array(size);
  for (const node of nodes) isIn[node] = 1;
  const inputs = new Set<number>();
  const used = new Set<number>(outputs.filter((node) => isIn[node]));
  for (let node = nodes[0]!; node < size; node++) {
    for (const operand of graph.operandsOf(node)) {
      if (isIn[node]! > isIn[operand]!) inputs.add(operand);
      if (isIn[node]! < isIn[operand]!) used.add(operand);
    }
  }
  const byOp = grouped(
    nodes.filter((node) => !isSource(ops[node]!)),
    (node) => customs.get(node)?.name ?? ops[node]!,
  );
  const leaves = nodes.filter((node) => ops[node] === "leaf");
  return {
    leaves,
    inputs: [...inputs].sort((a, b) => Number(isSource(ops[a]!)) - Number(isSource(ops[b]!))),
    outputs: [...used],
    ops: Array.from(byOp, ([op, { length }]) => [op, length] as const).sort((a, b) => b[1] - a[1]),
    matrices: matricesIn(
      leaves.filter((leaf) => needsGrad[leaf]),
      (leaf) => labels[leaf] ?? "",
    ).slice(0, MATRIX_LIMIT),
  };
}

function areSame(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a === b || (a.size === b.size && [...a].every((id) => b.has(id)));
}
