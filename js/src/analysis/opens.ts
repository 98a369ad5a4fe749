/** Input at which a relu that is off would open. */

import type { Graph } from "../engine/graph.ts";
import type { Adjacency } from "./adjacency.ts";

export interface Opening {
  /** The relu that is off. */
  readonly relu: number;
  /** Above this value of the leaf it lets through. */
  readonly above: number;
}

/** Find the relu that is off and would open by a parameter alone, as by a bias: only sums lie between. */
export function openingBy(graph: Graph, adjacency: Adjacency, leaf: number): Opening | undefined {
  for (let id = leaf; graph.needsGrad[leaf]; ) {
    const [slot, other] = adjacency.usesOf(id);
    if (slot === undefined || other !== undefined) return undefined;
    const consumer = adjacency.consumerOf(slot);
    const op = graph.ops[consumer]!;
    if (op === "relu" && graph.values[id]! <= 0)
      return { relu: consumer, above: graph.values[leaf]! - graph.values[id]! };
    if (op !== "+" && op !== "sum") return undefined;
    id = consumer;
  }
  return undefined;
}
