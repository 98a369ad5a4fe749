/** Formulas of nodes, with names or with numbers in. */

import { formatShort, formatValue } from "../format.ts";
import {
  type Atom,
  derivative,
  equation,
  type Formula,
  mathWord,
  parse,
  product,
  spelledOut,
  toMathML,
} from "../formula.ts";
import { OPS } from "../ops.ts";
import { contributionsOf } from "../roads.ts";
import type { Edge, State } from "../state.ts";

/** `h2 = w·x2 + wh·h1`, or without a label only what is computed. Undefined for a leaf. */
export function inNames(state: State, id: number): MathMLElement | undefined {
  const formula = formulaOf(state, id);
  if (!formula) return undefined;
  const label = state.names.label(id);
  const written = write(state, formula, id, "name");
  return label ? equation(mathWord(label), written) : equation(written);
}

/** `0.30 + 0.15 = 0.45`, after a name if one is given. */
export function inNumbers(state: State, id: number, name = ""): MathMLElement {
  const formula = formulaOf(state, id);
  const value = mathWord(formatValue(state.graph.values[id]!));
  if (!formula) return equation(mathWord(name), value);
  return equation(mathWord(name), write(state, formula, id, "number"), value);
}

/** `∂(w·x1)/∂w = x1`. */
export function localDerivative(state: State, edge: Edge): MathMLElement {
  const { graph, names } = state;
  const of = derivative(names.of(edge.consumer), names.of(edge.producer));
  const op = OPS.get(graph.ops[edge.consumer]!);
  if (!op) return equation(of, mathWord(factor(local(state, edge))));
  const formula = parse(op.partials[edge.slot] ?? op.partials[0]!);
  return equation(of, write(state, formula, edge.consumer, "name", edge.producer));
}

/** The local derivative's number: what a gradient of 1 would contribute. */
export function local(state: State, edge: Edge): number {
  return contributionsOf(state.graph, edge.consumer, 1)[edge.slot]!;
}

/** `0.50 · (−1)`. */
export function factors(...numbers: number[]): MathMLElement {
  return equation(product(...numbers.map(factor)));
}

/** A factor: 1 is 1, and not 1.00, so that the others are seen. */
export function factor(x: number): string {
  return Number.isInteger(x) && Math.abs(x) < 1000 ? formatShort(x) : formatValue(x);
}

function formulaOf(state: State, id: number): Formula | undefined {
  const op = OPS.get(state.graph.ops[id]!);
  return op && parse(spelledOut(op.formula, state.operandsOf(id).length));
}

/** A formula of a node with the names or the numbers of its operands in; `operand` is the one that `a_i` means. */
function write(
  state: State,
  formula: Formula,
  id: number,
  as: "name" | "number",
  operand?: number,
): MathMLElement {
  const { graph, names, messages } = state;
  const operands = state.operandsOf(id).map((edge) => edge.producer);
  const atom: Atom = (symbol) => {
    if (symbol === "n") return { text: String(operands.length), number: true };
    const node = meant(symbol, id, operands, operand);
    if (node === undefined) return { text: symbol };
    // An expression within a product would read as a longer one, and a minus sign as an operator.
    if (as === "name") return { text: names.of(node), negative: /[ +−]/.test(names.of(node)) };
    const text = formatValue(graph.values[node]!);
    return { text, negative: text.startsWith("−"), number: true };
  };
  return toMathML(formula, atom, messages.otherwise);
}

/** The node that a symbol of a formula stands for. */
function meant(
  symbol: string,
  id: number,
  operands: readonly number[],
  operand: number | undefined,
): number | undefined {
  if (symbol === "y") return id;
  if (symbol === "a") return operands[0];
  if (symbol === "b") return operands[1];
  if (symbol === "a_i") return operand;
  const index = /^a_(\d+)$/.exec(symbol)?.[1];
  return index === undefined ? undefined : operands[Number(index) - 1];
}
