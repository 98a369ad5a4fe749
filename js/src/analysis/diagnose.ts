/**
 * Diagnosis of gradients that are missing, 0, nan or infinite, and of values that are nan or infinite: the node that
 * causes it.
 *
 * Of several causes of a 0 the nearest towards the root counts, then the consumer with the lowest id. Of numbers that are
 * not finite the first counts, in the order of computation: values from the leaves on, then gradients from the root on.
 * A nan is traced to a nan, not to an infinity beside it.
 */

import type { Graph } from "../engine/graph.ts";
import { OPS } from "../engine/ops.ts";
import { localDerivativeAlong } from "./adjacency.ts";

export type Diagnosis =
  | { readonly kind: "not run yet" | "frozen" | "not tracked" }
  | { readonly kind: "not connected"; readonly root: number }
  /** `at` is a `detach` or a comparison, and no other path leads to the root. */
  | { readonly kind: "cut off"; readonly at: number }
  /** `at` is a ReLU that passes no gradient. */
  | { readonly kind: "dead relu"; readonly at: number }
  /** `at` multiplies by the node `factor`, which is 0. */
  | { readonly kind: "zero factor"; readonly at: number; readonly factor: number }
  /** `at` is a max, min, clamp or where of another operand than the node `factor`. */
  | { readonly kind: "not taken"; readonly at: number; readonly factor: number }
  /** `at` has a local derivative of 0: a saturated tanh, sign, abs at 0. */
  | { readonly kind: "flat"; readonly at: number }
  /** Contributions to `at` add up to 0. */
  | { readonly kind: "cancels"; readonly at: number }
  /** The gradient and the local derivative of `at` are not 0, but their product is. */
  | { readonly kind: "underflow"; readonly at: number }
  /** The first number that is not finite is the value, the gradient or a contribution of `at`. */
  | { readonly kind: "first nan" | "first inf"; readonly at: number };

/** View of the last pass. */
export interface PassSeen {
  readonly root: number | undefined;
  reached(id: number): boolean;
  /** Operand slots along which the pass sent a contribution to a node, even 0, ascending. */
  usesOf(id: number): readonly number[];
  /** Node of an operand slot. */
  consumerOf(slot: number): number;
}

/** Origin of a gradient that is not finite. */
interface Origin {
  /** Node nearest to the root that computed such a number from finite ones; -1 for none. */
  readonly made: number;
  readonly x: number;
  /** First node whose value gave a local derivative that is not finite; Infinity for none. */
  readonly value: number;
}

/**
 * Diagnoses of all nodes after a pass.
 *
 * A node's diagnosis follows from its neighbours', so one lazy sweep finds all: gradients from the root on, values from
 * the leaves on. All cards of a page can ask in every frame.
 */
export class Reasons {
  readonly #graph: Graph;
  readonly #pass: PassSeen;
  /** Per node the cause of a gradient of 0, and its distance towards the root. */
  readonly #zeroes: (Diagnosis | undefined)[] = [];
  readonly #steps: Float64Array;
  readonly #origins = new Map<number, Origin>();
  /** Progress of the two sweeps. */
  #lowest: number;
  #firsts: number[] = [];
  #cutAt: ReadonlyMap<number, number> | undefined;

  constructor(graph: Graph, pass: PassSeen) {
    this.#graph = graph;
    this.#pass = pass;
    this.#steps = new Float64Array(graph.size);
    this.#lowest = (pass.root ?? -1) + 1;
  }

  /** Diagnose the gradient of the last pass; undefined for an ordinary number. */
  ofGradient(id: number): Diagnosis | undefined {
    const graph = this.#graph;
    const { root } = this.#pass;
    if (!graph.needsGrad[id]) {
      if (cuts(graph, id)) return { kind: "cut off", at: id };
      return { kind: graph.ops[id] === "leaf" ? "frozen" : "not tracked" };
    }
    if (root === undefined) return { kind: "not run yet" };
    if (!this.#pass.reached(id)) {
      this.#cutAt ??= cutsBefore(graph, root);
      const at = this.#cutAt.get(id);
      return at === undefined ? { kind: "not connected", root } : { kind: "cut off", at };
    }
    const gradient = graph.passGrads[id]!;
    if (gradient !== 0 && Number.isFinite(gradient)) return undefined;
    while (this.#lowest > id) this.#visit(--this.#lowest);
    if (gradient === 0) return this.#zeroes[id];
    const { made, x, value } = this.#origins.get(id)!;
    return value < Infinity ? notFinite(value, graph.values[value]!) : notFinite(made, x);
  }

  /** Diagnose a value; undefined for a finite one. */
  ofValue(id: number): Diagnosis | undefined {
    const x = this.#graph.values[id]!;
    if (Number.isFinite(x)) return undefined;
    const first = this.#first(id);
    return notFinite(first, this.#graph.values[first]!);
  }

  #visit(id: number): void {
    const gradient = this.#graph.passGrads[id]!;
    if (!this.#pass.reached(id)) return;
    if (gradient === 0) this.#zeroes[id] = this.#zero(id);
    else if (!Number.isFinite(gradient)) this.#origins.set(id, this.#origin(id));
  }

  #zero(id: number): Diagnosis | undefined {
    const { edgeGrads } = this.#graph;
    const uses = this.#pass.usesOf(id);
    this.#steps[id] = 0;
    if (uses.some((slot) => edgeGrads[slot] !== 0)) return { kind: "cancels", at: id };
    let nearest: Diagnosis | undefined; // none if the gradient of the root is 0
    let steps = Infinity;
    for (const slot of uses) {
      const consumer = this.#pass.consumerOf(slot);
      const why = causeOfZero(this.#graph, consumer, slot);
      if (why) return why;
      if (this.#steps[consumer]! >= steps) continue;
      steps = this.#steps[consumer]!;
      nearest = this.#zeroes[consumer];
    }
    this.#steps[id] = steps + 1;
    return nearest;
  }

  #origin(id: number): Origin {
    const { values, passGrads, edgeGrads } = this.#graph;
    const guilty = culprits(this.#pass.usesOf(id), (slot) => edgeGrads[slot]!);
    // The sum of finite contributions overflowed.
    if (guilty.length === 0) return { made: id, x: passGrads[id]!, value: Infinity };
    const origins = guilty.map((slot): Origin => {
      const consumer = this.#pass.consumerOf(slot);
      const strange = Number.isFinite(localDerivativeAlong(this.#graph, consumer, slot))
        ? undefined
        : [...this.#graph.operandsOf(consumer), consumer].find((node) => !Number.isFinite(values[node]));
      if (strange !== undefined) return { made: -1, x: 0, value: this.#first(strange) };
      const isMade = Number.isFinite(passGrads[consumer]);
      return isMade ? { made: consumer, x: edgeGrads[slot]!, value: Infinity } : this.#origins.get(consumer)!;
    });
    const { made, x } = origins.reduce((a, b) => (b.made > a.made ? b : a));
    return { made, x, value: least(origins.map((origin) => origin.value)) };
  }

  /** First ancestor whose value is not finite. */
  #first(id: number): number {
    const { values } = this.#graph;
    for (let node = this.#firsts.length; node <= id; node++) {
      this.#firsts[node] = node;
      if (Number.isFinite(values[node])) continue;
      const guilty = culprits([...this.#graph.operandsOf(node)], (operand) => values[operand]!);
      if (guilty.length > 0) this.#firsts[node] = least(guilty.map((operand) => this.#firsts[operand]!));
    }
    return this.#firsts[id]!;
  }
}

/** Tell whether gradients that would flow into a node's operands end there. */
function cuts(graph: Graph, id: number): boolean {
  const isCut = OPS.get(graph.ops[id]!)?.isDifferentiable === false;
  return isCut && graph.operandsOf(id).some((operand) => graph.needsGrad[operand]);
}

/** By node the first one on the way from it to the root that lets no gradient through. */
function cutsBefore(graph: Graph, root: number): ReadonlyMap<number, number> {
  const leads = new Set([root]);
  const cutAt = new Map<number, number>();
  for (let id = root; id >= 0; id--) {
    if (!leads.has(id)) continue;
    const cut = cuts(graph, id) ? id : cutAt.get(id);
    for (const operand of graph.operandsOf(id)) {
      leads.add(operand);
      if (cut !== undefined) cutAt.set(operand, cut);
    }
  }
  return cutAt;
}

/** Diagnose a contribution of 0; undefined if the gradient of the consumer is 0 itself. */
function causeOfZero(graph: Graph, consumer: number, slot: number): Diagnosis | undefined {
  if (localDerivativeAlong(graph, consumer, slot) !== 0)
    return graph.passGrads[consumer] === 0 ? undefined : { kind: "underflow", at: consumer };
  const op = graph.ops[consumer]!;
  if (op === "relu") return { kind: "dead relu", at: consumer };
  const isZero = (operand: number, p: number) =>
    graph.values[operand] === 0 && graph.offsets[consumer]! + p !== slot;
  const isBranch = op === "where" && slot > graph.offsets[consumer]!;
  if (["max", "min", "clamp"].includes(op) || isBranch)
    return { kind: "not taken", at: consumer, factor: graph.operands[slot]! };
  const factor = ["*", "/", "prod"].includes(op) ? graph.operandsOf(consumer).find(isZero) : undefined;
  return factor === undefined
    ? { kind: "flat", at: consumer }
    : { kind: "zero factor", at: consumer, factor };
}

function notFinite(at: number, x: number): Diagnosis {
  return { kind: Number.isNaN(x) ? "first nan" : "first inf", at };
}

/** Smallest number. `Math.min(...numbers)` can't take a hundred thousand. */
function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}

/** Parts that make a sum or a value nan or infinite. */
function culprits<T>(parts: readonly T[], number: (part: T) => number): T[] {
  const strange = parts.filter((part) => !Number.isFinite(number(part)));
  const nans = strange.filter((part) => Number.isNaN(number(part)));
  return nans.length > 0 ? nans : strange;
}
