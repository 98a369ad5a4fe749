/**
 * The graph document: its types, reading with validation, and writing. The twin of `document.py`, down to the error
 * messages: `tests/conformance/refused.json` holds both to them.
 */

import { isDeep, isId, isObject, refuse, shown } from "./found.ts";
import { isSource, Keys, type Known, listIn } from "./keys.ts";
import { decodeNumber, encodeNumber, type WireNumber } from "./number.ts";
import { OPS } from "./ops.ts";

/** Graph document, version 1. A node's id is its position in `op`. */
export interface GraphDocument {
  version: 1;
  op: string[];
  /** Operands of each node: lower ids, in operand order. */
  inputs: number[][];
  /** Value of each leaf and const, by id. */
  value: Record<string, WireNumber>;
  label: Record<string, string>;
  /** Leaves that require no gradient. */
  frozen: number[];
  outputs: number[];
  /** Nodes whose op is "custom", by id; missing if there are none. */
  custom?: Record<string, CustomEntry>;
  /** Missing if there are none. */
  guards?: Guard[];
}

/** Entry of a node whose op is not in the table. */
export interface CustomEntry {
  name: string;
  value: WireNumber;
  /** Local derivative towards each operand. */
  partials: WireNumber[];
  /** True if the kernel can compute it again; otherwise its numbers stay as recorded. */
  live: boolean;
}

/** Custom op of a node. */
export interface Custom {
  readonly name: string;
  readonly live: boolean;
}

/** Comparison on which the program branched: its sign, two nodes, and what came of it. */
export type Guard = readonly [op: string, left: number, right: number, outcome: boolean];

/** Valid document, as columns. */
export interface GraphColumns {
  ops: string[];
  /** Operands of all nodes: those of node i are `operands[offsets[i]]` to `operands[offsets[i + 1] - 1]`. */
  offsets: Int32Array;
  operands: Int32Array;
  /** Values of leaves, consts and custom nodes; 0 elsewhere. */
  values: Float64Array;
  labels: (string | undefined)[];
  frozen: number[];
  outputs: number[];
  customs: Map<number, Custom>;
  /** Local derivatives of custom nodes, by operand slot. */
  partials: Float64Array;
  guards: Guard[];
}

const VERSION = 1;

/** Name in `op` of an op that is not in the table. */
export const CUSTOM = "custom";

/**
 * Read a graph document, or refuse all of it.
 *
 * Unknown keys are ignored; `label`, `frozen` and the keys of `keys.ts` may be missing.
 * @throws Error with one sentence that names the invalid place and the reason.
 */
export function readDocument(doc: unknown): GraphColumns {
  if (isDeep(doc)) refuse("not JSON (too deep)");
  if (!isObject(doc)) refuse(`${shown(doc)} is not an object`);
  readVersion(doc.version);
  const known = { label: {}, frozen: [], custom: {}, ...doc };
  const ops = readOps(listIn(known, "op"));
  const { offsets, operands } = readInputs(listIn(known, "inputs"), ops);
  const keys = new Keys(ops);
  const values = readValues(known, ops, keys);
  const columns = {
    ops,
    offsets,
    operands,
    values,
    labels: readLabels(known, ops, keys),
    frozen: readFrozen(known, keys),
    outputs: readOutputs(known, keys),
    ...readCustoms(known, ops, offsets, values, keys),
    guards: (doc.guards ?? []) as Guard[],
  };
  keys.checkAll(doc);
  return columns;
}

/** Write columns as a document. */
export function writeDocument(columns: GraphColumns): GraphDocument {
  const { ops, offsets, operands, values, labels, frozen, outputs, customs, partials, guards } = columns;
  const doc: GraphDocument = {
    version: VERSION,
    op: [...ops],
    inputs: [],
    value: {},
    label: {},
    frozen,
    outputs: [...outputs],
  };
  const custom: Record<string, CustomEntry> = {};
  for (let id = 0; id < ops.length; id++) {
    const slots = [offsets[id], offsets[id + 1]] as const;
    const value = encodeNumber(values[id]!);
    doc.inputs.push([...operands.subarray(...slots)]);
    if (isSource(ops[id]!)) doc.value[id] = value;
    const label = labels[id];
    if (label !== undefined) doc.label[id] = label;
    const own = customs.get(id);
    if (own) custom[id] = { ...own, value, partials: Array.from(partials.subarray(...slots), encodeNumber) };
  }
  return { ...doc, ...(customs.size > 0 && { custom }), ...(guards.length > 0 && { guards }) };
}

function readVersion(version: unknown): void {
  if (version === undefined) refuse(`"version" is missing`);
  if (version === VERSION) return;
  const isLater = Number.isInteger(version) && (version as number) > VERSION;
  const what = isLater ? `version ${version} is from the future` : `the version is ${shown(version)}`;
  refuse(`${what}, and this engine reads version ${VERSION}`);
}

function readOps(op: unknown[]): string[] {
  if (op.length === 0) refuse(`"op" is empty`);
  return op.map((name, id) => {
    const isKnown = typeof name === "string" && (isSource(name) || OPS.has(name) || name === CUSTOM);
    return isKnown ? name : refuse(`node ${id} has the op ${shown(name)}, which is not in the table`);
  });
}

function readInputs(inputs: unknown[], ops: string[]): { offsets: Int32Array; operands: Int32Array } {
  if (inputs.length !== ops.length)
    refuse(`"op" has ${ops.length} entries and "inputs" has ${inputs.length}`);
  const offsets = new Int32Array(ops.length + 1);
  const operands: number[] = [];
  ops.forEach((op, id) => {
    const of: unknown = inputs[id];
    if (!Array.isArray(of)) refuse(`the inputs of node ${id} are not a list`);
    checkArity(op, id, of.length);
    for (const operand of of) {
      if (!isId(operand, id))
        refuse(`node ${id} has the input ${shown(operand)}, which is not the id of an earlier node`);
      operands.push(operand);
    }
    offsets[id + 1] = operands.length;
  });
  return { offsets, operands: Int32Array.from(operands) };
}

function checkArity(op: string, id: number, count: number): void {
  const arity = isSource(op) ? 0 : op === CUSTOM ? null : OPS.get(op)!.arity;
  if (arity === null ? count >= 1 : count === arity) return;
  const wanted = arity === null ? "1 input or more" : countOfInputs(arity);
  refuse(`node ${id} has ${countOfInputs(count)}, and ${shown(op)} takes ${wanted}`);
}

function countOfInputs(count: number): string {
  return count === 1 ? "1 input" : `${count || "no"} inputs`;
}

function readValues(doc: Known, ops: string[], keys: Keys): Float64Array {
  const values = new Float64Array(ops.length);
  const given = new Set<number>();
  for (const [id, wire] of keys.entries(doc, "value", "a leaf or a const")) {
    values[id] = readNumber(wire, "the value", id);
    given.add(id);
  }
  ops.forEach((op, id) => {
    if (isSource(op) && !given.has(id)) refuse(`node ${id} is a ${op} and has no value`);
  });
  return values;
}

function readNumber(wire: unknown, what: string, id: number): number {
  return (
    decodeNumber(wire) ??
    refuse(`${what} of node ${id} is ${shown(wire)}, which is not a finite number, "nan", "inf" or "-inf"`)
  );
}

function readLabels(doc: Known, ops: string[], keys: Keys): (string | undefined)[] {
  const labels = new Array<string | undefined>(ops.length).fill(undefined);
  for (const [id, text] of keys.entries(doc, "label", "a node")) {
    if (typeof text !== "string") refuse(`the label of node ${id} is ${shown(text)}, which is not a string`);
    labels[id] = text;
  }
  return labels;
}

function readFrozen(doc: Known, keys: Keys): number[] {
  const seen = new Set<number>();
  for (const id of keys.list(doc, "frozen", "a leaf")) {
    if (seen.has(id)) refuse(`"frozen" names ${id} twice`);
    seen.add(id);
  }
  return [...seen];
}

function readOutputs(doc: Known, keys: Keys): number[] {
  const outputs = new Set(keys.list(doc, "outputs", "a node"));
  return outputs.size ? [...outputs] : refuse(`"outputs" is empty`);
}

function readCustoms(
  doc: Known,
  ops: string[],
  offsets: Int32Array,
  values: Float64Array,
  keys: Keys,
): { customs: Map<number, Custom>; partials: Float64Array } {
  const customs = new Map<number, Custom>();
  const partials = new Float64Array(offsets[ops.length]!);
  for (const [id, entry] of keys.entries(doc, "custom", "a node with a custom op")) {
    const it = `the entry of node ${id} in "custom"`;
    const arity = offsets[id + 1]! - offsets[id]!;
    if (!isObject(entry)) refuse(`${it} is not an object`);
    const { name, live, value, partials: own } = entry;
    if (typeof name !== "string" || name === "") refuse(`${it} has no name`);
    if (!Array.isArray(own) || own.length !== arity)
      refuse(`node ${id} has ${countOfInputs(arity)}, and its partials are not a list of as many`);
    if (typeof live !== "boolean") refuse(`${it} does not say whether it is live`);
    customs.set(id, { name, live });
    values[id] = readNumber(value, "the value", id);
    own.forEach((wire, i) => {
      partials[offsets[id]! + i] = readNumber(wire, "a partial", id);
    });
  }
  ops.forEach((op, id) => {
    if (op === CUSTOM && !customs.has(id)) refuse(`node ${id} has a custom op and no entry in "custom"`);
  });
  return { customs, partials };
}
