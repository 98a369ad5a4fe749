/**
 * A root as a function of one node, and its slope by differences: the second opinion on a gradient.
 *
 * Central differences with the step that balances their two errors: Nocedal and Wright, "Numerical Optimization",
 * section 8.1. Third differences as the measure of what goes unseen between the points: Hamming, "Numerical Methods
 * for Scientists and Engineers", on difference tables.
 */

import type { Graph } from "../engine/graph.ts";
import { OPS, type Op } from "../engine/ops.ts";
import { descendantsOf, operandsOf } from "./adjacency.ts";
import { largestOf } from "./largest.ts";

/** Values of the root, `ys`, where the node is `xs`. */
export interface Curve {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/** A curve with the point where the graph stands, and its tangent there. */
export interface Slope extends Curve {
  readonly x: number;
  readonly y: number;
  readonly slope: number;
}

/** What the page can't compute, such as an op of the kernel's: there is no curve through it. */
const UNKNOWN: Pick<Op, "forward" | "arity" | "ofList"> = { forward: () => Number.NaN, arity: 1 };

/** A computed node on the way from the free one to the root. */
interface Stage {
  readonly id: number;
  readonly op: Pick<Op, "forward" | "arity" | "ofList">;
  /** Its operands; an op of any number of them finds them in the graph. */
  readonly left: number;
  readonly right: number;
}

/** The root with one node set free: a leaf, or a computed one cut off from its operands. The graph is not touched. */
export class Sweep {
  readonly #graph: Graph;
  readonly #node: number;
  readonly #root: number;
  readonly #stages: Stage[];
  /** Operands of the stages, and the root, that don't move with the node: their values are the graph's. */
  readonly #still: Int32Array;
  readonly #values: Float64Array;

  constructor(graph: Graph, node: number, root: number) {
    this.#graph = graph;
    this.#node = node;
    this.#root = root;
    this.#values = new Float64Array(graph.size);
    this.#stages = stagesBetween(graph, node, root);
    const still = new Set([root]);
    for (const { id } of this.#stages) for (const operand of operandsOf(graph, id)) still.add(operand);
    for (const { id } of this.#stages) still.delete(id);
    still.delete(node);
    this.#still = Int32Array.from(still);
  }

  /** How many nodes are computed for one value. */
  get size(): number {
    return this.#stages.length;
  }

  /** The root's value where the node's is `x` and the rest of the graph is as it stands. */
  at(x: number): number {
    const graph = this.#graph;
    const values = this.#values;
    for (const id of this.#still) values[id] = graph.values[id]!;
    values[this.#node] = x;
    for (const { id, op, left, right } of this.#stages) {
      values[id] = op.ofList
        ? op.ofList.forward(Array.from(operandsOf(graph, id), (operand) => values[operand]!))
        : op.forward(values[left]!, values[right]!);
    }
    return values[this.#root]!;
  }
}

/** What follows from the node and leads to the root. */
function stagesBetween(graph: Graph, node: number, root: number): Stage[] {
  const { ops, offsets, operands } = graph;
  const moves = descendantsOf(graph, node, root);
  const leads = new Uint8Array(moves.length);
  leads[root] = 1;
  const stages: Stage[] = [];
  for (let id = root; id > node; id--) {
    if (!moves[id] || !leads[id]) continue;
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) leads[operands[slot]!] = 1;
    const left = operands[offsets[id]!]!;
    const right = operands[offsets[id + 1]! - 1]!;
    stages.push({ id, op: OPS.get(ops[id]!) ?? UNKNOWN, left, right });
  }
  return stages.reverse();
}

/** A curve may cost this many computed nodes: about 2 ms, so that it follows a slider. */
const BUDGET = 100_000;

/** How many points a curve of a sweep of this size can have: an odd number, so that one is in the middle. */
export function pointsFor(size: number): number {
  const affordable = Math.floor(BUDGET / Math.max(1, size));
  return 2 * Math.floor(Math.min(160, Math.max(16, affordable)) / 2) + 1;
}

/** The root at `points` evenly spaced values of the node, both ends included. */
export function curve(sweep: Sweep, low: number, high: number, points = pointsFor(sweep.size)): Curve {
  // Weighted, and not low + i·step, so that the ends are met and a range of the largest numbers doesn't overflow.
  const xs = Float64Array.from({ length: points }, (_, i) => {
    const share = i / (points - 1);
    return low * (1 - share) + high * share;
  });
  return { xs, ys: xs.map((x) => sweep.at(x)) };
}

/** A gradient beside its finite difference. */
export interface Check {
  readonly step: number;
  readonly numeric: number;
  /** How far the two are apart, without sign. */
  readonly difference: number;
  readonly verdict: "agrees" | "differs" | "kink" | "not finite";
}

/**
 * Compares a gradient with the central difference at `x`. The step h balances truncation, f‴h²/6, against rounding,
 * ε|f|/h; a power of two, so that dividing by it rounds nothing.
 *
 * How far off the central difference may be is read off the function itself. With two more points at ±2h, the third
 * differences over h are f‴h² for a smooth function, six times the truncation. For a kink within h, where the slopes
 * left and right differ by J, one of them is at least J/3 and never less than the error of the difference itself. So
 * four times them, as rounding can make them small by chance, is the tolerance; and if they are more than a thousandth
 * of the slope there is a kink, or a pole or a wave too near for this step. (Constant curvature, however strong, leaves
 * none. Where the slope vanishes, as of x³ at 0, they also have to be seen from afar: a millionth of the slope there.)
 * Besides, rounding may move the quotient by 64ε of the largest |f| over h, for a computation of many roundings, and
 * the gradient by 1e-8 of itself; what is less than ε is nothing, as in the tail of a gelu.
 */
export function check(sweep: Sweep, x: number, gradient: number): Check {
  const scale = Math.max(1, Math.abs(x));
  const step = 2 ** Math.round(Math.log2(Math.cbrt(Number.EPSILON) * scale));
  const ys = [-2, -1, 0, 1, 2].map((k) => sweep.at(x + k * step));
  const slopes = ys.slice(1).map((y, i) => (y - ys[i]!) / step);
  // Over what x + h and x − h really are apart, after rounding.
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
