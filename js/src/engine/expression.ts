/**
 * Expressions as text: `relu(w*x + b)` becomes the document of its graph. The twin of `adapters/expression.py`, which
 * says what can be read: `tests/conformance/expressions.json` holds both to the same graphs and the same refusals.
 */

import type { GraphDocument } from "./document.ts";
import { encodeNumber } from "./number.ts";
import { OPS } from "./ops.ts";
import { Reader, refuse, type Token, type Tree } from "./syntax.ts";

/** Value of a name without a given value. */
const START = 1;
/** Labels of the result: the first one that the expression does not use is taken. */
const RESULTS = ["y", "f", "out"];

/** A node, or a number. */
interface Result {
  readonly node?: number;
  readonly number?: number;
}

/**
 * Read an expression, with the values of some of its names.
 * @throws Fault
 */
export function documentOf(text: string, given: ReadonlyMap<string, number>): GraphDocument {
  const reader = new Reader(text, checkCall);
  const tree = reader.whole();
  const { names } = reader;
  const doc: GraphDocument = {
    version: 1,
    op: names.map(() => "leaf"),
    inputs: names.map(() => []),
    value: Object.fromEntries(names.map((name, i) => [i, encodeNumber(given.get(name) ?? START)])),
    label: Object.fromEntries(names.entries()),
    frozen: [],
    outputs: [],
  };
  const root = resultOf(tree, doc, names).node ?? refuse("nothingToMove", { start: 0, end: text.length });
  const result = RESULTS.find((name) => !names.includes(name));
  if (result) doc.label[root] ??= result;
  doc.outputs.push(root);
  return doc;
}

/** Add what computes a part of an expression. What no name is in is computed at once. */
function resultOf(tree: Tree, doc: GraphDocument, names: readonly string[]): Result {
  if (typeof tree === "number") return { number: tree };
  if (typeof tree === "string") return { node: names.indexOf(tree) };
  const [op, ...parts] = tree as readonly [string, ...Tree[]];
  const operands = parts.map((part) => resultOf(part, doc, names));
  if (operands.every(({ node }) => node === undefined)) {
    return { number: OPS.get(op)!.forward(...operands.map(({ number }) => number!)) };
  }
  const inputs = operands.map(({ node, number }) => node ?? constant(doc, number!));
  return { node: added(doc, op, inputs) };
}

function constant(doc: GraphDocument, value: number): number {
  doc.value[doc.op.length] = encodeNumber(value);
  return added(doc, "const", []);
}

function added(doc: GraphDocument, op: string, inputs: number[]): number {
  doc.inputs.push(inputs);
  return doc.op.push(op) - 1;
}

/** Refuse a function that is not there, or that takes another number of operands. */
function checkCall(name: Token, operands?: number): void {
  const { text } = name;
  const op = OPS.get(text) ?? refuse("noFunction", name, text, nearest(text));
  const takes = op.arity ?? operands;
  if (operands && operands !== takes) refuse("takes", name, text, takes, operands);
}

/** Find the function that a misspelt name means: the one with the fewest other letters. */
function nearest(name: string): string {
  const letters = name.toLowerCase();
  const others = (known: string) => lacking(letters, known) + lacking(known, letters);
  const known = [...OPS.keys()].filter((one) => /^\w/.test(one));
  return known.sort((a, b) => others(a) - others(b))[0]!;
}

/** Number of letters of one word that another lacks. */
function lacking(word: string, other: string): number {
  return [...other].reduce((left, letter) => left.replace(letter, ""), word).length;
}
