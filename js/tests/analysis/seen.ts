import type { PassSeen } from "../../src/analysis/diagnose.ts";
import type { Graph } from "../../src/engine/graph.ts";

/** View of the only pass that was run. */
export function passOf(graph: Graph, root: number): PassSeen {
  const reached = (id: number) => graph.reached[id] === 1;
  const uses = graph.ops.map((): number[] => []);
  const consumers: number[] = [];
  for (const consumer of graph.ops.keys()) {
    for (let slot = graph.offsets[consumer]!; slot < graph.offsets[consumer + 1]!; slot++) {
      consumers.push(consumer);
      if (reached(consumer)) uses[graph.operands[slot]!]!.push(slot);
    }
  }
  return { root, reached, usesOf: (id) => uses[id]!, consumerOf: (slot) => consumers[slot]! };
}
