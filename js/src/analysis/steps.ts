/**
 * A computation and its last pass, one operation at a time: forward from the first operation to the last, then backward
 * from the root, each node after all that use it. The order is that of the node ids, in which the engine goes too.
 */

import type { Graph } from "../engine/graph.ts";

export interface Step {
  /** A value is computed; the root gets its own gradient; a node sends its gradient on to its operands. */
  readonly kind: "forward" | "seed" | "backward";
  readonly node: number;
}

/** All steps; those of the pass only where there is one that reaches something. */
export function stepsOf(graph: Graph, root: number | undefined, reached: Uint8Array): Step[] {
  const ids = [...graph.ops.keys()].filter((id) => graph.offsets[id] !== graph.offsets[id + 1]);
  const forward: Step[] = ids.map((node) => ({ kind: "forward", node }));
  if (root === undefined || !reached[root]) return forward;
  const backward: Step[] = ids
    .filter((id) => reached[id])
    .reverse()
    .map((node) => ({ kind: "backward", node }));
  return [...forward, { kind: "seed", node: root }, ...backward];
}

/** How far things have come after some of the steps. */
export interface Progress {
  /** 1 where the value is known. */
  readonly computed: Uint8Array;
  /** 1 where some of the gradient has arrived. */
  readonly arrived: Uint8Array;
  /** 1 where the gradient has been sent on. */
  readonly sent: Uint8Array;
  /** The part of the pass's gradient that has arrived. */
  readonly passGrads: Float64Array;
}

/** What is known after the first `count` steps. */
export function progressAfter(graph: Graph, steps: readonly Step[], count: number): Progress {
  const { size, offsets, operands, edgeGrads, needsGrad } = graph;
  const progress: Progress = {
    computed: Uint8Array.from({ length: size }, (_, id) => (offsets[id] === offsets[id + 1] ? 1 : 0)),
    arrived: new Uint8Array(size),
    sent: new Uint8Array(size),
    passGrads: new Float64Array(size),
  };
  for (const { kind, node } of steps.slice(0, count)) {
    if (kind === "forward") progress.computed[node] = 1;
    if (kind === "seed") {
      progress.arrived[node] = 1;
      progress.passGrads[node] = 1;
    }
    if (kind !== "backward") continue;
    progress.sent[node] = 1;
    for (let slot = offsets[node]!; slot < offsets[node + 1]!; slot++) {
      const operand = operands[slot]!;
      if (!needsGrad[operand]) continue;
      progress.arrived[operand] = 1;
      progress.passGrads[operand]! += edgeGrads[slot]!;
    }
  }
  return progress;
}
