/**
 * The graph document: what it is made of, how it is read and written, and what is wrong with one that is refused. The
 * twin of `document.py`, down to the sentences: `tests/conformance/refused.json` holds both to them.
 */

import { decodeNumber, encodeNumber, type WireNumber } from "./number.ts";
import { OPS } from "./ops.ts";

/** The graph document, version 1. A node's id is its position in `op`. */
export interface GraphDocument {
  version: 1;
  op: string[];
  /** The operands of each node: lower ids, in operand order. */
  inputs: number[][];
  /** The value of every leaf and const, by id. */
  value: Record<string, WireNumber>;
  label: Record<string, string>;
  /** The leaves that require no gradient. */
  frozen: number[];
  outputs: number[];
  /** The nodes whose op is "custom", by id; missing where there are none. */
  custom?: Record<string, CustomEntry>;
}

/** A node whose op is not in the table. */
export interface CustomEntry {
  name: string;
  value: WireNumber;
  /** The local derivative towards each operand. */
  partials: WireNumber[];
  /** Whether the kernel can compute it again; if not, its numbers stay as recorded. */
  live: boolean;
}

/** The same as it is used. */
export interface Custom {
  readonly name: string;
  readonly live: boolean;
}

/** A document that was found sound, as columns. */
export interface GraphColumns {
  ops: string[];
  /** The operands of node i are `operands[offsets[i]]` to `operands[offsets[i + 1] - 1]`. */
  offsets: Int32Array;
  operands: Int32Array;
  /** The values of leaves, consts and custom nodes; 0 elsewhere. */
  values: Float64Array;
  labels: (string | undefined)[];
  frozen: number[];
  outputs: number[];
  customs: Map<number, Custom>;
  /** By operand slot, of custom nodes. */
  partials: Float64Array;
}

const VERSION = 1;

/** The op of nodes whose op is not in the table. */
export const CUSTOM = "custom";

function refuse(reason: string): never {
  throw new Error(`graph document: ${reason}`);
}

/** What was found, short enough for a sentence. */
export function shown(x: unknown): string {
  const text = JSON.stringify(x) ?? String(x);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function listIn(doc: Record<string, unknown>, key: string): unknown[] {
  const x = doc[key];
  if (!Array.isArray(x)) refuse(`"${key}" is not a list`);
  return x;
}

function objectIn(doc: Record<string, unknown>, key: string): Record<string, unknown> {
  const x = doc[key];
  if (!isObject(x)) refuse(`"${key}" is not an object`);
  return x;
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}

export function isId(x: unknown, size: number): x is number {
  return typeof x === "number" && Number.isInteger(x) && x >= 0 && x < size;
}

/** The id that a key spells, or undefined: "07" and "1e0" are no ids, and neither is `__proto__`. */
function idOfKey(key: string, size: number): number | undefined {
  const id = Number(key);
  return isId(id, size) && String(id) === key ? id : undefined;
}

/** Whether it is given and not computed. */
export function isSource(op: string): boolean {
  return op === "leaf" || op === "const";
}

/**
 * Reads a graph document, or refuses all of it.
 *
 * Unknown keys are ignored; `label` and `frozen` may be missing.
 * @throws Error with one sentence that says where the document is off, and why.
 */
export function readDocument(doc: unknown): GraphColumns {
  if (!isObject(doc)) refuse(`${shown(doc)} is not an object`);
  readVersion(doc.version);
  const known = { label: {}, frozen: [], custom: {}, ...doc };
  const ops = readOps(listIn(known, "op"));
  const { offsets, operands } = readInputs(listIn(known, "inputs"), ops);
  const values = readValues(objectIn(known, "value"), ops);
  return {
    ops,
    offsets,
    operands,
    values,
    labels: readLabels(objectIn(known, "label"), ops.length),
    frozen: readFrozen(listIn(known, "frozen"), ops),
    outputs: readOutputs(listIn(known, "outputs"), ops.length),
    ...readCustoms(objectIn(known, "custom"), ops, offsets, values),
  };
}

/** The document of columns. */
export function writeDocument(columns: GraphColumns): GraphDocument {
  const { ops, offsets, operands, values } = columns;
  const doc: GraphDocument = {
    version: VERSION,
    op: [...ops],
    inputs: [],
    value: {},
    label: {},
    frozen: [...columns.frozen],
    outputs: [...columns.outputs],
  };
  for (let id = 0; id < ops.length; id++) {
    doc.inputs.push([...operands.subarray(offsets[id], offsets[id + 1])]);
    if (isSource(ops[id]!)) doc.value[id] = encodeNumber(values[id]!);
    const label = columns.labels[id];
    if (label !== undefined) doc.label[id] = label;
  }
  if (columns.customs.size > 0) doc.custom = writeCustoms(columns);
  return doc;
}

function writeCustoms({ offsets, values, customs, partials }: GraphColumns): Record<string, CustomEntry> {
  const entries = [...customs].map(([id, { name, live }]) => {
    const own = Array.from(partials.subarray(offsets[id], offsets[id + 1]), encodeNumber);
    return [id, { name, value: encodeNumber(values[id]!), partials: own, live }];
  });
  return Object.fromEntries(entries);
}

function readVersion(version: unknown): void {
  if (version === undefined) refuse(`"version" is missing`);
  if (typeof version === "number" && Number.isInteger(version) && version > VERSION) {
    refuse(`version ${version} is from the future, and this engine reads version ${VERSION}`);
  }
  if (version !== VERSION)
    refuse(`the version is ${shown(version)}, and this engine reads version ${VERSION}`);
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

function readValues(value: Record<string, unknown>, ops: string[]): Float64Array {
  const values = new Float64Array(ops.length);
  const given = new Uint8Array(ops.length);
  for (const [key, wire] of Object.entries(value)) {
    const id = idOfKey(key, ops.length);
    if (id === undefined || !isSource(ops[id]!))
      refuse(`"value" names ${shown(key)}, which is not a leaf or a const`);
    values[id] = readNumber(wire, `the value of node ${id}`);
    given[id] = 1;
  }
  ops.forEach((op, id) => {
    if (isSource(op) && !given[id]) refuse(`node ${id} is a ${op} and has no value`);
  });
  return values;
}

function readNumber(wire: unknown, what: string): number {
  const x = decodeNumber(wire);
  if (x === undefined)
    refuse(`${what} is ${shown(wire)}, which is not a finite number, "nan", "inf" or "-inf"`);
  return x;
}

function readLabels(label: Record<string, unknown>, size: number): (string | undefined)[] {
  const labels = new Array<string | undefined>(size).fill(undefined);
  for (const [key, text] of Object.entries(label)) {
    const id = idOfKey(key, size);
    if (id === undefined) refuse(`"label" names ${shown(key)}, which is not a node`);
    if (typeof text !== "string") refuse(`the label of node ${id} is ${shown(text)}, which is not a string`);
    labels[id] = text;
  }
  return labels;
}

function readFrozen(frozen: unknown[], ops: string[]): number[] {
  const seen = new Set<number>();
  for (const id of frozen) {
    if (!isId(id, ops.length) || ops[id] !== "leaf")
      refuse(`"frozen" names ${shown(id)}, which is not a leaf`);
    if (seen.has(id)) refuse(`"frozen" names ${id} twice`);
    seen.add(id);
  }
  return [...seen];
}

function readOutputs(outputs: unknown[], size: number): number[] {
  if (outputs.length === 0) refuse(`"outputs" is empty`);
  return outputs.map((id) =>
    isId(id, size) ? id : refuse(`"outputs" names ${shown(id)}, which is not a node`),
  );
}

function readCustoms(
  custom: Record<string, unknown>,
  ops: string[],
  offsets: Int32Array,
  values: Float64Array,
): { customs: Map<number, Custom>; partials: Float64Array } {
  const customs = new Map<number, Custom>();
  const partials = new Float64Array(offsets[ops.length]!);
  for (const [key, entry] of Object.entries(custom)) {
    const id = idOfKey(key, ops.length);
    if (id === undefined || ops[id] !== CUSTOM)
      refuse(`"custom" names ${shown(key)}, which is not a node with a custom op`);
    const { name, live, value, own } = readCustom(id, entry, offsets[id + 1]! - offsets[id]!);
    customs.set(id, { name, live });
    values[id] = value;
    partials.set(own, offsets[id]);
  }
  ops.forEach((op, id) => {
    if (op === CUSTOM && !customs.has(id)) refuse(`node ${id} has a custom op and no entry in "custom"`);
  });
  return { customs, partials };
}

function readCustom(id: number, entry: unknown, arity: number): Custom & { value: number; own: number[] } {
  if (!isObject(entry)) refuse(`the entry of node ${id} in "custom" is not an object`);
  const { name, partials, live } = entry;
  if (typeof name !== "string" || name === "") refuse(`the entry of node ${id} in "custom" has no name`);
  if (!Array.isArray(partials) || partials.length !== arity)
    refuse(`node ${id} has ${countOfInputs(arity)}, and its partials are not a list of as many`);
  if (typeof live !== "boolean")
    refuse(`the entry of node ${id} in "custom" does not say whether it is live`);
  return {
    name,
    live,
    value: readNumber(entry.value, `the value of node ${id}`),
    own: partials.map((wire) => readNumber(wire, `a partial of node ${id}`)),
  };
}
