/** Formulas of nodes, with names or with numbers in. */

import { type Edge, localDerivativeAlong } from "../analysis/adjacency.ts";
import { FACTOR, type Formula, isChoice, parse, spelledOut } from "../analysis/formula.ts";
import type { Path } from "../analysis/paths.ts";
import { OPS } from "../engine/ops.ts";
import type { State } from "../session/state.ts";
import { derivative, equation, productOf, sumOf, type Term, toMathML, word } from "./mathml.ts";

/** A sum over paths is written out if it has no more factors than this. */
const MOST_FACTORS = 16;
/** Limit of terms of the chain rule that are written out. */
const MOST_TERMS = 4;

/** `h2 = w·x2 + wh·h1`, or without a label only what is computed. Undefined for a leaf. */
export function inNames(state: State, id: number): MathMLElement | undefined {
  const formula = formulaOf(state, id);
  if (formula === undefined) return undefined;
  const label = state.names.label(id);
  return equation(
    ...(label ? [word(label)] : []),
    write(state, formula, id, (node) => state.names.of(node)),
  );
}

/** `0.30 + 0.15 = 0.45`, after a name if one is given. */
export function inNumbers(state: State, id: number, name = ""): MathMLElement {
  const formula = formulaOf(state, id);
  const number = (node: number) => state.spelling.write(state.graph.values[node]!);
  return equation(word(name), ...(formula ? [write(state, formula, id, number)] : []), word(number(id)));
}

/** `∂(w·x1)/∂w = x1`. */
export function localDerivative(state: State, edge: Edge): MathMLElement {
  const formula = partialOf(state, edge);
  const name = (node: number, slot?: number) => operandName(state, edge.consumer, node, slot);
  const slope = formula
    ? write(state, formula, edge.consumer, name, edge.slot)
    : word(state.spelling.factor(local(state, edge)));
  return equation(along(state, edge), slope);
}

/** `∂h3/∂w = ∂h3/∂h1·∂h1/∂w + …`, with one term per use. */
export function chainRule(state: State, id: number, uses: readonly Edge[]): MathMLElement[] {
  const { names, subject } = state;
  const upstream = (node: number) => derivative(names.of(subject), names.of(node));
  const terms = uses
    .slice(0, MOST_TERMS)
    .map((edge): Term => [false, upstream(edge.consumer), along(state, edge)]);
  if (uses.length > MOST_TERMS) terms.push([false, word("…")]);
  return sumOf(upstream(id), terms);
}

/** `∂h3/∂w = x3 + wh·x2 + wh·wh·x1`; nothing where that would be long. */
export function sumOverPaths(
  state: State,
  root: number,
  target: number,
  paths: readonly Path[],
): MathMLElement[] {
  if (paths.reduce((count, { slots }) => count + slots.length, 0) > MOST_FACTORS) return [];
  const { names } = state;
  // A choice between cases is no factor, nor is what is not known; its name is.
  const isNamed = (slope: Formula | undefined) => slope === undefined || isChoice(slope);
  // Of one step alone it would say ∂y/∂x = ∂y/∂x.
  const [first, ...more] = paths.flatMap(({ slots }) => slots);
  if (more.length === 0 && isNamed(partialOf(state, state.adjacency.edge(first!)))) return [];
  const terms = paths.map(({ slots }): Term => {
    let isNegative = false;
    const factors: MathMLElement[] = [];
    for (const edge of slots.map((slot) => state.adjacency.edge(slot))) {
      const slope = partialOf(state, edge);
      const isMinus = typeof slope === "object" && slope[0] === "neg";
      const formula = isMinus ? slope[1]! : slope;
      if (isMinus) isNegative = !isNegative;
      if (formula === 1) continue;
      factors.push(
        isNamed(formula)
          ? along(state, edge)
          : write(state, formula!, edge.consumer, (node) => names.of(node), edge.slot, FACTOR),
      );
    }
    return [isNegative, ...factors];
  });
  return sumOf(derivative(names.of(root), names.of(target)), terms);
}

/** The local derivative's number: what a gradient of 1 would contribute. */
export function local(state: State, edge: Edge): number {
  return localDerivativeAlong(state.graph, edge.consumer, edge.index);
}

/** `0.50 · (−1)`. */
export function factors({ spelling }: State, numbers: readonly number[]): MathMLElement {
  return equation(productOf(...numbers.map((x) => spelling.factor(x))));
}

/** `∂(w·x1)/∂w`. */
export function along(state: State, { consumer, producer, slot }: Edge): MathMLElement {
  return derivative(state.names.of(consumer), operandName(state, consumer, producer, slot));
}

/** Its name, with the number of its slot where it is an operand twice: `x·x` has the slopes x₂ along x₁ and x₁ along x₂. */
function operandName(state: State, consumer: number, node: number, slot = -1): string {
  const isTwice = state.adjacency.operandsOf(consumer).filter(({ producer }) => producer === node).length > 1;
  const index = String(slot + 1).replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));
  return state.names.of(node) + (isTwice ? index : "");
}

function formulaOf(state: State, id: number): Formula | undefined {
  const op = OPS.get(state.graph.ops[id]!);
  return op && parse(spelledOut(op.formula, state.adjacency.operandsOf(id).length));
}

/** The formula of a local derivative; undefined for a custom op, and where its number is not what the formula says. */
function partialOf(state: State, edge: Edge): Formula | undefined {
  const { consumer, slot } = edge;
  const { ops, values } = state.graph;
  const partials = OPS.get(ops[consumer]!)?.partials;
  if (!partials || !holds(state, edge)) return undefined;
  const last = state.adjacency.operandsOf(consumer).at(-1)!.producer;
  const less = values[last]! - 1;
  // x³ has the slope 3x², and not 3x³⁻¹.
  const isPlain = ops[last] === "const" && Number.isInteger(less) && Math.abs(less) < 1e6;
  const power = isPlain ? (less === 1 ? "" : `^(${less})`) : "^(b - 1)";
  return parse((partials[slot] ?? partials[0]!).replace("^(b - 1)", power));
}

/** Test whether a slope follows its formula: not at a tie, at 0ᵇ, in a product with a 0, nor between crossed bounds. */
function holds(state: State, edge: Edge): boolean {
  const { ops, values } = state.graph;
  const [a, b, c] = state.adjacency.operandsOf(edge.consumer).map(({ producer }) => values[producer]!);
  const op = ops[edge.consumer];
  const isTaken = values[edge.producer] === values[edge.consumer];
  if (op === "max" || op === "min") return local(state, edge) === Number(isTaken);
  if (op === "prod") return values[edge.producer] !== 0;
  if (op === "clamp") return b! <= c!;
  return op !== "**" || a !== 0 || b! < 0 || (edge.slot === 0 && b !== 0);
}

/** A formula of a node, with what `text` makes of it and of its operands; `a_i` is the operand at `slot`. */
function write(
  state: State,
  formula: Formula,
  id: number,
  text: (node: number, slot?: number) => string,
  slot = 0,
  least = 0,
): MathMLElement {
  const operands = state.adjacency.operandsOf(id);
  const written = (symbol: string) => {
    if (symbol === "n") return String(operands.length);
    if (symbol === "y") return text(id);
    if (symbol === "pi") return "π";
    if (!/^[abc]/.test(symbol)) return symbol;
    const at = symbol === "a_i" ? slot : symbol[2] ? Number(symbol.slice(2)) - 1 : "abc".indexOf(symbol);
    return text(operands[at]!.producer, at);
  };
  return toMathML(formula, written, state.messages.otherwise, least);
}
