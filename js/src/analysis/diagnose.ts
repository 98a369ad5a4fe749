/**
 * Why a gradient is missing, 0, nan or infinite, and why a value is nan or infinite: the node that causes it.
 *
 * Of several reasons for a 0 the one on the shortest way towards the root is given, and of equally near ones that of
 * the consumer with the lowest id. Of a number that is not finite the first one is given: values come before
 * gradients, values are made from the leaves on, gradients from the root on. A nan that comes from a nan is followed
 * there, and not to an infinity beside it.
 */

import type { Graph } from "../engine/graph.ts";
import { localDerivativeAlong, operandsOf } from "./adjacency.ts";

export type Diagnosis =
  | { readonly kind: "not run yet" | "frozen" | "not tracked" }
  | { readonly kind: "not connected"; readonly root: number }
  /** The ReLU that passed nothing on. */
  | { readonly kind: "dead relu"; readonly at: number }
  /** `at` multiplies by the node `factor`, which is 0. */
  | { readonly kind: "zero factor"; readonly at: number; readonly factor: number }
  /** A max or a min that takes another operand than the node `factor`. */
  | { readonly kind: "not taken"; readonly at: number; readonly factor: number }
  /** Another op whose slope is 0 there: a saturated tanh, sign, abs at 0. */
  | { readonly kind: "flat"; readonly at: number }
  /** What the node `at` receives adds up to 0. */
  | { readonly kind: "cancels"; readonly at: number }
  /** What `at` received is not 0, its slope isn't either, and their product is. */
  | { readonly kind: "underflow"; readonly at: number }
  /** What `at` computes, or sends or receives in the pass, is the first number that is not finite. */
  | { readonly kind: "first nan" | "first inf"; readonly at: number };

/** The last pass. */
export interface PassSeen {
  readonly root: number | undefined;
  reached(id: number): boolean;
  /** The operand slots along which this pass sent something to a node, be it 0, ascending. */
  usesOf(id: number): readonly number[];
  /** Whose operand slot it is. */
  consumerOf(slot: number): number;
}

/** Where a gradient that is not finite comes from. */
interface Origin {
  /** The node nearest to the root that made such a number out of finite ones; -1: none did. */
  readonly made: number;
  readonly x: number;
  /** The first node whose value made a slope that is not finite; Infinity: there is none. */
  readonly value: number;
}

/**
 * The reasons in a graph as it stands after a pass. Each node's is made of its neighbours', so they are found in one
 * sweep, gradients from the root on and values from the leaves on, as far as somebody asks: all cards on a page can
 * ask in every frame.
 */
export class Reasons {
  readonly #graph: Graph;
  readonly #pass: PassSeen;
  /** By node why its gradient is 0, and how many steps towards the root that is. */
  readonly #zeroes: (Diagnosis | undefined)[] = [];
  readonly #steps: Float64Array;
  readonly #origins = new Map<number, Origin>();
  /** How far the sweeps have come. */
  #lowest: number;
  #firsts: number[] = [];

  constructor(graph: Graph, pass: PassSeen) {
    this.#graph = graph;
    this.#pass = pass;
    this.#steps = new Float64Array(graph.size);
    this.#lowest = (pass.root ?? -1) + 1;
  }

  /** Why the gradient of the last pass is what it is; undefined for an ordinary number. */
  ofGradient(id: number): Diagnosis | undefined {
    const graph = this.#graph;
    const { root } = this.#pass;
    if (!graph.needsGrad[id]) return { kind: graph.ops[id] === "leaf" ? "frozen" : "not tracked" };
    if (root === undefined) return { kind: "not run yet" };
    if (!this.#pass.reached(id)) return { kind: "not connected", root };
    const gradient = graph.passGrads[id]!;
    if (gradient !== 0 && Number.isFinite(gradient)) return undefined;
    while (this.#lowest > id) this.#visit(--this.#lowest);
    if (gradient === 0) return this.#zeroes[id];
    const { made, x, value } = this.#origins.get(id)!;
    return value < Infinity ? notFinite(value, graph.values[value]!) : notFinite(made, x);
  }

  /** Where a value that is nan or infinite was first made; undefined for a finite one. */
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
    let nearest: Diagnosis | undefined; // none where the pass was started with 0
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
    // Of finite numbers the sum overflowed.
    if (guilty.length === 0) return { made: id, x: passGrads[id]!, value: Infinity };
    const origins = guilty.map((slot): Origin => {
      const consumer = this.#pass.consumerOf(slot);
      const strange = Number.isFinite(localDerivativeAlong(this.#graph, consumer, slot))
        ? undefined
        : [...operandsOf(this.#graph, consumer), consumer].find((node) => !Number.isFinite(values[node]));
      if (strange !== undefined) return { made: -1, x: 0, value: this.#first(strange) };
      const isMade = Number.isFinite(passGrads[consumer]);
      return isMade ? { made: consumer, x: edgeGrads[slot]!, value: Infinity } : this.#origins.get(consumer)!;
    });
    const { made, x } = origins.reduce((a, b) => (b.made > a.made ? b : a));
    return { made, x, value: least(origins.map((origin) => origin.value)) };
  }

  /** The first node that made a value not finite, of those that such a value comes from. */
  #first(id: number): number {
    const { values } = this.#graph;
    for (let node = this.#firsts.length; node <= id; node++) {
      this.#firsts[node] = node;
      if (Number.isFinite(values[node])) continue;
      const guilty = culprits([...operandsOf(this.#graph, node)], (operand) => values[operand]!);
      if (guilty.length > 0) this.#firsts[node] = least(guilty.map((operand) => this.#firsts[operand]!));
    }
    return this.#firsts[id]!;
  }
}

/** Why a consumer sent 0, unless because it received 0. */
function causeOfZero(graph: Graph, consumer: number, slot: number): Diagnosis | undefined {
  if (!isFlat(graph, consumer, slot))
    return graph.passGrads[consumer] === 0 ? undefined : { kind: "underflow", at: consumer };
  const op = graph.ops[consumer]!;
  if (op === "relu") return { kind: "dead relu", at: consumer };
  const isZero = (operand: number, p: number) =>
    graph.values[operand] === 0 && graph.offsets[consumer]! + p !== slot;
  if (op === "max" || op === "min") return { kind: "not taken", at: consumer, factor: graph.operands[slot]! };
  const factor = ["*", "/", "prod"].includes(op) ? operandsOf(graph, consumer).find(isZero) : undefined;
  return factor === undefined
    ? { kind: "flat", at: consumer }
    : { kind: "zero factor", at: consumer, factor };
}

/** Whether the local derivative along a slot is 0. What most nodes are is told without the op table, in every frame. */
function isFlat(graph: Graph, consumer: number, slot: number): boolean {
  const { ops, offsets, operands, values } = graph;
  const op = ops[consumer];
  if (op === "+" || op === "-") return false;
  if (op === "*") return values[operands[2 * offsets[consumer]! + 1 - slot]!] === 0;
  return localDerivativeAlong(graph, consumer, slot) === 0;
}

function notFinite(at: number, x: number): Diagnosis {
  return { kind: Number.isNaN(x) ? "first nan" : "first inf", at };
}

/** (`Math.min(...numbers)` can't take a hundred thousand.) */
function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}

/** Those that make a sum or an op's value nan or infinite. */
function culprits<T>(parts: readonly T[], number: (part: T) => number): T[] {
  const strange = parts.filter((part) => !Number.isFinite(number(part)));
  const nans = strange.filter((part) => Number.isNaN(number(part)));
  return nans.length > 0 ? nans : strange;
}
