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

const SUMS: ReadonlySet<string> = new Set(["sum", "mean"]);
/** Smaller terms are not worth hiding. */
const LEAST_OPERATIONS = 3;

export function samplesOf(graph: Graph, uses: Int32Array): Samples | undefined {
  const root = graph.outputs.at(-1)!;
  const chain: number[] = [];
  const terms: number[] = [];
  const signs: number[] = [];
  const add = (term: number, sign = 1) => {
    if (graph.ops[term] === "const") chain.push(term);
    else {
      terms.unshift(term);
      signs.unshift(sign);
    }
  };
  for (let id: number | undefined = root; id !== undefined; ) {
    const op: string = graph.ops[id]!;
    const operands: number[] = [...graph.operandsOf(id)];
    const rest: number[] = operands.filter((one) => graph.ops[one] !== "const");
    const isPart: boolean =
      id === root || (uses[id] === 1 && !terms.some((term) => matched(graph, term, id!)));
    const isScaled = terms.length === 0 && (op === "*" || op === "/") && rest.length === 1;
    const isSum = SUMS.has(op);
    if (isPart && (isScaled || isSum || op === "+" || op === "-")) chain.push(id);
    else {
      add(id);
      break;
    }
    if (isScaled) {
      chain.push(operands.find((one) => !rest.includes(one))!);
      id = rest[0]!;
    } else if (isSum) {
      for (const term of operands.reverse()) add(term);
      break;
    } else {
      // A loop adds to what it has added up so far: `total + term`, or `term + total`.
      const isTurned = op === "+" && graph.ops[operands[1]!] === "+" && graph.ops[operands[0]!] !== "+";
      add(operands[isTurned ? 0 : 1]!, op === "-" ? -1 : 1);
      id = operands[isTurned ? 1 : 0];
    }
  }
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
