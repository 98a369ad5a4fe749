/**
 * Every path that a gradient takes from a root to a node, the largest first, without walking them all: sixty times
 * `y + y` are 2^60 paths. The twin of `paths.py`.
 *
 * The k best paths to a node are among the k best to each of its consumers, a step further: one sweep in the order of
 * the pass finds them (Bellman and Kalaba, "On kth best policies", 1960; Eppstein, "Finding the k shortest paths",
 * 1998, is the way to ask for many more). Numbers are sent down a path as the pass sends them, through the op table.
 * There more in never gives less out, rounding, overflow and underflow included, so the order is exact; nan counts as
 * infinite. How many paths there are, and what the unlisted ones bring, is summed up in the same sweep.
 */

import type { Graph } from "../engine/graph.ts";
import { contributionsOf } from "../engine/loops.ts";
import { descendantsOf, localDerivativeAlong, operandsOf } from "./adjacency.ts";

export interface Path {
  /** From the root to the target. */
  readonly nodes: readonly number[];
  /** The operand slots taken, as indexes into the graph's `operands`: one fewer than there are nodes. */
  readonly slots: readonly number[];
  /** The local derivative along each slot. */
  readonly factors: readonly number[];
  /** What arrives at the target when the root sends 1. (A dead ReLU makes 0 even of inf, as in the pass.) */
  readonly product: number;
}

export interface Paths {
  /** The largest first; of equal ones the shorter first, then by their nodes and slots. */
  readonly paths: readonly Path[];
  /** The gradient of the target in the last pass. */
  readonly total: number;
  /** How many paths there are in all. */
  readonly count: bigint;
  /** What the paths that are not listed bring together; exactly 0 if all are. */
  readonly rest: number;
}

/** A path from the root as far as `node`. */
interface Step {
  readonly node: number;
  readonly slot: number;
  readonly before: Step | undefined;
  readonly length: number;
  readonly product: number;
}

/** The paths from the root to one node. */
class Arrivals {
  count = 0n;
  rest = 0;
  steps: Step[] = [];

  /** Keep the best; what the others bring goes into `rest`. */
  cut(limit: number): void {
    this.steps.sort((a, b) => size(b.product) - size(a.product) || a.length - b.length);
    for (const step of this.steps.splice(limit)) this.rest += step.product;
  }
}

/** The `limit` largest paths from `root`, where the last pass came from, to `target`. */
export function pathsTo(graph: Graph, root: number, target: number, limit = 10): Paths {
  const { offsets, passGrads, needsGrad } = graph;
  const leads = descendantsOf(graph, target, root);
  const open = new Map<number, Arrivals>();
  const arrivalsAt = (id: number): Arrivals => {
    const known = open.get(id) ?? new Arrivals();
    open.set(id, known);
    return known;
  };
  if (needsGrad[target] && leads[root]) {
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
    operandsOf(graph, id).forEach((node, p) => {
      if (!leads[node]) return;
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
