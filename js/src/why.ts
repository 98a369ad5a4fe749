/**
 * Why a gradient is missing, 0, nan or infinite, and why a value is nan or infinite: the node that causes it.
 *
 * Of several reasons for a 0 the one on the shortest way towards the root is given, and of equally near ones that of
 * the consumer with the lowest id. Of a number that is not finite the first one is given: values come before
 * gradients, values are made from the leaves on, gradients from the root on. A nan that comes from a nan is followed
 * there, and not to an infinity beside it.
 */

import type { Graph } from "./graph.ts";
import { operandsOf, slopeAlong } from "./roads.ts";

export type Why =
  | { readonly kind: "not run yet" | "frozen" | "not tracked" }
  | { readonly kind: "not connected"; readonly root: number }
  /** The ReLU that passed nothing on. */
  | { readonly kind: "dead relu"; readonly at: number }
  /** `at` multiplies by the node `factor`, which is 0. */
  | { readonly kind: "zero factor"; readonly at: number; readonly factor: number }
  /** Another op whose slope is 0 there: a saturated tanh, sign, abs at 0, the loser of a max. */
  | { readonly kind: "flat"; readonly at: number }
  /** What the node `at` receives adds up to 0. */
  | { readonly kind: "cancels"; readonly at: number }
  /** What `at` received is not 0, its slope isn't either, and their product is. */
  | { readonly kind: "underflow"; readonly at: number }
  /** What `at` computes, or sends or receives in the pass, is the first number that is not finite. */
  | { readonly kind: "first nan" | "first inf"; readonly at: number };

/** A place where a node is an operand: its index in the graph's `operands`. */
export interface Use {
  readonly index: number;
  readonly consumer: number;
}

/** The last pass. */
export interface PassSeen {
  readonly root: number | undefined;
  reached(id: number): boolean;
  /** Where this pass sent something to a node, be it 0. */
  usesOf(id: number): readonly Use[];
  /** Give up the search for a cause after so many nodes: a card can't wait for the end of a long chain. */
  readonly most?: number;
}

/** Why the gradient of the last pass is what it is; undefined for an ordinary number. */
export function whyGradient(graph: Graph, id: number, pass: PassSeen): Why | undefined {
  if (!graph.needsGrad[id]) return { kind: graph.ops[id] === "leaf" ? "frozen" : "not tracked" };
  if (pass.root === undefined) return { kind: "not run yet" };
  if (!pass.reached(id)) return { kind: "not connected", root: pass.root };
  const gradient = graph.passGrads[id]!;
  if (gradient === 0) return whyZero(graph, id, pass);
  return Number.isFinite(gradient) ? undefined : firstGradient(graph, id, pass);
}

/** Where a value that is nan or infinite was first made; undefined for a finite one. */
export function whyValue(graph: Graph, id: number): Why | undefined {
  return Number.isFinite(graph.values[id]) ? undefined : firstValue(graph, [id]);
}

function whyZero(graph: Graph, id: number, pass: PassSeen): Why | undefined {
  const { edgeGrads } = graph;
  const nodes = new Set([id]);
  // A set hands out what is added to it on the way: nearest first.
  for (const node of nodes) {
    const uses = pass.usesOf(node);
    if (uses.some(({ index }) => edgeGrads[index] !== 0)) return { kind: "cancels", at: node };
    for (const use of uses) {
      const why = whyNothingSent(graph, use);
      if (why) return why;
    }
    for (const { consumer } of uses) nodes.add(consumer);
    if (nodes.size > (pass.most ?? Infinity)) break;
  }
  return undefined; // the pass was started with 0, or the cause is too far
}

/** Why a consumer sent 0, unless because it received 0. */
function whyNothingSent(graph: Graph, { index, consumer }: Use): Why | undefined {
  if (slopeAlong(graph, consumer, index) !== 0)
    return graph.passGrads[consumer] === 0 ? undefined : { kind: "underflow", at: consumer };
  const op = graph.ops[consumer]!;
  if (op === "relu") return { kind: "dead relu", at: consumer };
  const isZero = (operand: number, p: number) =>
    graph.values[operand] === 0 && graph.offsets[consumer]! + p !== index;
  const factor = ["*", "/", "prod"].includes(op) ? operandsOf(graph, consumer).find(isZero) : undefined;
  return factor === undefined
    ? { kind: "flat", at: consumer }
    : { kind: "zero factor", at: consumer, factor };
}

function firstGradient(graph: Graph, id: number, pass: PassSeen): Why | undefined {
  const { values, passGrads, edgeGrads } = graph;
  const nodes = new Set([id]);
  const strangeValues: number[] = [];
  let first: Why | undefined;
  let firstAt = -1;
  const made = (at: number, x: number) => {
    if (at <= firstAt) return;
    firstAt = at;
    first = notFinite(at, x);
  };
  for (const node of nodes) {
    const guilty = culprits(pass.usesOf(node), ({ index }) => edgeGrads[index]!);
    if (guilty.length === 0) made(node, passGrads[node]!); // finite numbers, and their sum overflowed
    for (const { index, consumer } of guilty) {
      const strange = Number.isFinite(slopeAlong(graph, consumer, index))
        ? undefined
        : [...operandsOf(graph, consumer), consumer].find((n) => !Number.isFinite(values[n]));
      if (strange !== undefined) strangeValues.push(strange);
      else if (Number.isFinite(passGrads[consumer])) made(consumer, edgeGrads[index]!);
      else nodes.add(consumer);
    }
    if (nodes.size > (pass.most ?? Infinity)) return undefined;
  }
  return first === undefined || strangeValues.length > 0 ? firstValue(graph, strangeValues) : first;
}

function firstValue(graph: Graph, from: readonly number[]): Why {
  const nodes = new Set(from);
  let first = graph.size;
  for (const node of nodes) {
    const guilty = culprits([...operandsOf(graph, node)], (operand) => graph.values[operand]!);
    if (guilty.length === 0) first = Math.min(first, node);
    for (const operand of guilty) nodes.add(operand);
  }
  return notFinite(first, graph.values[first]!);
}

function notFinite(at: number, x: number): Why {
  return { kind: Number.isNaN(x) ? "first nan" : "first inf", at };
}

/** Those that make a sum or an op's value nan or infinite. */
function culprits<T>(parts: readonly T[], number: (part: T) => number): T[] {
  const strange = parts.filter((part) => !Number.isFinite(number(part)));
  const nans = strange.filter((part) => Number.isNaN(number(part)));
  return nans.length > 0 ? nans : strange;
}
