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
export function usesOf(
  { size, offsets, operands, outputs }: Graph,
  counts?: (consumer: number) => boolean,
): Int32Array {
  const uses = new Int32Array(size);
  for (let id = 0; id < size; id++) {
    if (counts && !counts(id)) continue;
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) uses[operands[slot]!]! += 1;
  }
  for (const output of outputs) uses[output]! += 1;
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
  const { ops, offsets, operands } = graph;
  const nodes = [head];
  const weights: Weight[] = [];
  const isOwn = (id: number) => ops[id] === "leaf" && graph.needsGrad[id] === 1 && uses[id] === 1;
  let products = 0;
  const isActive = ACTIVATIONS.has(ops[head]!);
  // In the order in which it is written.
  const stack = [isActive ? operands[offsets[head]!]! : head];
  if (isActive) nodes.push(stack[0]!);
  if (isActive && uses[stack[0]!] !== 1) return undefined;
  const body = stack[0]!;
  while (stack.length > 0) {
    const id = stack.pop()!;
    if (id !== body) nodes.push(id);
    const [first, end] = [offsets[id]!, offsets[id + 1]!];
    const isInside = id === body || uses[id] === 1;
    if (isOwn(id)) weights.push({ leaf: id, slot: undefined });
    else if (ops[id] === "const") continue;
    else if ((ops[id] === "+" || ops[id] === "sum") && isInside)
      for (let slot = end - 1; slot >= first; slot--) stack.push(operands[slot]!);
    else if (ops[id] === "*" && isInside) {
      const own = isOwn(operands[first]!);
      if (own === isOwn(operands[first + 1]!)) return undefined;
      const leaf = operands[own ? first : first + 1]!;
      const slot = own ? first + 1 : first;
      nodes.push(leaf);
      weights.push({ leaf, slot });
      products++;
    } else return undefined;
  }
  if (products === 0 || weights.length < LEAST_WEIGHTS) return undefined;
  const isBias = ({ slot }: Weight) => Number(slot === undefined);
  weights.sort((a, b) => isBias(a) - isBias(b));
  return { head, nodes: [...new Set(nodes)].sort((a, b) => a - b), weights };
}
