/**
 * Loops over typed arrays that compute a graph.
 *
 * The schedule is cut into runs of one op each, and a run is one tight loop. The common ops of networks have loops of
 * their own; the others go through the op table.
 */

import { CUSTOM } from "./document.ts";
import { OPS, type Op, pow, powToBase, powToExponent, relu } from "./ops.ts";

/** Nodes in topological order, cut into runs of one op each. */
interface Schedule {
  node: Int32Array;
  /** First operand per position in `node`, and the second if the op takes two. */
  left: Int32Array;
  right: Int32Array;
  /** Op code of each run; run r covers `start[r]` up to, not including, `start[r + 1]`. */
  code: Uint8Array;
  start: Int32Array;
}

/** Schedule with the arrays that its loops read and write. */
export interface Tape extends Schedule {
  values: Float64Array;
  /** Gradients of the pass, written by the backward loops. */
  grads: Float64Array;
  needsGrad: Uint8Array;
  offsets: Int32Array;
  operands: Int32Array;
  /** Local derivatives of custom nodes, by operand slot. */
  partials: Float64Array;
}

/** The columns of a graph that the contributions of one node depend on. */
interface Computation {
  readonly ops: readonly string[];
  readonly offsets: Int32Array;
  readonly operands: Int32Array;
  readonly values: Float64Array;
  /** Local derivatives of a custom node. */
  partialsOf(id: number): Float64Array;
}

/** Compute one run, from position `from` up to `to` in the schedule. */
type Loop = (tape: Tape, from: number, to: number) => void;

const ROWS: readonly Op[] = [...OPS.values()];

/** Code of each op: its index among the loops. */
export const CODES: ReadonlyMap<string, number> = new Map(
  [...OPS.keys(), CUSTOM].map((name, code) => [name, code]),
);

// Most nodes of a network are sums and products. Their backward loops take four nodes per turn, which makes a pass an
// eighth faster in V8. Each function goes back over one node, at position k of the schedule; V8 inlines it.

type Reals = Float64Array;
type Ids = Int32Array;

function addBackward(d: Reals, node: Ids, left: Ids, right: Ids, k: number): void {
  const g = d[node[k]!]!;
  d[left[k]!]! += g;
  d[right[k]!]! += g;
}

function multiplyBackward(v: Reals, d: Reals, node: Ids, left: Ids, right: Ids, k: number): void {
  const g = d[node[k]!]!;
  const a = left[k]!;
  const b = right[k]!;
  d[a]! += g * v[b]!;
  d[b]! += g * v[a]!;
}

/**
 * Forward loops of common ops, equal to the table bit by bit. `v` are the values, `d` the gradients of the pass.
 */
export const FORWARD_LOOPS: Readonly<Record<string, Loop>> = {
  "+": ({ values: v, node, left, right }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = v[left[k]!]! + v[right[k]!]!;
  },
  "*": ({ values: v, node, left, right }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = v[left[k]!]! * v[right[k]!]!;
  },
  relu: ({ values: v, node, left }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = relu(v[left[k]!]!);
  },
  "-": ({ values: v, node, left, right }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = v[left[k]!]! - v[right[k]!]!;
  },
  "**": ({ values: v, node, left, right }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = pow(v[left[k]!]!, v[right[k]!]!);
  },
  tanh: ({ values: v, node, left }, from, to) => {
    for (let k = from; k < to; k++) v[node[k]!] = Math.tanh(v[left[k]!]!);
  },
};

/** Backward loops of common ops, against the order of the schedule. */
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
    for (let k = to - 1; k >= from; k--) {
      const id = node[k]!;
      d[left[k]!]! += v[id]! <= 0 ? 0 : d[id]!;
    }
  },
  "-": ({ grads: d, node, left, right }, from, to) => {
    for (let k = to - 1; k >= from; k--) {
      const g = d[node[k]!]!;
      d[left[k]!]! += g;
      d[right[k]!]! -= g;
    }
  },
  "**": ({ values: v, grads: d, needsGrad, node, left, right }, from, to) => {
    for (let k = to - 1; k >= from; k--) {
      const g = d[node[k]!]!;
      const a = left[k]!;
      const b = right[k]!;
      // Powers and logarithms are expensive, and most exponents are constants: skip those without a gradient.
      if (needsGrad[a]) d[a]! += powToBase(g, v[a]!, v[b]!);
      if (needsGrad[b]) d[b]! += powToExponent(g, v[node[k]!]!, v[a]!, v[b]!);
    }
  },
  tanh: ({ values: v, grads: d, node, left }, from, to) => {
    for (let k = to - 1; k >= from; k--) {
      const y = v[node[k]!]!;
      d[left[k]!]! += d[node[k]!]! * (1 - y * y);
    }
  },
};

/** Make the forward loop of any op of the table. */
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
  return ({ values, grads, node, offsets, operands }, from, to) => {
    for (let k = to - 1; k >= from; k--) {
      const id = node[k]!;
      const sent = sentBy(op, grads[id]!, values[id]!, operandValues(values, offsets, operands, id));
      for (let p = 0; p < sent.length; p++) grads[operands[offsets[id]! + p]!]! += sent[p]!;
    }
  };
}

function operandValues(values: Reals, offsets: Ids, operands: Ids, id: number): number[] {
  const x: number[] = [];
  for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) x.push(values[operands[slot]!]!);
  return x;
}

/** Do nothing: the value of a custom node is given. */
function forwardCustom(): void {}

function backwardCustom({ grads, node, offsets, operands, partials }: Tape, from: number, to: number): void {
  for (let k = to - 1; k >= from; k--) {
    const id = node[k]!;
    const g = grads[id]!;
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++)
      grads[operands[slot]!]! += g * partials[slot]!;
  }
}

function sentBy({ ofList, backward }: Op, g: number, y: number, x: number[]): number[] {
  return ofList ? ofList.backward(g, y, x) : backward(g, y, ...x);
}

/** Contributions of a node to its operands for an upstream gradient `g`, by the op table. */
export function contributionsOf(graph: Computation, id: number, g: number, values = graph.values): number[] {
  const op = OPS.get(graph.ops[id]!);
  return op
    ? sentBy(op, g, values[id]!, operandValues(values, graph.offsets, graph.operands, id))
    : Array.from(graph.partialsOf(id), (partial) => g * partial);
}

const FORWARD: readonly Loop[] = [
  ...ROWS.map((op) => FORWARD_LOOPS[op.name] ?? forwardThroughTable(op)),
  forwardCustom,
];
const BACKWARD: readonly Loop[] = [
  ...ROWS.map((op) => BACKWARD_LOOPS[op.name] ?? backwardThroughTable(op)),
  backwardCustom,
];

/** Compute the values of a tape, in order. */
export function runForward(tape: Tape): void {
  const { code, start } = tape;
  for (let r = 0; r < code.length; r++) FORWARD[code[r]!]!(tape, start[r]!, start[r + 1]!);
}

/** Propagate the gradients of a tape, in reverse order. */
export function runBackward(tape: Tape): void {
  const { code, start } = tape;
  for (let r = code.length - 1; r >= 0; r--) BACKWARD[code[r]!]!(tape, start[r]!, start[r + 1]!);
}
