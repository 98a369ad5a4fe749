/**
 * Paths of a gradient from a root to a node, the largest contributions first, without enumerating all: sixty times
 * `y + y` has 2^60 paths. The twin of `paths.py`.
 *
 * The k best paths to a node extend k best paths to its consumers, so one sweep in the order of the pass finds them
 * (Bellman and Kalaba, "On kth best policies", 1960; for many more: Eppstein, "Finding the k shortest paths", 1998).
 * Contributions are computed by the op table, as in the pass. They are monotone in the upstream magnitude, rounding,
 * overflow and underflow included, so the order is exact; nan counts as infinite. The same sweep counts all paths and
 * sums the unlisted ones.
 */

import type { Graph } from "../engine/graph.ts";
import { contributionsOf } from "../engine/loops.ts";
import { descendantsOf, localDerivativeAlong } from "./adjacency.ts";

export interface Path {
  /** Nodes from the root to the target. */
  readonly nodes: readonly number[];
  /** Operand slots along the path, as indexes into the graph's `operands`: one fewer than nodes. */
  readonly slots: readonly number[];
  /** Local derivative along each slot. */
  readonly factors: readonly number[];
  /** Contribution to the target for a gradient of 1 at the root. A dead ReLU gives 0 even for inf, as in the pass. */
  readonly product: number;
}

export interface Paths {
  /** Listed paths: the largest first, then the shorter, then by nodes and slots. */
  readonly paths: readonly Path[];
  /** Gradient of the target in the last pass. */
  readonly total: number;
  /** Number of all paths. */
  readonly count: bigint;
  /** Sum of the unlisted paths; exactly 0 if all are listed. */
  readonly rest: number;
}

/** Path from the root as far as `node`, as a linked list. */
interface Step {
  readonly node: number;
  readonly slot: number;
  readonly before: Step | undefined;
  readonly length: number;
  readonly product: number;
}

/** Paths from the root to one node. */
class Arrivals {
  count = 0n;
  rest = 0;
  steps: Step[] = [];

  /** Keep the `limit` best; add the others to `rest`. */
  cut(limit: number): void {
    this.steps.sort((a, b) => size(b.product) - size(a.product) || a.length - b.length);
    for (const step of this.steps.splice(limit)) this.rest += step.product;
  }
}

/** Find the `limit` largest paths to `target` from `root`, the root of the last pass. */
export function pathsTo(graph: Graph, root: number, target: number, limit = 10): Paths {
  const { offsets, passGrads, needsGrad } = graph;
  const leads = descendantsOf(graph, target, root);
  const open = new Map<number, Arrivals>();
  const arrivalsAt = (id: number): Arrivals => {
    const known = open.get(id) ?? new Arrivals();
    open.set(id, known);
    return known;
  };
  if (needsGrad[target] && needsGrad[root] && leads[root]) {
    const start = arrivalsAt(root);
    start.count = 1n;
    start.steps.push({ node: root, slot: -1, before: undefined, length: 0, product: 1 });
  }
  for (let id = root; id > target; id--) {
    const here = open.get(id);
    if (!here) continue;
    open.delete(id);
    here.cut(limit);
    const sent = here.steps.map((step) => contributionsOf(graph, id, step.product));
    // Not a rest of 0 where all paths are listed: times infinity it would become nan.
    const rest = here.count > here.steps.length ? contributionsOf(graph, id, here.rest) : undefined;
    graph.operandsOf(id).forEach((node, p) => {
      if (!leads[node] || !needsGrad[node]) return; // as a detach or a comparison
      const there = arrivalsAt(node);
      there.count += here.count;
      there.rest += rest?.[p] ?? 0;
      here.steps.forEach((before, i) => {
        const slot = offsets[id]! + p;
        there.steps.push({ node, slot, before, length: before.length + 1, product: sent[i]![p]! });
      });
      if (there.steps.length > 8 * limit) there.cut(limit);
    });
  }
  const there = arrivalsAt(target);
  there.cut(limit);
  const paths = there.steps.map((step) => pathOf(graph, step)).sort(inOrder);
  return { paths, total: passGrads[target]!, count: there.count, rest: there.rest };
}

function pathOf(graph: Graph, last: Step): Path {
  const steps: Step[] = [];
  for (let step: Step | undefined = last; step; step = step.before) steps.push(step);
  steps.reverse();
  const nodes = steps.map((step) => step.node);
  const slots = steps.slice(1).map((step) => step.slot);
  const factors = slots.map((slot, i) => localDerivativeAlong(graph, nodes[i]!, slot));
  return { nodes, slots, factors, product: last.product };
}

function size(x: number): number {
  return Number.isNaN(x) ? Infinity : Math.abs(x);
}

function inOrder(a: Path, b: Path): number {
  return (
    size(b.product) - size(a.product) ||
    a.nodes.length - b.nodes.length ||
    byNumbers(a.nodes, b.nodes) ||
    byNumbers(a.slots, b.slots)
  );
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((x, k) => x !== b[k]);
  return i < 0 ? 0 : a[i]! - b[i]!;
}
