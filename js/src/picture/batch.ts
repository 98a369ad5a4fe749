/**
 * Samples as a stack: of a result that adds up computations of one shape, one is drawn, and the result's card is the
 * ledger of what each adds.
 */

import { neuronsOf, usesOf } from "../analysis/neurons.ts";
import { type Samples, samplesOf } from "../analysis/samples.ts";
import type { Graph } from "../engine/graph.ts";
import { isSource } from "../engine/keys.ts";
import { ALL_SHOWN } from "./found.ts";
import { type Group, groupOf } from "./picture.ts";

/** The place of the ledger among the groups: open, all samples are drawn. */
const LEDGER = 0;

export class Batch {
  readonly samples: Samples;
  /** The sample that is drawn. */
  shown: number;
  /** Gradients are those of all samples. */
  isSum = false;
  readonly #graph: Graph;
  /** By node the sample that it belongs to; -1: all. */
  readonly #sampleOf: Int32Array;
  readonly #placeOf: Int32Array;

  /** The samples of a graph, if it has any. */
  static of(graph: Graph): Batch | undefined {
    if (graph.size <= ALL_SHOWN) return undefined;
    const samples = samplesOf(graph, usesOf(graph));
    return samples && new Batch(graph, samples);
  }

  constructor(graph: Graph, samples: Samples) {
    this.#graph = graph;
    this.samples = samples;
    this.#sampleOf = new Int32Array(graph.size).fill(-1);
    this.#placeOf = new Int32Array(graph.size);
    for (const [sample, body] of samples.bodies.entries()) {
      for (const [place, node] of body.entries()) {
        this.#sampleOf[node] = sample;
        this.#placeOf[node] = place;
      }
    }
    const adds = samples.terms.map((_, sample) => Math.abs(this.adds(sample)));
    this.shown = Math.max(0, adds.indexOf(Math.max(...adds.filter((x) => x >= 0))));
  }

  get count(): number {
    return this.samples.terms.length;
  }

  /** Contribution of a sample to the root. */
  adds(sample: number): number {
    return this.samples.signs[sample]! * this.#graph.values[this.samples.terms[sample]!]!;
  }

  /** The sample that a node belongs to; -1 for what all share. */
  sampleOf(node: number): number {
    return this.#sampleOf[node]!;
  }

  /** A label of the same part in any sample: a variable in a loop holds that of the last one. */
  labelOf(node: number): string {
    const place = this.#placeOf[node]!;
    if (this.#sampleOf[node]! < 0) return "";
    return this.samples.bodies.map((body) => this.#graph.labels[body[place]!]).find(Boolean) ?? "";
  }

  /** Counterpart in the sample that is drawn; undefined if it is drawn itself. */
  standIn(node: number): number | undefined {
    const sample = this.#sampleOf[node]!;
    return sample < 0 || sample === this.shown
      ? undefined
      : this.samples.bodies[this.shown]![this.#placeOf[node]!];
  }

  /** By input its node in a sample. */
  inputsOf(sample: number): number[] {
    return this.samples.inputs.map(([place]) => this.samples.bodies[sample]![place!]!);
  }

  /** The groups with these open: the ledger, the sample's inputs, and its neurons. */
  groups(open: ReadonlySet<number>): Group[] {
    const { samples, shown } = this;
    if (open.has(LEDGER))
      return [groupOf(LEDGER, [...samples.chain, ...samples.bodies.flat()], { samples, isInputs: false })];
    const neurons = neuronsOf(
      this.#graph,
      usesOf(this.#graph, (node) => this.standIn(node) === undefined),
    ).filter(({ head }) => this.#sampleOf[head] === shown);
    const inNeurons = new Set(neurons.flatMap(({ nodes }) => nodes));
    const ledger = [...samples.chain, ...this.#tail(inNeurons)];
    const inLedger = new Set(ledger);
    const body = samples.bodies[shown]!;
    const inputs = samples.inputs
      .flat()
      .map((place) => body[place]!)
      .filter((node) => !inLedger.has(node));
    const own = (nodes: readonly number[]) => nodes.filter((node) => !inputs.includes(node));
    return [
      groupOf(LEDGER, ledger, { samples, isInputs: false }),
      ...(inputs.length > 0 ? [groupOf(1, inputs, { samples, isInputs: true })] : []),
      ...neurons.map((neuron, i) => groupOf(i + 2, own(neuron.nodes), { neuron })),
    ];
  }

  /** Operations on the outcome of a sample before it is added up, such as its squared difference. */
  #tail(inNeurons: ReadonlySet<number>): number[] {
    const { ops } = this.#graph;
    const tail: number[] = [];
    let next: number | undefined = this.samples.terms[this.shown]!;
    while (next !== undefined && !isSource(ops[next]!) && !inNeurons.has(next)) {
      const parts: number[] = [...this.#graph.operandsOf(next)];
      const others: number[] = parts.filter((part) => ops[part] !== "const");
      if (new Set(others).size !== 1) break;
      tail.push(next, ...parts.filter((part) => ops[part] === "const"));
      next = others[0];
    }
    return tail;
  }
}
