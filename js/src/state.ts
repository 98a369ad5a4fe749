/**
 * What is shown. The only place that decides: the views ask it and draw, they compute nothing.
 *
 * One state belongs to one view. It takes in traits, replays the graph (values forward, then every pass of the history
 * in order) and keeps what each pass added, so that the sum can be told apart again. How far a replay in steps has come
 * is the view's own, and no trait.
 */

import { Graph } from "./graph.ts";
import type { Messages } from "./messages/messages.ts";
import { type Kind, kindOf, Names } from "./names.ts";
import { decodeNumber } from "./number.ts";
import { type Picture, wholePicture } from "./picture.ts";
import { chosenRange, type Range, widened } from "./ranges.ts";
import { type Progress, progressAfter, type Step, stepsOf } from "./steps.ts";
import type { Changes, Numbers, Traits } from "./traits.ts";

/** How a node stands to the gradients of the last pass. */
export type GradientStatus =
  | "reached"
  | "seed"
  | "not run yet"
  | "not reached"
  | "not tracked"
  /** In a replay: the pass has not come here yet. */
  | "not yet";

/** One operand slot: `consumer` uses `producer` as its operand number `slot`. */
export interface Edge {
  readonly producer: number;
  readonly consumer: number;
  readonly slot: number;
  /** Its place in the graph's `edgeGrads`. */
  readonly index: number;
}

/** A row of the ledger: a pass, by its root, or what was carried over. */
export interface Entry {
  readonly root: number | undefined;
  readonly added: number;
}

export class State {
  readonly graph: Graph;
  readonly names: Names;
  readonly messages: Messages;
  readonly edges: readonly Edge[];
  /** What is drawn. A new one where that changes. */
  readonly picture: Picture;
  readonly leaves: readonly number[];
  readonly readOnly: boolean;
  readonly notice: string;
  /** The leaf values that the document came with. */
  readonly firstValues: Numbers;

  passes: readonly number[] = [];
  selected: number | null = null;

  /** Those that the document gives. */
  readonly #givenRanges: ReadonlyMap<number, Range>;
  #ranges: Map<number, Range>;
  readonly #consumers: Edge[][];
  /**
   * By node, what is in `.grad` besides the passes. To the kernel: after `zero_grad()` and the passes, add this. To a
   * page: what the kernel can't tell as passes, such as a `p.grad` set by hand. Gradient descent that never zeroes
   * leaves here what its earlier passes gave, at the values that they had then.
   */
  carried: Numbers = {};
  /** Per pass what it added to each node. */
  #added: Float64Array[] = [];
  /** What was in `.grad` before the last pass. */
  #before: Pick<Graph, "grads" | "reached">;
  #reachedByPass = new Uint8Array();
  #steps: readonly Step[] = [];
  /** How many steps of a replay have been made; undefined: all, and nothing is replayed. */
  #step: number | undefined;
  #progress: Progress | undefined;

  /** Throws one sentence where the document is off. */
  constructor(traits: Traits, messages: Messages) {
    this.graph = Graph.fromJSON(traits.graph);
    this.#before = this.graph;
    this.messages = messages;
    this.names = new Names(this.graph, messages);
    this.readOnly = traits.read_only;
    this.notice = traits.notice;
    this.edges = edgesOf(this.graph);
    this.picture = wholePicture(this.graph);
    this.leaves = [...this.graph.ops.keys()].filter((id) => this.graph.ops[id] === "leaf");
    this.#givenRanges = givenRanges(traits.graph, this.graph);
    this.#ranges = new Map(this.#givenRanges);
    this.#consumers = this.graph.ops.map(() => []);
    for (const edge of this.edges) this.#consumers[edge.producer]!.push(edge);
    const { value } = this.graph.toJSON();
    this.firstValues = Object.fromEntries(this.leaves.map((leaf) => [leaf, value[leaf]!]));
    this.update(traits);
  }

  /** Take in what changed, and compute everything that follows from it. */
  update({ values, passes, carried, frozen, selected }: Changes): void {
    const { graph } = this;
    const still = frozen && new Set(frozen);
    for (const leaf of this.leaves) {
      const value = decodeNumber(values[leaf]);
      if (value !== undefined) graph.setLeaf(leaf, value);
      if (still) graph.setFrozen(leaf, still.has(leaf));
    }
    this.passes = passes.filter((root) => root >= 0 && root < graph.size);
    this.selected = selected !== null && selected >= 0 && selected < graph.size ? selected : null;
    this.carried = carried;
    graph.forward();
    graph.zeroGrad();
    this.#before = graph;
    this.#added = this.passes.map((root) => {
      this.#before = { grads: graph.grads.slice(), reached: graph.reached.slice() };
      graph.backward(root);
      return graph.passGrads.slice();
    });
    this.#reachedByPass = reachedFrom(graph, this.root);
    for (const leaf of this.leaves) this.#ranges.set(leaf, widened(this.range(leaf), graph.values[leaf]!));
    this.#steps = stepsOf(graph, this.root, this.#reachedByPass);
    this.replayTo(this.#step);
  }

  // -- what it is about ----------------------------------------------------------------------------------------------

  /** The root of the last pass. */
  get root(): number | undefined {
    return this.passes.at(-1);
  }

  /** What the sentence above the graph is about: the root of the last pass, or the last result. */
  get subject(): number {
    return this.root ?? this.graph.outputs.at(-1)!;
  }

  kind(id: number): Kind {
    return kindOf(this.graph, id);
  }

  /** Whether every leaf has the value that the document came with. */
  hasFirstValues(): boolean {
    return this.leaves.every((leaf) =>
      Object.is(this.graph.values[leaf], decodeNumber(this.firstValues[leaf])),
    );
  }

  range(leaf: number): Range {
    return this.#ranges.get(leaf) ?? chosenRange(this.graph.values[leaf]!);
  }

  /** Let ranges that have widened be what they were at first, with the next update. */
  narrow(): void {
    this.#ranges = new Map(this.#givenRanges);
  }

  // -- a replay in steps ---------------------------------------------------------------------------------------------

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** How many steps have been made: all of them where nothing is replayed. */
  get stepsMade(): number {
    return this.#step ?? this.#steps.length;
  }

  /** The step that was made last, in a replay. */
  get currentStep(): Step | undefined {
    return this.#step === undefined ? undefined : this.#steps[this.#step - 1];
  }

  get isReplaying(): boolean {
    return this.#step !== undefined;
  }

  /** Show what is known after so many steps; all of them, or undefined, ends the replay. */
  replayTo(count: number | undefined): void {
    const ends = count === undefined || count >= this.#steps.length;
    this.#step = ends ? undefined : Math.max(0, count);
    this.#progress = ends ? undefined : progressAfter(this.graph, this.#steps, this.#step!);
  }

  // -- numbers of nodes ----------------------------------------------------------------------------------------------

  /** A value, once it is computed. */
  value(id: number): number | undefined {
    return this.#progress?.computed[id] === 0 ? undefined : this.graph.values[id];
  }

  status(id: number): GradientStatus {
    if (!this.graph.needsGrad[id]) return "not tracked";
    if (this.passes.length === 0) return "not run yet";
    if (!this.#reachedByPass[id]) return "not reached";
    if (this.#progress?.arrived[id] === 0) return "not yet";
    return id === this.root ? "seed" : "reached";
  }

  /** The gradient of this pass; undefined where it did not come. */
  gradient(id: number): number | undefined {
    const status = this.status(id);
    if (status !== "reached" && status !== "seed") return undefined;
    return (this.#progress ?? this.graph).passGrads[id];
  }

  /** `.grad`: all passes and what was carried over; undefined where nothing has come yet. */
  total(id: number): number | undefined {
    const carried = this.#carriedTo(id);
    const progress = this.#progress;
    const { grads, reached } = progress ? this.#before : this.graph;
    if (carried === undefined && !reached[id] && !progress?.arrived[id]) return undefined;
    return (carried ?? 0) + grads[id]! + (progress?.passGrads[id] ?? 0);
  }

  /** What is in a node's `.grad`, row by row, the oldest first. */
  ledger(id: number): Entry[] {
    const carried = this.#carriedTo(id);
    const passes = this.passes.map((root, i) => ({ root, added: this.#added[i]![id]! }));
    if (this.#progress && passes.length > 0) {
      // The last pass is on its way: what has arrived of it, if anything has.
      passes.push({ root: passes.pop()!.root, added: this.#progress.passGrads[id]! });
      if (!this.#progress.arrived[id]) passes.pop();
    }
    return carried === undefined ? passes : [{ root: undefined, added: carried }, ...passes];
  }

  /** Whether some `.grad` holds more than the passes. */
  get hasCarried(): boolean {
    return Object.keys(this.carried).length > 0;
  }

  #carriedTo(id: number): number | undefined {
    return this.graph.needsGrad[id] ? decodeNumber(this.carried[id]) : undefined;
  }

  // -- edges ---------------------------------------------------------------------------------------------------------

  /** Whether this pass has sent something along an edge, be it 0. */
  flows(edge: Edge): boolean {
    if (!this.#reachedByPass[edge.consumer] || !this.graph.needsGrad[edge.producer]) return false;
    return this.#progress?.sent[edge.consumer] !== 0;
  }

  contribution(edge: Edge): number {
    return this.graph.edgeGrads[edge.index]!;
  }

  consumersOf(id: number): readonly Edge[] {
    return this.#consumers[id]!;
  }

  operandsOf(id: number): readonly Edge[] {
    const { offsets } = this.graph;
    return this.edges.slice(offsets[id], offsets[id + 1]);
  }

  /** The edges on the roads that the gradient takes from the root to a node, and from the node on. */
  roadsThrough(id: number): Set<Edge> {
    const roads = this.#follow(
      id,
      (edge) => edge.consumer,
      (node) => this.consumersOf(node).filter((edge) => this.flows(edge)),
    );
    for (const edge of this.operandsOf(id)) roads.add(edge);
    return roads;
  }

  /** The edges of all that a node depends on, and of all that depends on it. */
  relatedTo(id: number): Set<Edge> {
    const uses = this.#follow(
      id,
      (edge) => edge.consumer,
      (node) => this.consumersOf(node),
    );
    const used = this.#follow(
      id,
      (edge) => edge.producer,
      (node) => this.operandsOf(node),
    );
    return new Set([...uses, ...used]);
  }

  #follow(
    start: number,
    next: (edge: Edge) => number,
    edgesAt: (node: number) => readonly Edge[],
  ): Set<Edge> {
    const found = new Set<Edge>();
    const nodes = new Set([start]);
    for (const node of nodes) {
      for (const edge of edgesAt(node)) {
        found.add(edge);
        nodes.add(next(edge)); // a set is read on to what was added meanwhile
      }
    }
    return found;
  }
}

function edgesOf(graph: Graph): Edge[] {
  const edges: Edge[] = [];
  for (let consumer = 0; consumer < graph.size; consumer++) {
    const first = graph.offsets[consumer]!;
    for (let index = first; index < graph.offsets[consumer + 1]!; index++) {
      edges.push({ producer: graph.operands[index]!, consumer, slot: index - first, index });
    }
  }
  return edges;
}

/** Where a pass from a root comes by. */
function reachedFrom(graph: Graph, root: number | undefined): Uint8Array<ArrayBuffer> {
  const reached = new Uint8Array(graph.size);
  if (root === undefined || !graph.needsGrad[root]) return reached;
  reached[root] = 1;
  for (let id = root; id >= 0; id--) {
    if (!reached[id]) continue;
    for (let index = graph.offsets[id]!; index < graph.offsets[id + 1]!; index++) {
      const operand = graph.operands[index]!;
      if (graph.needsGrad[operand]) reached[operand] = 1;
    }
  }
  return reached;
}

/** The optional `sliders` of a document: leaf id → [low, high, step]. One that makes no sense is left out. */
function givenRanges(document: unknown, graph: Graph): Map<number, Range> {
  const { sliders } = document as { sliders?: unknown };
  const ranges = new Map<number, Range>();
  for (const [key, given] of Object.entries(typeof sliders === "object" && sliders !== null ? sliders : {})) {
    const [low, high, step] = Array.isArray(given) ? given.map(Number) : [];
    const fits = low !== undefined && high !== undefined && step !== undefined && low < high && step > 0;
    if (fits && graph.ops[Number(key)] === "leaf") ranges.set(Number(key), { low, high, step });
  }
  return ranges;
}
