/**
 * The graph engine: a computation as flat arrays in topological order, forward and backward. The twin of `graph.py`. It
 * knows no DOM and no notebook, and nothing in it recurses. Its loops are in `loops.ts`; the numbers on the edges are
 * computed when somebody looks at them.
 */

import {
  type Custom,
  type GraphColumns,
  type GraphDocument,
  isId,
  readDocument,
  shown,
  writeDocument,
} from "./document.ts";
import { CODES, contributionsOf, runBackward, runForward, type Tape } from "./loops.ts";
import { OPS } from "./ops.ts";

export type { Custom, GraphDocument };

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

/** 2 to this power: as many nodes as have their numbers in a processor's first cache, about. */
const WINDOW = 13;

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
  /** The nodes whose op is not in the table. */
  readonly customs: ReadonlyMap<number, Custom>;
  /** One per node, as of the last `forward()`. */
  readonly values: Float64Array;
  /** One per node: the sum over the passes since `zeroGrad()`; 0 where none has been. */
  readonly grads: Float64Array;
  /** One per node: 1 where a pass has been since `zeroGrad()`. */
  readonly reached: Uint8Array;
  /** One per node: 1 where the last pass has been. */
  readonly passReached: Uint8Array;
  /** One per node: 1 where gradients flow. Not into consts and frozen leaves, nor ops of nothing but these. */
  readonly needsGrad: Uint8Array;

  readonly #columns: GraphColumns;
  readonly #codes: Int32Array;
  readonly #frozen: Set<number>;
  readonly #tape: Tape;
  readonly #passGrads: Float64Array;
  readonly #edgeGrads: Float64Array;
  /** Where a pass from this root goes: kept, as the next one is most likely from the same. */
  #pass: Pass | undefined;
  /** Whether `grads` and `reached` are all 0. */
  #fresh = true;
  /** Whether the gradients of the last pass are in `grads`, where the first one leaves them, and yet to be copied. */
  #copyDue = false;
  /** Whether `#edgeGrads` is yet to be computed, from the pass or, after `zeroGrad()`, from none. */
  #edgesDue = false;
  #edgesFrom: Pass | undefined;
  /** The values that the last pass saw, if leaves have been moved since and its edges are yet to be computed. */
  #seen: Float64Array | undefined;
  /** Whether a leaf has been moved since the last `forward()`. */
  #stale = false;

  private constructor(columns: GraphColumns) {
    this.#columns = columns;
    this.size = columns.ops.length;
    this.ops = columns.ops;
    this.offsets = columns.offsets;
    this.operands = columns.operands;
    this.labels = columns.labels;
    this.outputs = columns.outputs;
    this.customs = columns.customs;
    this.values = columns.values;
    this.grads = new Float64Array(this.size);
    this.#passGrads = new Float64Array(this.size);
    this.reached = new Uint8Array(this.size);
    this.passReached = new Uint8Array(this.size);
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
    return writeDocument({ ...this.#columns, frozen: [...this.#frozen] });
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
    if (this.#edgesDue && this.#edgesFrom) this.#seen ??= this.values.slice();
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

  /**
   * Gives a custom node the numbers that the kernel has computed. What is made of it keeps its values until `forward()`.
   * @throws Error if there is no such node, or there are not as many partials as operands.
   */
  setCustom(id: number, value: number, partials: ArrayLike<number>): void {
    this.#requireNode(id);
    if (!this.customs.has(id))
      throw new Error(`graph: node ${id} has no custom op, its op is ${shown(this.ops[id])}`);
    const arity = this.offsets[id + 1]! - this.offsets[id]!;
    if (partials.length !== arity)
      throw new Error(`graph: node ${id} needs ${arity} partials, and ${partials.length} were given`);
    this.#computeEdges();
    this.values[id] = value;
    this.#columns.partials.set(partials, this.offsets[id]);
    this.#stale = true;
  }

  /** The local derivatives of a custom node, one per operand. */
  partialsOf(id: number): Float64Array {
    return this.#columns.partials.subarray(this.offsets[id], this.offsets[id + 1]);
  }

  /** Computes every op from the leaves and consts. */
  forward(): void {
    runForward(this.#tape);
    this.#stale = false;
  }

  /** Forgets all gradients and that there has ever been a pass. */
  zeroGrad(): void {
    this.grads.fill(0);
    this.reached.fill(0);
    this.passReached.fill(0);
    this.#fresh = true;
    this.#copyDue = true;
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
    this.#pass = this.#pass?.root === root ? this.#pass : this.#passFrom(root);
    this.#copyDue = this.#fresh;
    this.#spread(this.#pass, gradient, this.#fresh ? this.grads : this.#passGrads.fill(0));
    this.#accumulate(this.#pass);
    this.#edgesDue = true;
    this.#edgesFrom = this.#pass;
    this.#seen = undefined;
    if (this.#stale) this.#computeEdges();
  }

  /** One per node: what the last pass alone computed. */
  get passGrads(): Float64Array {
    if (this.#copyDue) this.#passGrads.set(this.grads);
    this.#copyDue = false;
    return this.#passGrads;
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

  /**
   * The ops by level, and within a level by op, so that equal ones stand together; window by window, so that what a
   * loop reads was written not long ago.
   */
  #order(): Int32Array {
    const level = levelsOf(this.offsets, this.operands);
    const ids = Int32Array.from(this.ops.keys()).filter((id) => this.#codes[id]! >= 0);
    const window = level.map((_, id) => id >> WINDOW);
    return sortedBy(sortedBy(sortedBy(ids, this.#codes), level), window);
  }

  /** The ops of `node`, in that order, cut into runs. */
  #tapeOf(node: Int32Array): Tape {
    const { values, grads, needsGrad, offsets, operands } = this;
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
      partials: this.#columns.partials,
    };
  }

  #findNeedsGrad(): void {
    const { ops, offsets, operands, needsGrad } = this;
    for (let id = 0; id < this.size; id++) {
      needsGrad[id] = ops[id] === "leaf" && !this.#frozen.has(id) ? 1 : 0;
      if (OPS.get(ops[id]!)?.isDifferentiable === false) continue;
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
    const nodes = this.#tape.node.filter((id) => mark[id] === REACHED);
    return {
      root,
      // Most often it is everything: one tape stays in the processor's cache where two would not.
      tape: nodes.length === this.#tape.node.length ? this.#tape : this.#tapeOf(nodes),
      reached: mark.map((how) => (how === REACHED ? 1 : 0)),
      untracked: Int32Array.from(mark.keys()).filter((id) => mark[id] === UNTRACKED),
    };
  }

  /** Run a pass that leaves its gradients in an array of zeros. */
  #spread({ root, tape, untracked }: Pass, gradient: number, into: Float64Array): void {
    if (!this.needsGrad[root]) return;
    into[root] = gradient;
    tape.grads = into;
    runBackward(tape);
    for (const id of untracked) into[id] = 0;
  }

  #accumulate(pass: Pass): void {
    const { grads, reached } = this;
    this.passReached.set(pass.reached);
    if (this.#fresh) {
      reached.set(pass.reached);
      this.#fresh = false;
      return;
    }
    for (let id = 0; id < this.size; id++) {
      grads[id]! += this.#passGrads[id]!;
      reached[id]! |= pass.reached[id]!;
    }
  }

  #computeEdges(): void {
    if (!this.#edgesDue) return;
    this.#edgesDue = false;
    this.#edgeGrads.fill(0);
    if (!this.#edgesFrom) return;
    const { offsets, operands, needsGrad } = this;
    const values = this.#seen ?? this.values;
    for (const id of this.#edgesFrom.tape.node) {
      const sent = contributionsOf(this, id, this.passGrads[id]!, values);
      for (let p = 0; p < sent.length; p++) {
        const slot = offsets[id]! + p;
        if (needsGrad[operands[slot]!]) this.#edgeGrads[slot] = sent[p]!;
      }
    }
  }
}
