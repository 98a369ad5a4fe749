/**
 * What is shown. The only place that decides: the views ask it and draw, they compute nothing.
 *
 * One state belongs to one view. It takes in traits, replays the graph (values forward, then every pass of the history
 * in order) and keeps what each pass added, so that the sum can be told apart again.
 */

import { Graph } from "./graph.ts";
import type { Messages } from "./messages/messages.ts";
import { type Kind, kindOf, Names } from "./names.ts";
import { decodeNumber } from "./number.ts";
import { chosenRange, type Range, widened } from "./ranges.ts";
import type { Traits } from "./traits.ts";

/** How a node stands to the gradients of the last pass. */
export type GradientStatus = "reached" | "seed" | "not run yet" | "not reached" | "not tracked";

/** One operand slot: `consumer` uses `producer` as its operand number `slot`. */
export interface Edge {
  readonly producer: number;
  readonly consumer: number;
  readonly slot: number;
  /** Its place in the graph's `edgeGrads`. */
  readonly index: number;
}

export class State {
  readonly graph: Graph;
  readonly names: Names;
  readonly messages: Messages;
  readonly edges: readonly Edge[];
  readonly leaves: readonly number[];
  readonly readOnly: boolean;
  readonly notice: string;
  /** The leaf values that the document came with. */
  readonly firstValues: Traits["values"];

  passes: readonly number[] = [];
  selected: number | null = null;

  readonly #ranges: Map<number, Range>;
  readonly #consumers: Edge[][];
  /** Per pass what it added to each leaf, in the order of `leaves`. */
  #added: Float64Array[] = [];
  #reachedByPass = new Uint8Array();

  /** Throws one sentence where the document is off. */
  constructor(traits: Traits, messages: Messages) {
    this.graph = Graph.fromJSON(traits.graph);
    this.messages = messages;
    this.names = new Names(this.graph, messages);
    this.readOnly = traits.read_only;
    this.notice = traits.notice;
    this.edges = edgesOf(this.graph);
    this.leaves = [...this.graph.ops.keys()].filter((id) => this.graph.ops[id] === "leaf");
    this.#ranges = givenRanges(traits.graph, this.graph);
    this.#consumers = this.graph.ops.map(() => []);
    for (const edge of this.edges) this.#consumers[edge.producer]!.push(edge);
    const { value } = this.graph.toJSON();
    this.firstValues = Object.fromEntries(this.leaves.map((leaf) => [leaf, value[leaf]!]));
    this.update(traits);
  }

  /** Take in what changed, and compute everything that follows from it. */
  update({ values, passes, selected }: Pick<Traits, "values" | "passes" | "selected">): void {
    const { graph } = this;
    for (const leaf of this.leaves) {
      const value = decodeNumber(values[leaf]);
      if (value !== undefined) graph.setLeaf(leaf, value);
    }
    this.passes = passes.filter((root) => root >= 0 && root < graph.size);
    this.selected = selected !== null && selected >= 0 && selected < graph.size ? selected : null;
    graph.forward();
    graph.zeroGrad();
    this.#added = this.passes.map((root) => {
      graph.backward(root);
      return Float64Array.from(this.leaves, (leaf) => graph.passGrads[leaf]!);
    });
    this.#reachedByPass = reachedFrom(graph, this.root);
    for (const leaf of this.leaves) this.#ranges.set(leaf, widened(this.range(leaf), graph.values[leaf]!));
  }

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

  status(id: number): GradientStatus {
    if (!this.graph.needsGrad[id]) return "not tracked";
    if (this.#reachedByPass[id]) return id === this.root ? "seed" : "reached";
    return this.passes.length > 0 ? "not reached" : "not run yet";
  }

  /** Whether this pass sent something along an edge, be it 0. */
  flows(edge: Edge): boolean {
    return this.#reachedByPass[edge.consumer] === 1 && this.graph.needsGrad[edge.producer] === 1;
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

  range(leaf: number): Range {
    return this.#ranges.get(leaf) ?? chosenRange(this.graph.values[leaf]!);
  }

  /** Whether every leaf has the value that the document came with. */
  hasFirstValues(): boolean {
    return this.leaves.every((leaf) =>
      Object.is(this.graph.values[leaf], decodeNumber(this.firstValues[leaf])),
    );
  }

  /** What each pass added to a leaf's `.grad`, in order. */
  addedTo(leaf: number): number[] {
    const at = this.leaves.indexOf(leaf);
    return this.#added.map((pass) => pass[at]!);
  }

  /** The edges on the roads that the gradient takes from the root to a node, and from the node on. */
  roadsThrough(id: number): Set<Edge> {
    const roads = new Set<Edge>();
    const from = [id];
    const seen = new Set(from);
    for (const node of from) {
      for (const edge of this.consumersOf(node)) {
        if (!this.flows(edge)) continue;
        roads.add(edge);
        if (!seen.has(edge.consumer)) {
          seen.add(edge.consumer);
          from.push(edge.consumer);
        }
      }
    }
    for (const edge of this.operandsOf(id)) roads.add(edge);
    return roads;
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
