/**
 * Steps of a computation and its last pass, one operation each: forward in the order of ids, then backward from the root
 * in reverse order, which visits a node after all its consumers.
 */

import type { Graph } from "../engine/graph.ts";
import { isSource } from "../engine/keys.ts";

export interface Step {
  /** Compute a value; set the gradient of the root; send contributions to the operands. */
  readonly kind: "forward" | "seed" | "backward";
  readonly node: number;
}

/** List all steps; those of the pass only if it reaches anything. */
export function stepsOf(graph: Graph, root: number | undefined, reached: Uint8Array): Step[] {
  const ids = [...graph.ops.keys()].filter((id) => !isSource(graph.ops[id]!));
  const forward: Step[] = ids.map((node) => ({ kind: "forward", node }));
  if (root === undefined || !reached[root]) return forward;
  const backward: Step[] = ids
    .filter((id) => reached[id])
    .reverse()
    .map((node) => ({ kind: "backward", node }));
  return [...forward, { kind: "seed", node: root }, ...backward];
}

/** State of a replay after some of its steps. */
export interface Progress {
  /** Per node 1 if its value is known. */
  readonly computed: Uint8Array;
  /** Per node 1 if a contribution has arrived. */
  readonly arrived: Uint8Array;
  /** Per node 1 if it has sent its contributions. */
  readonly sent: Uint8Array;
  /** Sum of the contributions that have arrived. */
  readonly passGrads: Float64Array;
}

/** Replay the first `count` steps. */
export function progressAfter(graph: Graph, steps: readonly Step[], count: number): Progress {
  const { size, offsets, edgeGrads, needsGrad } = graph;
  const progress: Progress = {
    computed: Uint8Array.from({ length: size }, (_, id) => Number(isSource(graph.ops[id]!))),
    arrived: new Uint8Array(size),
    sent: new Uint8Array(size),
    passGrads: new Float64Array(size),
  };
  for (const { kind, node } of steps.slice(0, count)) {
    if (kind === "forward") progress.computed[node] = 1;
    if (kind === "seed") {
      progress.arrived[node] = 1;
      progress.passGrads[node] = graph.passGrads[node]!;
    }
    if (kind !== "backward") continue;
    progress.sent[node] = 1;
    graph.operandsOf(node).forEach((operand, p) => {
      if (!needsGrad[operand]) return;
      progress.arrived[operand] = 1;
      progress.passGrads[operand]! += edgeGrads[offsets[node]! + p]!;
    });
  }
  return progress;
}
