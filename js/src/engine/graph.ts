/**
 * The graph engine: a computation as flat arrays in topological order, with forward and backward passes.
 *
 * The twin of `graph.py`. It needs no DOM and no notebook, and nothing in it recurses. Its loops are in `loops.ts`.
 * Gradients on edges are computed on demand.
 */

import {
  type Custom,
  type GraphColumns,
  type GraphDocument,
  type Guard,
  readDocument,
  writeDocument,
} from "./document.ts";
import { isId, shown } from "./found.ts";
import { CODES, contributionsOf, runBackward, runForward, type Tape } from "./loops.ts";
import { OPS } from "./ops.ts";

export type { Custom, GraphDocument, Guard };

/** Cached backward plan for one root. */
interface Pass {
  root: number;
  /** Ops on the paths from the root. */
  tape: Tape;
  /** Per node 1 if the pass reaches it, leaves included. */
  reached: Uint8Array;
  /** Operands without gradient: the loops write to them all the same, and the pass resets them. */
  untracked: Int32Array;
}

/** Logarithm to base 2 of the window size: the numbers of so many nodes fit into a first-level cache. */
const WINDOW = 13;

/** Level per node: one more than its deepest operand; 0 for leaves and consts. */
function levelsOf(graph: Graph): Int32Array {
  const level = new Int32Array(graph.size);
  for (let id = 0; id < graph.size; id++)
    for (const operand of graph.operandsOf(id)) level[id] = Math.max(level[id]!, level[operand]! + 1);
  return level;
}

/** Graph in topological order: values, gradients, and the passes that compute them. */
export class Graph {
  readonly size: number;
  /** Per node "leaf", "const", or the name of its op. */
  readonly ops: readonly string[];
  /** Bounds in `operands`: the operands of node i are `operands[offsets[i]]` to `operands[offsets[i + 1] - 1]`. */
  readonly offsets: Int32Array;
  readonly operands: Int32Array;
  readonly labels: readonly (string | undefined)[];
  readonly outputs: readonly number[];
  /** Nodes whose op is not in the table. */
  readonly customs: ReadonlyMap<number, Custom>;
  /** Comparisons on which the program branched. */
  readonly guards: readonly Guard[];
  /** Value per node, as of the last `forward()`. */
  readonly values: Float64Array;
  /** Accumulated gradient per node since `zeroGrad()`; 0 where no pass has been. */
  readonly grads: Float64Array;
  /** Per node 1 if a pass has reached it since `zeroGrad()`. */
  readonly reached: Uint8Array;
  /** Gradient per node of the last pass alone. */
  readonly passGrads: Float64Array;
  /** Per node 1 if the last pass has reached it. */
  readonly passReached: Uint8Array;
  /** Per node 1 if it needs a gradient: not consts, frozen leaves, and ops of these alone. */
  readonly needsGrad: Uint8Array;

  readonly #columns: GraphColumns;
  readonly #codes: Int32Array;
  readonly #frozen: Set<number>;
  readonly #tape: Tape;
  readonly #edgeGrads: Float64Array;
  /** Plan of the last root, which is most likely the next one too. */
  #pass: Pass | undefined;
  /** True while `grads` and `reached` are all 0: the first pass is copied there, which takes less time than to add it. */
  #fresh = true;
  /** True while `#edgeGrads` is outdated. Source: `#edgesFrom`, or none after `zeroGrad()`. */
  #edgesDue = false;
  #edgesFrom: Pass | undefined;
  /** Values at the last pass, kept if leaves move before its edges are computed. */
  #seen: Float64Array | undefined;
  /** True if a leaf has moved since the last `forward()`. */
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
    this.guards = columns.guards;
    this.values = columns.values;
    this.grads = new Float64Array(this.size);
    this.passGrads = new Float64Array(this.size);
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
   * Read a graph document and compute its values.
   * @throws Error with one sentence that names the invalid place and the reason.
   */
  static fromJSON(doc: unknown): Graph {
    return new Graph(readDocument(doc));
  }

  /** Write the document, with the present values of the leaves. */
  toJSON(): GraphDocument {
    return writeDocument({ ...this.#columns, frozen: [...this.#frozen] });
  }

  /**
   * Set the value of a leaf. Ops keep their values until `forward()`.
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
   * Freeze or unfreeze a leaf: set whether it requires a gradient, from the next pass on.
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
   * Set the value and the local derivatives of a custom node. Its consumers keep their values until `forward()`.
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

  /** Operands of a node, in order. */
  operandsOf(id: number): Int32Array {
    return this.operands.subarray(this.offsets[id], this.offsets[id + 1]);
  }

  /** Local derivatives of a custom node, one per operand. */
  partialsOf(id: number): Float64Array {
    return this.#columns.partials.subarray(this.offsets[id], this.offsets[id + 1]);
  }

  /** Compute all ops from the leaves and consts. */
  forward(): void {
    runForward(this.#tape);
    this.#stale = false;
  }

  /** List the guards that come out another way now: the program would compute something else. */
  turned(): Guard[] {
    const of = (id: number) => this.values[id]!;
    return this.guards.filter(
      ([op, left, right, outcome]) => OPS.get(op)!.forward(of(left), of(right)) !== +outcome,
    );
  }

  /** Reset all gradients, as if no pass had run. */
  zeroGrad(): void {
    for (const one of [this.grads, this.reached, this.passGrads, this.passReached]) one.fill(0);
    this.#fresh = true;
    this.#edgesDue = true;
    this.#edgesFrom = undefined;
  }

  /**
   * Run a backward pass: propagate `gradient` from the root to its ancestors, and accumulate in `grads`.
   *
   * A node is reached if a path of nodes that need gradients leads to it, even if its gradient is 0. A pass from a root
   * that needs no gradient reaches nothing.
   * @throws Error if there is no such node.
   */
  backward(root: number, gradient = 1): void {
    this.#requireNode(root);
    this.#pass = this.#pass?.root === root ? this.#pass : this.#passFrom(root);
    this.#spread(this.#pass, gradient);
    this.#accumulate(this.#pass);
    this.#edgesDue = true;
    this.#edgesFrom = this.#pass;
    this.#seen = undefined;
    if (this.#stale) this.#computeEdges();
  }

  /**
   * Contribution of the last pass per operand slot, as `operands`; 0 where no gradient flows. Computed on first access
   * after a pass, from the values at that pass.
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
   * Sort ops by level, and within a level by op, so that equal ones stand together. Windows keep what a loop reads in
   * the cache.
   */
  #order(): Int32Array {
    const level = levelsOf(this);
    const codes = this.#codes;
    const ids = Int32Array.from(this.ops.keys()).filter((id) => codes[id]! >= 0);
    return ids.sort(
      (a, b) => (a >> WINDOW) - (b >> WINDOW) || level[a]! - level[b]! || codes[a]! - codes[b]! || a - b,
    );
  }

  /** Cut ops in this order into runs. */
  #tapeOf(node: Int32Array): Tape {
    const { values, passGrads: grads, needsGrad, offsets, operands } = this;
    const left = node.map((id) => this.operandsOf(id)[0]!);
    const right = node.map((id) => this.operandsOf(id)[1] ?? this.operandsOf(id)[0]!);
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
    const { ops, needsGrad } = this;
    for (let id = 0; id < this.size; id++) {
      needsGrad[id] = ops[id] === "leaf" && !this.#frozen.has(id) ? 1 : 0;
      if (OPS.get(ops[id]!)?.isDifferentiable === false) continue;
      for (const operand of this.operandsOf(id)) needsGrad[id]! |= needsGrad[operand]!;
    }
  }

  #passFrom(root: number): Pass {
    const { needsGrad } = this;
    const REACHED = 1;
    const UNTRACKED = 2;
    const mark = new Uint8Array(this.size);
    if (needsGrad[root]) mark[root] = REACHED;
    for (let id = root; id >= 0; id--) {
      if (mark[id] !== REACHED) continue;
      for (const operand of this.operandsOf(id)) mark[operand] = needsGrad[operand] ? REACHED : UNTRACKED;
    }
    const nodes = this.#tape.node.filter((id) => mark[id] === REACHED);
    return {
      root,
      // Mostly all ops are on it: one tape stays in the cache where two would not.
      tape: nodes.length === this.#tape.node.length ? this.#tape : this.#tapeOf(nodes),
      reached: mark.map((how) => (how === REACHED ? 1 : 0)),
      untracked: Int32Array.from(mark.keys()).filter((id) => mark[id] === UNTRACKED),
    };
  }

  /** Run a pass into `passGrads`. */
  #spread({ root, tape, untracked }: Pass, gradient: number): void {
    const { passGrads } = this;
    passGrads.fill(0);
    if (!this.needsGrad[root]) return;
    passGrads[root] = gradient;
    runBackward(tape);
    for (const id of untracked) passGrads[id] = 0;
  }

  #accumulate(pass: Pass): void {
    const { grads, reached } = this;
    this.passReached.set(pass.reached);
    if (this.#fresh) {
      grads.set(this.passGrads);
      reached.set(pass.reached);
      this.#fresh = false;
      return;
    }
    for (let id = 0; id < this.size; id++) {
      grads[id]! += this.passGrads[id]!;
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
