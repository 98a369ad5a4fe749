/** Large documents for tests, as people write them. */

import fc from "fast-check";
import type { GraphDocument } from "../src/engine/graph.ts";
import { documentOf, type Part } from "./documents.ts";

/** h = w·x + wh·h, step after step, each with its input: nodes 3 to 6 are the first step. */
export function recurrence(steps: number): GraphDocument {
  const label: Record<string, string> = { 0: "w", 1: "wh", 2: "h0" };
  const parts: Part[] = [0.5, -0.4, 0.1];
  for (let t = 1, h = 2; t <= steps; t++) {
    const x = parts.push(0.1 * t) - 1;
    parts.push(["*", 0, x], ["*", 1, h], ["+", x + 1, x + 2]);
    h = x + 3;
    label[x] = `x${t}`;
    label[h] = `h${t}`;
  }
  return documentOf(parts, { label });
}

/** A relu network on several samples, and the sum of its outputs; how many nodes a sample has, and a neuron of layer 2. */
export function sampledNetwork(
  layers: readonly number[],
  samples: number,
): { document: GraphDocument; sizes: { sample: number; neuron: number } } {
  const parts: Part[] = [];
  const add = (part: Part) => parts.push(part) - 1;
  const weights = layers.slice(1).map((count, i) =>
    Array.from({ length: count }, (_, n) => ({
      w: Array.from({ length: layers[i]! }, (_, k) => add(Math.sin(7 * i + 3 * n + k))),
      b: add(0.1),
    })),
  );
  const outputs = Array.from({ length: samples }, (_, sample) => {
    let values = Array.from({ length: layers[0]! }, (_, k) => add(Math.cos(sample + k)));
    weights.forEach((neurons, i) => {
      values = neurons.map(({ w, b }) => {
        const sum = w.reduce((sum, weight, k) => add(["+", sum, add(["*", weight, values[k]!])]), b);
        return i < weights.length - 1 ? add(["relu", sum]) : sum;
      });
    });
    return values[0]!;
  });
  outputs.reduce((sum, output) => add(["+", sum, output]));
  const perNeuron = (inputs: number, isLast: boolean) => 2 * inputs + (isLast ? 0 : 1);
  const computed = layers
    .slice(1)
    .reduce((sum, count, i) => sum + count * perNeuron(layers[i]!, i === layers.length - 2), 0);
  return {
    document: documentOf(parts),
    sizes: { sample: layers[0]! + computed, neuron: perNeuron(layers[1]!, false) },
  };
}

/** Random graphs: leaves, constants and ops of one or two earlier nodes, near or far. */
export function graphParts(least: number, most: number): fc.Arbitrary<Part[]> {
  return fc
    .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: 1, max: 1e6 }))
    .map(([size, seed]) => {
      const random = generator(seed);
      const near = 1 + Math.floor(random() * size);
      return Array.from({ length: size }, (_, id): Part => {
        const kind = random();
        if (id === 0 || kind < 0.2) return random();
        if (kind < 0.25) return [random()];
        const operand = () => id - 1 - Math.floor(random() * Math.min(id, near));
        return kind < 0.4 ? ["tanh", operand()] : [kind < 0.7 ? "*" : "+", operand(), operand()];
      });
    });
}

/** A linear congruential generator (Numerical Recipes): the same seed gives the same graph. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
