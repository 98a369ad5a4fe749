/**
 * Samples in any graph: a result that adds up, maybe scaled, trees of one shape that share their parameters. What
 * differs between them, constants and leaves that are not trained, is each sample's input. Pure.
 */

import type { Graph } from "../engine/graph.ts";
import { isSource } from "../engine/keys.ts";
import { grouped } from "./grouped.ts";

export interface Samples {
  readonly root: number;
  /** The root and what adds up the terms and scales them, in ascending order. */
  readonly chain: readonly number[];
  /** By sample what it adds to the root, or takes from it where its sign is -1. */
  readonly terms: readonly number[];
  readonly signs: readonly number[];
  /** By sample its own nodes; the same place is the same part of the computation. */
  readonly bodies: readonly (readonly number[])[];
  /** By input its places in a sample: a number that is written once may be several constants. */
  readonly inputs: readonly (readonly number[])[];
}

/** Smaller terms are not worth hiding. */
const LEAST_OPERATIONS = 3;

export function samplesOf(graph: Graph, uses: Int32Array): Samples | undefined {
  const root = graph.outputs.at(-1)!;
  const { chain, terms, signs } = termsOf(graph, uses, root);
  if (terms.length < 2) return undefined;
  const matches = terms.map((term) => matched(graph, terms[0]!, term));
  const [first] = matches;
  if (!first || matches.some((match) => !match)) return undefined;
  const bodies = matches.map((match) => match!.nodes);
  const own = new Set(bodies.flat());
  const operations = first.nodes.filter((id) => !isSource(graph.ops[id]!)).length;
  const areApart = own.size === bodies.length * bodies[0]!.length;
  if (!areApart || operations < LEAST_OPERATIONS || !matches[1]!.shares) return undefined;
  return { root, chain: chain.sort((a, b) => a - b), terms, signs, bodies, inputs: inputsOf(graph, bodies) };
}

/** The terms of a sum, the last one first to be found: a loop adds to what it has added up so far. */
function termsOf(graph: Graph, uses: Int32Array, root: number) {
  const chain: number[] = [];
  const terms: number[] = [];
  const signs: number[] = [];
  const isConst = (id: number) => graph.ops[id] === "const";
  const add = (term: number, sign = 1) => {
    if (isConst(term)) chain.push(term);
    else {
      terms.unshift(term);
      signs.unshift(sign);
    }
  };
  for (let id = root; ; ) {
    const op = graph.ops[id]!;
    const operands = [...graph.operandsOf(id)];
    const [one, other] = operands as [number, number];
    const scaled = terms.length === 0 && (op === "*" || op === "/") && operands.filter((x) => !isConst(x));
    const isScaled = scaled && scaled.length === 1;
    const isMany = op === "sum" || op === "mean";
    // The first term may be a sum itself, as the others are then.
    const isPart = id === root || (uses[id] === 1 && !(terms.length > 0 && matched(graph, terms[0]!, id)));
    if (!isPart || !(isScaled || isMany || op === "+" || op === "-")) {
      add(id);
      break;
    }
    chain.push(id);
    if (isMany) {
      for (const term of operands.reverse()) add(term);
      break;
    }
    if (isScaled) {
      add(operands.find(isConst)!);
      id = scaled[0]!;
      continue;
    }
    // `total + term`, or `term + total`.
    const isTurned = op === "+" && graph.ops[one] !== "+" && graph.ops[other] === "+";
    add(isTurned ? one : other, op === "-" ? -1 : 1);
    id = isTurned ? other : one;
  }
  return { chain, terms, signs };
}

/** The parts of a term, in the order of those of the first; undefined where the two have not one shape. */
function matched(
  graph: Graph,
  first: number,
  other: number,
): { nodes: number[]; shares: boolean } | undefined {
  const { ops, needsGrad } = graph;
  const map = new Map<number, number>();
  const stack: [number, number][] = [[first, other]];
  const isSame = first === other;
  let shares = false;
  while (stack.length > 0) {
    const [a, b] = stack.pop()!;
    const isTrained = ops[a] === "leaf" && needsGrad[a] === 1;
    if (isTrained) {
      if (a !== b) return undefined;
      shares = true;
      continue;
    }
    if (map.has(a) || (a === b && !isSame)) {
      if (map.get(a) !== b && a !== b) return undefined;
      continue;
    }
    const [one, two] = [graph.operandsOf(a), graph.operandsOf(b)];
    if (ops[a] !== ops[b] || one.length !== two.length) return undefined;
    map.set(a, b);
    one.forEach((operand, i) => {
      stack.push([operand, two[i]!]);
    });
  }
  const parts = [...map.keys()].sort((a, b) => a - b);
  return { nodes: parts.map((part) => map.get(part)!), shares };
}

function inputsOf(graph: Graph, bodies: readonly (readonly number[])[]): number[][] {
  const { ops, labels, values } = graph;
  const first = bodies[0]!;
  const valuesAt = (place: number) => bodies.map((body) => values[body[place]!]!);
  const isInput = (place: number) => {
    const op = ops[first[place]!]!;
    // A constant that is the same in all samples is a part of the formula, such as an exponent.
    const [one, ...others] = valuesAt(place);
    return op === "leaf" || (op === "const" && others.some((other) => !Object.is(other, one)));
  };
  const places = [...first.keys()].filter(isInput);
  return [...grouped(places, (place) => valuesAt(place).join() + (labels[first[place]!] ?? "")).values()];
}
