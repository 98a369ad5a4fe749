/**
 * The graph engine: a computation as flat arrays in topological order, forward, backward, and the document that it is
 * read from. The twin of `graph.py`. It knows no DOM and no notebook, and nothing in it recurses.
 *
 * Nodes of the same op are computed together: the schedule is cut into runs of one op each, and a run is one tight
 * loop over typed arrays. Ops that networks are made of have loops of their own; the others go through the op table,
 * and so do the numbers on the edges, which are computed when somebody looks at them.
 */

import { decodeNumber, encodeNumber, type WireNumber } from "./number.ts";
import { OPS, type Op, pow, powToBase, powToExponent, relu } from "./ops.ts";

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
}

/** A document that was found sound, as columns. */
export interface GraphColumns {
  ops: string[];
  /** The operands of node i are `operands[offsets[i]]` to `operands[offsets[i + 1] - 1]`. */
  offsets: Int32Array;
  operands: Int32Array;
  /** The values of leaves and consts; 0 elsewhere. */
  values: Float64Array;
  labels: (string | undefined)[];
  frozen: number[];
  outputs: number[];
}

const VERSION = 1;

function refuse(reason: string): never {
  throw new Error(`graph document: ${reason}`);
}

/** What was found, short enough for a sentence. */
function shown(x: unknown): string {
  const text = JSON.stringify(x) ?? String(x);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}

function isId(x: unknown, size: number): x is number {
  return typeof x === "number" && Number.isInteger(x) && x >= 0 && x < size;
}

/** The id that a key spells, or undefined: "07" and "1e0" are no ids, and neither is `__proto__`. */
function idOfKey(key: string, size: number): number | undefined {
  const id = Number(key);
  return isId(id, size) && String(id) === key ? id : undefined;
}

function isSource(op: string): boolean {
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
  const ops = readOps(doc.op);
  const { offsets, operands } = readInputs(doc.inputs, ops);
  return {
    ops,
    offsets,
    operands,
    values: readValues(doc.value, ops),
    labels: readLabels(doc.label ?? {}, ops.length),
    frozen: readFrozen(doc.frozen ?? [], ops),
    outputs: readOutputs(doc.outputs, ops.length),
  };
}

function readVersion(version: unknown): void {
  if (version === undefined) refuse(`"version" is missing`);
  if (typeof version === "number" && version > VERSION) {
    refuse(`version ${version} is from the future, and this engine reads version ${VERSION}`);
  }
  if (version !== VERSION)
    refuse(`the version is ${shown(version)}, and this engine reads version ${VERSION}`);
}

function readOps(op: unknown): string[] {
  if (!Array.isArray(op)) refuse(`"op" is not a list`);
  op.forEach((name, id) => {
    if (!isSource(name) && !OPS.has(name))
      refuse(`node ${id} has the op ${shown(name)}, which is not in the table`);
  });
  return op.slice();
}

function readInputs(inputs: unknown, ops: string[]): { offsets: Int32Array; operands: Int32Array } {
  if (!Array.isArray(inputs)) refuse(`"inputs" is not a list`);
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
  const arity = isSource(op) ? 0 : OPS.get(op)!.arity;
  if (arity === null ? count >= 1 : count === arity) return;
  const wanted = arity === null ? "1 input or more" : countOfInputs(arity);
  refuse(`node ${id} has ${countOfInputs(count)}, and ${shown(op)} takes ${wanted}`);
}

function countOfInputs(count: number): string {
  return count === 1 ? "1 input" : `${count || "no"} inputs`;
}

function readValues(value: unknown, ops: string[]): Float64Array {
  if (!isObject(value)) refuse(`"value" is not an object`);
  const values = new Float64Array(ops.length);
  const given = new Uint8Array(ops.length);
  for (const [key, wire] of Object.entries(value)) {
    const id = idOfKey(key, ops.length);
    if (id === undefined || !isSource(ops[id]!))
      refuse(`"value" names ${shown(key)}, which is not a leaf or a const`);
    const x = decodeNumber(wire);
    if (x === undefined) {
      refuse(
        `the value of node ${id} is ${shown(wire)}, which is not a finite number, "nan", "inf" or "-inf"`,
      );
    }
    values[id] = x;
    given[id] = 1;
  }
  ops.forEach((op, id) => {
    if (isSource(op) && !given[id]) refuse(`node ${id} is a ${op} and has no value`);
  });
  return values;
}

function readLabels(label: unknown, size: number): (string | undefined)[] {
  if (!isObject(label)) refuse(`"label" is not an object`);
  const labels = new Array<string | undefined>(size).fill(undefined);
  for (const [key, text] of Object.entries(label)) {
    const id = idOfKey(key, size);
    if (id === undefined) refuse(`"label" names ${shown(key)}, which is not a node`);
    if (typeof text !== "string") refuse(`the label of node ${id} is ${shown(text)}, which is not a string`);
    labels[id] = text;
  }
  return labels;
}

function readFrozen(frozen: unknown, ops: string[]): number[] {
  if (!Array.isArray(frozen)) refuse(`"frozen" is not a list`);
  const seen = new Set<number>();
  for (const id of frozen) {
    if (!isId(id, ops.length) || ops[id] !== "leaf")
      refuse(`"frozen" names ${shown(id)}, which is not a leaf`);
    if (seen.has(id)) refuse(`"frozen" names ${id} twice`);
    seen.add(id);
  }
  return [...seen];
}

function readOutputs(outputs: unknown, size: number): number[] {
  if (!Array.isArray(outputs)) refuse(`"outputs" is not a list`);
  if (outputs.length === 0) refuse(`"outputs" is empty`);
  for (const id of outputs) if (!isId(id, size)) refuse(`"outputs" names ${shown(id)}, which is not a node`);
  return outputs.slice();
}

/** Nodes in an order they can be computed in, cut into runs of one op each. */
interface Schedule {
  node: Int32Array;
  /** By position as `node`: the first operand, and the second where the op takes two. */
  left: Int32Array;
  right: Int32Array;
  /** Run r is of the op with the code `code[r]`, from `start[r]` up to `start[r + 1]`. */
  code: Uint8Array;
  start: Int32Array;
}

/** What a pass visits. */
interface Pass {
  root: number;
  /** The ops it goes through. */
  tape: Tape;
  /** Per node 1 where it comes by, leaves included. */
  reached: Uint8Array;
  /** Operands that track no gradient: the loops send them numbers all the same, and these are taken back. */
  untracked: Int32Array;
}

/** A schedule with all that its loops read and write. */
interface Tape extends Schedule {
  values: Float64Array;
  /** Of this pass. */
  grads: Float64Array;
  needsGrad: Uint8Array;
  offsets: Int32Array;
  operands: Int32Array;
}

/** Computes one run, `from` and `to` being positions in the schedule. */
type Loop = (tape: Tape, from: number, to: number) => void;

const ROWS: readonly Op[] = [...OPS.values()];
const CODES: ReadonlyMap<string, number> = new Map(ROWS.map((op, code) => [op.name, code]));

// Most nodes of a network are sums, products and rectifiers, and their loops take four nodes per turn: in V8 that
// makes a pass a third faster. A function here is one node, k being its position in the schedule; V8 inlines it.

type Reals = Float64Array;
type Ids = Int32Array;

function addForward(v: Reals, node: Ids, left: Ids, right: Ids, k: number): void {
  v[node[k]!] = v[left[k]!]! + v[right[k]!]!;
}

function addBackward(d: Reals, node: Ids, left: Ids, right: Ids, k: number): void {
  const g = d[node[k]!]!;
  d[left[k]!]! += g;
  d[right[k]!]! += g;
}

function multiplyForward(v: Reals, node: Ids, left: Ids, right: Ids, k: number): void {
  v[node[k]!] = v[left[k]!]! * v[right[k]!]!;
}

function multiplyBackward(v: Reals, d: Reals, node: Ids, left: Ids, right: Ids, k: number): void {
  const g = d[node[k]!]!;
  const a = left[k]!;
  const b = right[k]!;
  d[a]! += g * v[b]!;
  d[b]! += g * v[a]!;
}

function reluForward(v: Reals, node: Ids, left: Ids, k: number): void {
  v[node[k]!] = relu(v[left[k]!]!);
}

function reluBackward(v: Reals, d: Reals, node: Ids, left: Ids, k: number): void {
  const id = node[k]!;
  d[left[k]!]! += v[id]! <= 0 ? 0 : d[id]!;
}

/**
 * The loops of the ops that networks are made of. They give what the table gives, to the bit. `v` are values, `d` the
 * gradients of the pass.
 */
export const FORWARD_LOOPS: Readonly<Record<string, Loop>> = {
  "+": ({ values: v, node, left, right }, from, to) => {
    let k = from;
    for (; k + 4 <= to; k += 4) {
      addForward(v, node, left, right, k);
      addForward(v, node, left, right, k + 1);
      addForward(v, node, left, right, k + 2);
      addForward(v, node, left, right, k + 3);
    }
    for (; k < to; k++) addForward(v, node, left, right, k);
  },
  "*": ({ values: v, node, left, right }, from, to) => {
    let k = from;
    for (; k + 4 <= to; k += 4) {
      multiplyForward(v, node, left, right, k);
      multiplyForward(v, node, left, right, k + 1);
      multiplyForward(v, node, left, right, k + 2);
      multiplyForward(v, node, left, right, k + 3);
    }
    for (; k < to; k++) multiplyForward(v, node, left, right, k);
  },
  relu: ({ values: v, node, left }, from, to) => {
    let k = from;
    for (; k + 4 <= to; k += 4) {
      reluForward(v, node, left, k);
      reluForward(v, node, left, k + 1);
      reluForward(v, node, left, k + 2);
      reluForward(v, node, left, k + 3);
    }
    for (; k < to; k++) reluForward(v, node, left, k);
  },
  "-": ({ values: v, node, left, right }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = v[left[k]!]! - v[right[k]!]!;
  },
  "/": ({ values: v, node, left, right }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = v[left[k]!]! / v[right[k]!]!;
  },
  "**": ({ values: v, node, left, right }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = pow(v[left[k]!]!, v[right[k]!]!);
  },
  neg: ({ values: v, node, left }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = -v[left[k]!]!;
  },
  tanh: ({ values: v, node, left }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = Math.tanh(v[left[k]!]!);
  },
};

/** The same backward, against the order of the schedule. */
export const BACKWARD_LOOPS: Readonly<Record<string, Loop>> = {
  "+": ({ grads: d, node, left, right }, from, to) => {
    let k = to - 1;
    for (; k - 3 >= from; k -= 4) {
      addBackward(d, node, left, right, k);
      addBackward(d, node, left, right, k - 1);
      addBackward(d, node, left, right, k - 2);
      addBackward(d, node, left, right, k - 3);
    }
    for (; k >= from; k--) addBackward(d, node, left, right, k);
  },
  "*": ({ values: v, grads: d, node, left, right }, from, to) => {
    let k = to - 1;
    for (; k - 3 >= from; k -= 4) {
      multiplyBackward(v, d, node, left, right, k);
      multiplyBackward(v, d, node, left, right, k - 1);
      multiplyBackward(v, d, node, left, right, k - 2);
      multiplyBackward(v, d, node, left, right, k - 3);
    }
    for (; k >= from; k--) multiplyBackward(v, d, node, left, right, k);
  },
  relu: ({ values: v, grads: d, node, left }, from, to) => {
    let k = to - 1;
    for (; k - 3 >= from; k -= 4) {
      reluBackward(v, d, node, left, k);
      reluBackward(v, d, node, left, k - 1);
      reluBackward(v, d, node, left, k - 2);
      reluBackward(v, d, node, left, k - 3);
    }
    for (; k >= from; k--) reluBackward(v, d, node, left, k);
  },
  "-": ({ grads: d, node, left, right }, from, to) => {
    for (let k = to - 1; k >= from; k--) {
      const g = d[node[k]!]!;
      d[left[k]!]! += g;
      d[right[k]!]! -= g;
    }
  },
  "/": ({ values: v, grads: d, node, left, right }, from, to) => {
    for (let k = to - 1; k >= from; k--) {
      const g = d[node[k]!]!;
      const b = v[right[k]!]!;
      d[left[k]!]! += g / b;
      d[right[k]!]! += -g * (v[left[k]!]! / b / b);
    }
  },
  "**": ({ values: v, grads: d, needsGrad, node, left, right }, from, to) => {
    for (let k = to - 1; k >= from; k--) {
      const g = d[node[k]!]!;
      const a = left[k]!;
      const b = right[k]!;
      // Powers and logarithms are worth asking who wants them: most exponents are constants.
      if (needsGrad[a]) d[a]! += powToBase(g, v[a]!, v[b]!);
      if (needsGrad[b]) d[b]! += powToExponent(g, v[node[k]!]!, v[a]!, v[b]!);
    }
  },
  neg: ({ grads: d, node, left }, from, to) => {
    for (let k = to - 1; k >= from; k--) d[left[k]!]! -= d[node[k]!]!;
  },
  tanh: ({ values: v, grads: d, node, left }, from, to) => {
    for (let k = to - 1; k >= from; k--) {
      const y = v[node[k]!]!;
      d[left[k]!]! += d[node[k]!]! * (1 - y * y);
    }
  },
};

/** The loop of an op that has none of its own. */
function forwardThroughTable(op: Op): Loop {
  const { forward, ofList } = op;
  if (ofList) {
    return ({ values, node, offsets, operands }, from, to) => {
      for (let k = from; k < to; k++) {
        values[node[k]!] = ofList.forward(operandValues(values, offsets, operands, node[k]!));
      }
    };
  }
  return ({ values, node, left, right }, from, to) => {
    for (let k = from; k < to; k++) values[node[k]!] = forward(values[left[k]!]!, values[right[k]!]!);
  };
}

function backwardThroughTable(op: Op): Loop {
  return (tape, from, to) => {
    const { values, grads, node, offsets, operands } = tape;
    for (let k = to - 1; k >= from; k--) {
      const id = node[k]!;
      const contributions = contributionsOf(op, grads[id]!, values, offsets, operands, id);
      for (let p = 0; p < contributions.length; p++) grads[operands[offsets[id]! + p]!]! += contributions[p]!;
    }
  };
}

function operandValues(values: Reals, offsets: Ids, operands: Ids, id: number): number[] {
  const x: number[] = [];
  for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) x.push(values[operands[slot]!]!);
  return x;
}

/** What the node sends to each of its operands when the upstream gradient `g` arrives, by the op table. */
function contributionsOf(
  op: Op,
  g: number,
  values: Reals,
  offsets: Ids,
  operands: Ids,
  id: number,
): number[] {
  const x = operandValues(values, offsets, operands, id);
  return op.ofList ? op.ofList.backward(g, values[id]!, x) : op.backward(g, values[id]!, ...x);
}

const FORWARD: readonly Loop[] = ROWS.map((op) => FORWARD_LOOPS[op.name] ?? forwardThroughTable(op));
const BACKWARD: readonly Loop[] = ROWS.map((op) => BACKWARD_LOOPS[op.name] ?? backwardThroughTable(op));

/** One more than the deepest operand; 0 for leaves and consts. */
function levelsOf(offsets: Int32Array, operands: Int32Array): Int32Array {
  const level = new Int32Array(offsets.length - 1);
  for (let id = 0; id < level.length; id++) {
    let deepest = -1;
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) {
      deepest = Math.max(deepest, level[operands[slot]!]!);
    }
    level[id] = deepest + 1;
  }
  return level;
}

/** A stable counting sort of ids by a small number each. */
function sortedBy(ids: Int32Array, key: Int32Array): Int32Array {
  const start = new Int32Array(key.reduce((a, b) => Math.max(a, b), 0) + 2);
  for (const id of ids) start[key[id]! + 1]!++;
  for (let i = 1; i < start.length; i++) start[i]! += start[i - 1]!;
  const sorted = new Int32Array(ids.length);
  for (const id of ids) sorted[start[key[id]!]!++] = id;
  return sorted;
}

/** A graph in topological order: values, gradients, and the passes that compute them. */
export class Graph {
  readonly size: number;
  /** Per node "leaf", "const", or the name of its op. */
  readonly ops: readonly string[];
  /** The operands of node i are `operands[offsets[i]]` to `operands[offsets[i + 1] - 1]`. */
  readonly offsets: Int32Array;
  readonly operands: Int32Array;
  readonly labels: readonly (string | undefined)[];
  readonly outputs: readonly number[];
  /** One per node, as of the last `forward()`. */
  readonly values: Float64Array;
  /** One per node: the sum over the passes since `zeroGrad()`; 0 where none has been. */
  readonly grads: Float64Array;
  /** One per node: what the last pass alone computed. */
  readonly passGrads: Float64Array;
  /** One per node: 1 where a pass has been since `zeroGrad()`. */
  readonly reached: Uint8Array;
  /** One per node: 1 where gradients flow. Not into consts and frozen leaves, nor ops of nothing but these. */
  readonly needsGrad: Uint8Array;

  readonly #codes: Int32Array;
  readonly #frozen: Set<number>;
  readonly #tape: Tape;
  readonly #edgeGrads: Float64Array;
  /** Where a pass from this root goes: kept, as the next one is most likely from the same. */
  #pass: Pass | undefined;
  /** Whether `grads` and `reached` are all 0. */
  #fresh = true;
  /** Whether `#edgeGrads` is yet to be computed, from the pass or, after `zeroGrad()`, from none. */
  #edgesDue = false;
  #edgesFrom: Pass | undefined;
  /** What leaves were at the last pass, if they have been moved since. */
  readonly #moved = new Map<number, number>();
  /** Whether a leaf has been moved since the last `forward()`. */
  #stale = false;

  private constructor(columns: GraphColumns) {
    this.size = columns.ops.length;
    this.ops = columns.ops;
    this.offsets = columns.offsets;
    this.operands = columns.operands;
    this.labels = columns.labels;
    this.outputs = columns.outputs;
    this.values = columns.values;
    this.grads = new Float64Array(this.size);
    this.passGrads = new Float64Array(this.size);
    this.reached = new Uint8Array(this.size);
    this.needsGrad = new Uint8Array(this.size);
    this.#frozen = new Set(columns.frozen);
    this.#codes = Int32Array.from(this.ops, (op) => CODES.get(op) ?? -1);
    this.#edgeGrads = new Float64Array(this.operands.length);
    this.#tape = this.#tapeOf(this.#order());
    this.#findNeedsGrad();
    this.forward();
  }

  /**
   * Reads a graph document and computes its values.
   * @throws Error with one sentence that says where the document is off, and why.
   */
  static fromJSON(doc: unknown): Graph {
    return new Graph(readDocument(doc));
  }

  /** The document, with the leaves as they are now. */
  toJSON(): GraphDocument {
    const doc: GraphDocument = {
      version: VERSION,
      op: [...this.ops],
      inputs: [],
      value: {},
      label: {},
      frozen: [...this.#frozen],
      outputs: [...this.outputs],
    };
    for (let id = 0; id < this.size; id++) {
      doc.inputs.push([...this.operands.subarray(this.offsets[id], this.offsets[id + 1])]);
      if (isSource(this.ops[id]!)) doc.value[id] = encodeNumber(this.values[id]!);
      const label = this.labels[id];
      if (label !== undefined) doc.label[id] = label;
    }
    return doc;
  }

  /**
   * Moves a leaf. The ops keep their values until `forward()`.
   * @throws Error if there is no such leaf, or the value is no number.
   */
  setLeaf(id: number, value: number): void {
    this.#requireLeaf(id);
    if (typeof value !== "number") {
      throw new Error(`graph: the value of node ${id} is ${shown(value)}, which is not a number`);
    }
    if (!this.#moved.has(id)) this.#moved.set(id, this.values[id]!);
    this.values[id] = value;
    this.#stale = true;
  }

  /**
   * Makes a leaf require no gradient, or require one again, from the next pass on.
   * @throws Error if there is no such leaf.
   */
  setFrozen(id: number, frozen: boolean): void {
    this.#requireLeaf(id);
    if (this.#frozen.has(id) === frozen) return;
    this.#computeEdges();
    if (frozen) this.#frozen.add(id);
    else this.#frozen.delete(id);
    this.#findNeedsGrad();
    this.#pass = undefined;
  }

  /** Computes every op from the leaves and consts. */
  forward(): void {
    runForward(this.#tape);
    this.#stale = false;
  }

  /** Forgets all gradients and that there has ever been a pass. */
  zeroGrad(): void {
    this.grads.fill(0);
    this.passGrads.fill(0);
    this.reached.fill(0);
    this.#fresh = true;
    this.#edgesDue = true;
    this.#edgesFrom = undefined;
  }

  /**
   * A pass: spreads `gradient` from the root to everything that it was computed from, and adds what arrives to `grads`.
   * A node is reached if a path of nodes that need gradients leads to it, even when the number that arrives is 0. From
   * a root that needs no gradient a pass reaches nothing.
   * @throws Error if there is no such node.
   */
  backward(root: number, gradient = 1): void {
    this.#requireNode(root);
    this.passGrads.fill(0);
    this.#pass = this.#pass?.root === root ? this.#pass : this.#passFrom(root);
    this.#spread(this.#pass, gradient);
    this.#accumulate(this.#pass);
    this.#edgesDue = true;
    this.#edgesFrom = this.#pass;
    this.#moved.clear();
    if (this.#stale) this.#computeEdges();
  }

  /**
   * One per operand slot, as `operands`: what the last pass sent along it, 0 where nothing flows. Computed when it is
   * first asked for after a pass; leaves moved in between make no difference.
   */
  get edgeGrads(): Float64Array {
    this.#computeEdges();
    return this.#edgeGrads;
  }

  #requireNode(id: number): void {
    if (!isId(id, this.size)) throw new Error(`graph: there is no node ${shown(id)}`);
  }

  #requireLeaf(id: number): void {
    this.#requireNode(id);
    if (this.ops[id] !== "leaf")
      throw new Error(`graph: node ${id} is not a leaf, its op is ${shown(this.ops[id])}`);
  }

  /** The ops by level, and within a level by op, so that equal ones stand together. */
  #order(): Int32Array {
    const level = levelsOf(this.offsets, this.operands);
    const ids = Int32Array.from(this.ops.keys()).filter((id) => this.#codes[id]! >= 0);
    return sortedBy(sortedBy(ids, this.#codes), level);
  }

  /** The ops of `node`, in that order, cut into runs. */
  #tapeOf(node: Int32Array): Tape {
    const { values, passGrads: grads, needsGrad, offsets, operands } = this;
    const left = node.map((id) => operands[offsets[id]!]!);
    const right = node.map((id) => operands[Math.min(offsets[id]! + 1, offsets[id + 1]! - 1)]!);
    const start: number[] = [];
    for (let k = 0; k < node.length; k++) {
      if (k === 0 || this.#codes[node[k]!] !== this.#codes[node[k - 1]!]) start.push(k);
    }
    const code = Uint8Array.from(start, (k) => this.#codes[node[k]!]!);
    start.push(node.length);
    return {
      node,
      left,
      right,
      code,
      start: Int32Array.from(start),
      values,
      grads,
      needsGrad,
      offsets,
      operands,
    };
  }

  #findNeedsGrad(): void {
    const { ops, offsets, operands, needsGrad } = this;
    for (let id = 0; id < this.size; id++) {
      needsGrad[id] = ops[id] === "leaf" && !this.#frozen.has(id) ? 1 : 0;
      for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++)
        needsGrad[id]! |= needsGrad[operands[slot]!]!;
    }
  }

  #passFrom(root: number): Pass {
    const { offsets, operands, needsGrad } = this;
    const REACHED = 1;
    const UNTRACKED = 2;
    const mark = new Uint8Array(this.size);
    if (needsGrad[root]) mark[root] = REACHED;
    for (let id = root; id >= 0; id--) {
      if (mark[id] !== REACHED) continue;
      for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) {
        mark[operands[slot]!] = needsGrad[operands[slot]!] ? REACHED : UNTRACKED;
      }
    }
    return {
      root,
      tape: this.#tapeOf(this.#tape.node.filter((id) => mark[id] === REACHED)),
      reached: mark.map((how) => (how === REACHED ? 1 : 0)),
      untracked: Int32Array.from(mark.keys()).filter((id) => mark[id] === UNTRACKED),
    };
  }

  #spread(pass: Pass, gradient: number): void {
    if (!this.needsGrad[pass.root]) return;
    this.passGrads[pass.root] = gradient;
    runBackward(pass.tape);
    for (const id of pass.untracked) this.passGrads[id] = 0;
  }

  #accumulate(pass: Pass): void {
    const { grads, passGrads, reached } = this;
    if (this.#fresh) {
      grads.set(passGrads);
      reached.set(pass.reached);
      this.#fresh = false;
      return;
    }
    for (let id = 0; id < this.size; id++) {
      grads[id]! += passGrads[id]!;
      reached[id]! |= pass.reached[id]!;
    }
  }

  #computeEdges(): void {
    if (!this.#edgesDue) return;
    this.#edgesDue = false;
    this.#edgeGrads.fill(0);
    if (!this.#edgesFrom) return;
    const { offsets, operands, needsGrad } = this;
    const values = this.#valuesOfPass();
    for (const id of this.#edgesFrom.tape.node) {
      const op = ROWS[this.#codes[id]!]!;
      const contributions = contributionsOf(op, this.passGrads[id]!, values, offsets, operands, id);
      for (let p = 0; p < contributions.length; p++) {
        const slot = offsets[id]! + p;
        if (needsGrad[operands[slot]!]) this.#edgeGrads[slot] = contributions[p]!;
      }
    }
  }

  /** The values that the last pass saw, computed again if leaves have been moved since. */
  #valuesOfPass(): Float64Array {
    if (this.#moved.size === 0) return this.values;
    const values = this.values.slice();
    for (const [id, value] of this.#moved) values[id] = value;
    runForward({ ...this.#tape, values });
    return values;
  }
}

function runForward(tape: Tape): void {
  const { code, start } = tape;
  for (let r = 0; r < code.length; r++) FORWARD[code[r]!]!(tape, start[r]!, start[r + 1]!);
}

function runBackward(tape: Tape): void {
  const { code, start } = tape;
  for (let r = code.length - 1; r >= 0; r--) BACKWARD[code[r]!]!(tape, start[r]!, start[r + 1]!);
}
