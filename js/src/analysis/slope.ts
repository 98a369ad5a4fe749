/**
 * The root as a function of one node, and its slope by finite differences, to check a gradient.
 *
 * Central differences with the step that balances their two errors: Nocedal and Wright, "Numerical Optimization",
 * section 8.1. Third differences estimate the error between the points: Hamming, "Numerical Methods for Scientists and
 * Engineers", on difference tables.
 */

import type { Graph } from "../engine/graph.ts";
import { OPS, type Op } from "../engine/ops.ts";
import { descendantsOf } from "./adjacency.ts";
import { largestOf } from "./largest.ts";

/** Values `ys` of the root for values `xs` of the node. */
export interface Curve {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/** Stand-in for an op that the page can't compute, such as a custom op: a curve through it is nan. */
const UNKNOWN: Pick<Op, "forward" | "ofList"> = { forward: () => Number.NaN };

/** Computed node on a path from the free node to the root. */
interface Stage {
  readonly id: number;
  readonly op: Pick<Op, "forward" | "ofList">;
  /** First and last operand; an op of any arity reads its operands from the graph. */
  readonly left: number;
  readonly right: number;
}

/** Root as a function of one node: a leaf, or a computed node cut off from its operands. The graph stays unchanged. */
export class Sweep {
  readonly #graph: Graph;
  readonly #node: number;
  readonly #root: number;
  readonly #stages: Stage[];
  /** Values of the graph when the sweep was made, but for the node and the stages. */
  readonly #values: Float64Array;

  constructor(graph: Graph, node: number, root: number) {
    this.#graph = graph;
    this.#node = node;
    this.#root = root;
    this.#values = graph.values.slice();
    this.#stages = stagesBetween(graph, node, root);
  }

  /** Compute the root for the value `x` of the node. */
  at(x: number): number {
    const values = this.#values;
    values[this.#node] = x;
    for (const { id, op, left, right } of this.#stages) {
      values[id] = op.ofList
        ? op.ofList.forward(Array.from(this.#graph.operandsOf(id), (operand) => values[operand]!))
        : op.forward(values[left]!, values[right]!);
    }
    return values[this.#root]!;
  }
}

/** Nodes on paths from the node to the root, in order. */
function stagesBetween(graph: Graph, node: number, root: number): Stage[] {
  const moves = descendantsOf(graph, node, root);
  const leads = new Uint8Array(moves.length);
  leads[root] = 1;
  const stages: Stage[] = [];
  for (let id = root; id > node; id--) {
    if (!moves[id] || !leads[id]) continue;
    const operands = graph.operandsOf(id);
    for (const operand of operands) leads[operand] = 1;
    stages.push({ id, op: OPS.get(graph.ops[id]!) ?? UNKNOWN, left: operands[0]!, right: operands.at(-1)! });
  }
  return stages.reverse();
}

/** Budget of computed nodes per curve: about 2 ms, so that it follows a slider. */
const BUDGET = 100_000;

/** Affordable number of points for a graph of this size: odd, so that one is in the middle. */
export function pointsFor(size: number): number {
  const affordable = Math.floor(BUDGET / Math.max(1, size));
  return 2 * Math.floor(Math.min(160, Math.max(16, affordable)) / 2) + 1;
}

/** Sample the root at `points` evenly spaced values of the node, both ends included. */
export function curve(sweep: Sweep, low: number, high: number, points: number): Curve {
  // A weighted mean, not low + i·step: it meets the ends, and a range of the largest numbers doesn't overflow.
  const xs = Float64Array.from({ length: points }, (_, i) => {
    const share = i / (points - 1);
    return low * (1 - share) + high * share;
  });
  return { xs, ys: xs.map((x) => sweep.at(x)) };
}

/** Comparison of a gradient with its finite difference. */
export interface Check {
  readonly step: number;
  readonly numeric: number;
  /** Magnitude of their difference. */
  readonly difference: number;
  readonly verdict: "agrees" | "differs" | "kink" | "not finite";
}

/**
 * Compare a gradient with the central difference at `x`.
 *
 * The step h balances truncation, f‴h²/6, against rounding, ε|f|/h. It is a power of two, so that dividing by it is
 * exact.
 *
 * The tolerance comes from the function itself. With two more points at ±2h, the third differences over h are f‴h² for a
 * smooth function, six times the truncation error. For a kink within h, with slopes that differ by J, one of them is at
 * least J/3 and never less than the error. The tolerance is four times them, since rounding can make them small by
 * chance. If they exceed a thousandth of the slope there is a kink, or a pole or a wave too near for this step. Constant
 * curvature gives none. Where the slope vanishes, as of x³ at 0, they must also exceed a millionth of the slope farther
 * away.
 *
 * Rounding may move the quotient by 64ε of the largest |f| over h, for a computation of many roundings, and the gradient
 * by 1e-8 of itself. Differences below ε are ignored, as in the tail of a gelu.
 */
export function check(sweep: Sweep, x: number, gradient: number): Check {
  const scale = Math.max(1, Math.abs(x));
  const step = 2 ** Math.round(Math.log2(Math.cbrt(Number.EPSILON) * scale));
  const ys = [-2, -1, 0, 1, 2].map((k) => sweep.at(x + k * step));
  const slopes = ys.slice(1).map((y, i) => (y - ys[i]!) / step);
  // Divide by the distance of x + h and x − h after rounding.
  const numeric = (ys[3]! - ys[1]!) / (x + step - (x - step));
  const difference = Math.abs(numeric - gradient);
  const third = Math.max(...[0, 1].map((i) => Math.abs(slopes[i]! - 2 * slopes[i + 1]! + slopes[i + 2]!)));
  const afar = [-scale, scale].map((far) => Math.abs((sweep.at(x + far / 8) - ys[2]!) / far) * 8);
  const rounding = (64 * Math.max(Number.EPSILON * largestOf(ys), Number.MIN_VALUE)) / step;
  const tolerance = 4 * third + rounding + 1e-8 * Math.abs(gradient) + Number.EPSILON;
  const rough = Math.max(1e-3 * largestOf(slopes.slice(1, 3)), 1e-6 * largestOf(afar)) + rounding;
  const verdict = !Number.isFinite(difference + third)
    ? "not finite"
    : third > rough
      ? "kink"
      : difference <= tolerance
        ? "agrees"
        : "differs";
  return { step, numeric, difference, verdict };
}
