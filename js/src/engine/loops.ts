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
  /** Where a pass leaves what it sends. */
  grads: Float64Array;
  needsGrad: Uint8Array;
  offsets: Int32Array;
  operands: Int32Array;
  /** By operand slot, the local derivatives of custom nodes. */
  partials: Float64Array;
}

/** A graph, as far as it takes to know what one node sends. */
interface Computation {
  readonly ops: readonly string[];
  readonly offsets: Int32Array;
  readonly operands: Int32Array;
  readonly values: Float64Array;
  /** The local derivatives of a custom node. */
  partialsOf(id: number): Float64Array;
}

/** Computes one run, `from` and `to` being positions in the schedule. */
type Loop = (tape: Tape, from: number, to: number) => void;

const ROWS: readonly Op[] = [...OPS.values()];

/** Each op's place among the loops. */
export const CODES: ReadonlyMap<string, number> = new Map(
  [...OPS.keys(), CUSTOM].map((name, code) => [name, code]),
);

// Most nodes of a network are sums and products, and their loops take four nodes per turn: in V8 that makes a pass a
// third faster. A function here is one node, k being its position in the schedule; V8 inlines it.

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
      // Powers and logarithms are worth asking who wants them: most exponents are constants.
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

function sentBy({ ofList, backward }: Op, g: number, y: number, x: number[]): number[] {
  return ofList ? ofList.backward(g, y, x) : backward(g, y, ...x);
}

/** What a node sends to each of its operands when the upstream gradient `g` arrives, by the op table. */
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
