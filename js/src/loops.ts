/**
 * The loops over typed arrays that compute a graph. Nodes of the same op are computed together: the schedule is cut
 * into runs of one op each, and a run is one tight loop. Ops that networks are made of have loops of their own; the
 * others go through the op table.
 */

import { CUSTOM } from "./document.ts";
import { OPS, type Op, pow, powToBase, powToExponent, relu } from "./ops.ts";

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

/** A schedule with all that its loops read and write. */
export interface Tape extends Schedule {
  values: Float64Array;
  /** Of this pass. */
  grads: Float64Array;
  needsGrad: Uint8Array;
  offsets: Int32Array;
  operands: Int32Array;
  /** By operand slot, the local derivatives of custom nodes. */
  partials: Float64Array;
}

/** Computes one run, `from` and `to` being positions in the schedule. */
type Loop = (tape: Tape, from: number, to: number) => void;

const ROWS: readonly Op[] = [...OPS.values()];

/** Each op's place among the loops. */
export const CODES: ReadonlyMap<string, number> = new Map(
  [...OPS.keys(), CUSTOM].map((name, code) => [name, code]),
);

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
    for (let k = from; k < to; k++) reluForward(v, node, left, k);
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
    for (let k = to - 1; k >= from; k--) reluBackward(v, d, node, left, k);
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
      const contributions = contributionsOf(op, grads[id]!, values, tape, id);
      for (let p = 0; p < contributions.length; p++) grads[operands[offsets[id]! + p]!]! += contributions[p]!;
    }
  };
}

function operandValues(values: Reals, offsets: Ids, operands: Ids, id: number): number[] {
  const x: number[] = [];
  for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) x.push(values[operands[slot]!]!);
  return x;
}

/** The value of a custom node is given. */
function forwardCustom(): void {}

function backwardCustom({ grads, node, offsets, operands, partials }: Tape, from: number, to: number): void {
  for (let k = to - 1; k >= from; k--) {
    const id = node[k]!;
    const g = grads[id]!;
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++)
      grads[operands[slot]!]! += g * partials[slot]!;
  }
}

function contributionsOf(
  op: Op,
  g: number,
  values: Reals,
  { offsets, operands }: Tape,
  id: number,
): number[] {
  const x = operandValues(values, offsets, operands, id);
  return op.ofList ? op.ofList.backward(g, values[id]!, x) : op.backward(g, values[id]!, ...x);
}

/** What a node sends to each of its operands when the upstream gradient `g` arrives, by the op table. */
export function contributions(
  tape: Tape,
  name: string,
  g: number,
  values: Float64Array,
  id: number,
): ArrayLike<number> {
  const op = OPS.get(name);
  if (op) return contributionsOf(op, g, values, tape, id);
  return tape.partials.subarray(tape.offsets[id], tape.offsets[id + 1]).map((partial) => g * partial);
}

const FORWARD: readonly Loop[] = [
  ...ROWS.map((op) => FORWARD_LOOPS[op.name] ?? forwardThroughTable(op)),
  forwardCustom,
];
const BACKWARD: readonly Loop[] = [
  ...ROWS.map((op) => BACKWARD_LOOPS[op.name] ?? backwardThroughTable(op)),
  backwardCustom,
];

/** Computes the values of a tape, in order. */
export function runForward(tape: Tape): void {
  const { code, start } = tape;
  for (let r = 0; r < code.length; r++) FORWARD[code[r]!]!(tape, start[r]!, start[r + 1]!);
}

/** Sends the gradients of a tape on, against the order. */
export function runBackward(tape: Tape): void {
  const { code, start } = tape;
  for (let r = code.length - 1; r >= 0; r--) BACKWARD[code[r]!]!(tape, start[r]!, start[r + 1]!);
}
