/**
 * Neurons in any graph, labelled or not: a tree of products and sums with at most one activation on top, in which each
 * interior node has one use and each product exactly one weight of its own. Pure, and linear in the number of slots.
 */

import type { Graph } from "../engine/graph.ts";

export interface Weight {
  readonly leaf: number;
  /** The operand slot at which its product takes what it is multiplied with; undefined for a bias. */
  readonly slot: number | undefined;
}

export interface Neuron {
  /** Its output. */
  readonly head: number;
  /** All in it, ascending: its operations, weights and constants. */
  readonly nodes: readonly number[];
  /** In the order in which they are written, biases last. */
  readonly weights: readonly Weight[];
}

const ACTIVATIONS: ReadonlySet<string> = new Set([
  "relu",
  "tanh",
  "sigmoid",
  "silu",
  "gelu",
  "elu",
  "softplus",
  "leaky_relu",
]);
const LEAST_WEIGHTS = 2;

/** Number of uses of each node; a result of the graph once more. Of some slots only, if `counts` says which. */
export function usesOf(graph: Graph, counts: (consumer: number) => boolean = () => true): Int32Array {
  const uses = new Int32Array(graph.size);
  for (let id = 0; id < graph.size; id++)
    if (counts(id)) for (const operand of graph.operandsOf(id)) uses[operand]! += 1;
  for (const output of graph.outputs) uses[output]! += 1;
  return uses;
}

/** All neurons, no two of which share a node. `uses` as counted in what is drawn; a node that isn't has none. */
export function neuronsOf(graph: Graph, uses: Int32Array): Neuron[] {
  const taken = new Uint8Array(graph.size);
  const found: Neuron[] = [];
  for (let head = graph.size - 1; head >= 0; head--) {
    if (taken[head] || uses[head] === 0) continue;
    const neuron = neuronAt(graph, uses, head);
    if (!neuron || neuron.nodes.some((node) => taken[node])) continue;
    for (const node of neuron.nodes) taken[node] = 1;
    found.push(neuron);
  }
  return found.reverse();
}

function neuronAt(graph: Graph, uses: Int32Array, head: number): Neuron | undefined {
  const { ops, offsets } = graph;
  const isOwn = (id: number) => ops[id] === "leaf" && graph.needsGrad[id] === 1 && uses[id] === 1;
  const body = ACTIVATIONS.has(ops[head]!) ? graph.operandsOf(head)[0]! : head;
  if (body !== head && uses[body] !== 1) return undefined;
  const nodes = new Set([head]);
  const weights: Weight[] = [];
  const biases: Weight[] = [];
  // In the order in which it is written.
  for (const stack = [body]; stack.length > 0; ) {
    const id = stack.pop()!;
    nodes.add(id);
    const operands = graph.operandsOf(id);
    const isInside = id === body || uses[id] === 1;
    if (isOwn(id)) biases.push({ leaf: id, slot: undefined });
    else if (ops[id] === "const") continue;
    else if ((ops[id] === "+" || ops[id] === "sum") && isInside) stack.push(...[...operands].reverse());
    else if (ops[id] === "*" && isInside) {
      const [a, b] = [operands[0]!, operands[1]!];
      if (isOwn(a) === isOwn(b)) return undefined;
      const leaf = isOwn(a) ? a : b;
      nodes.add(leaf);
      weights.push({ leaf, slot: offsets[id]! + Number(leaf === a) });
    } else return undefined;
  }
  if (weights.length === 0 || weights.length + biases.length < LEAST_WEIGHTS) return undefined;
  return { head, nodes: [...nodes].sort((a, b) => a - b), weights: [...weights, ...biases] };
}
