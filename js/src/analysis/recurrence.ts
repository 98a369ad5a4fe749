/**
 * The steps of a recurrence in any graph: cells of one shape in a chain, each of which takes the state that the one before
 * has made. Pure; for graphs that are drawn without automatic groups.
 */

import { isSource } from "../engine/document.ts";
import type { Graph } from "../engine/graph.ts";

export interface Recurrence {
  /** By step the node that the next one takes. */
  readonly states: readonly number[];
  /** By step what is computed between the state before and its own, with leaves and constants of its own, ascending. */
  readonly cells: readonly (readonly number[])[];
}

/** With fewer steps nothing is worth folding. */
const LEAST_STEPS = 4;
/** Depth to which two states have to be computed alike. */
const DEPTH = 4;
/** The ancestors of each node are kept. */
const LARGEST = 1000;

export function recurrenceOf(graph: Graph): Recurrence | undefined {
  if (graph.size > LARGEST) return undefined;
  const above = ancestorsOf(graph);
  let best: Recurrence | undefined;
  let most = 0;
  for (const states of statesAlike(graph)) {
    if (states.length < LEAST_STEPS - 1) continue;
    const found = chainOf(graph, above, states);
    const size = found?.cells.reduce((sum, cell) => sum + cell.length, 0) ?? 0;
    if (!found || size < most) continue;
    most = size;
    best = found;
  }
  return best;
}

/** By node 1 for each that it is computed from, itself included. */
function ancestorsOf({ size, offsets, operands }: Graph): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let id = 0; id < size; id++) {
    const own = new Uint8Array(size);
    own[id] = 1;
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) {
      const theirs = above[operands[slot]!]!;
      for (let i = 0; i < id; i++) own[i]! |= theirs[i]!;
    }
    above.push(own);
  }
  return above;
}

/** Operations that are computed alike, from the same leaves where these have several uses. */
function statesAlike({ size, ops, offsets, operands }: Graph): number[][] {
  const uses = new Int32Array(size);
  for (const operand of operands) uses[operand]! += 1;
  let keys = ops.map((op, id) => (op === "leaf" && uses[id]! > 1 ? `#${id}` : op));
  for (let depth = 0; depth < DEPTH; depth++) {
    const numbers = new Map<string, string>();
    const before = keys;
    keys = before.map((key, id) => {
      if (offsets[id] === offsets[id + 1]) return key;
      const long = `${ops[id]}(${Array.from(operands.subarray(offsets[id]!, offsets[id + 1]!), (one) => before[one])})`;
      if (!numbers.has(long)) numbers.set(long, `${depth}.${numbers.size}`);
      return numbers.get(long)!;
    });
  }
  const classes = new Map<string, number[]>();
  keys.forEach((key, id) => {
    if (isSource(ops[id]!)) return;
    const those = classes.get(key) ?? [];
    those.push(id);
    classes.set(key, those);
  });
  return [...classes.values()];
}

function chainOf(
  graph: Graph,
  above: readonly Uint8Array[],
  alike: readonly number[],
): Recurrence | undefined {
  const states = [...alike];
  if (states.some((state, i) => i > 0 && !above[state]![states[i - 1]!])) return undefined;
  const shape = (cell: readonly number[]) =>
    cell
      .map((id) => graph.ops[id])
      .sort()
      .join();
  const between = (from: number, to: number) => cellOf(graph, above, from, to);
  const cells = states.slice(1).map((state, i) => between(states[i]!, state));
  const own = shape(cells[0]!);
  if (cells.some((cell) => shape(cell) !== own || !isStep(graph, above, cell, states, cells)))
    return undefined;
  // The first ones start from another state, a constant maybe: they are computed alike, but not as deep.
  for (let id = states[0]! - 1; id >= 0; id--) {
    if (graph.ops[id] !== graph.ops[states[0]!] || !above[states[0]!]![id]) continue;
    const cell = between(id, states[0]!);
    if (shape(cell) !== own) continue;
    states.unshift(id);
    cells.unshift(cell);
  }
  if (states.length < LEAST_STEPS) return undefined;
  const all = [cellOf(graph, above, -1, states[0]!), ...cells];
  return { states, cells: withOutputs(graph, above, states, all) };
}

/** With what is made of each state but the last besides the next one, if that is alike too: the loss of each step. */
function withOutputs(
  { ops, offsets, operands }: Graph,
  above: readonly Uint8Array[],
  states: readonly number[],
  cells: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const taken = new Set(cells.flat());
  const outputs: number[][] = states.map(() => []);
  for (const [id, op] of ops.entries()) {
    if (taken.has(id) || isSource(op)) continue;
    const last = states.filter((state) => above[id]![state]).length - 1;
    outputs[last]?.push(id);
  }
  const kinds = outputs.slice(1, -1).map((ids) => ids.map((id) => ops[id]).join());
  if (kinds.some((kind) => kind !== kinds[0])) return cells;
  outputs[states.length - 1] = [];
  return cells.map((cell, step) => {
    const inside = new Set([...cell, ...outputs[step]!]);
    const own = new Set<number>();
    for (const id of inside)
      for (const operand of operands.subarray(offsets[id]!, offsets[id + 1]!))
        if (isSource(ops[operand]!)) own.add(operand);
    for (let id = 0; id < ops.length; id++)
      if (!inside.has(id))
        for (const operand of operands.subarray(offsets[id]!, offsets[id + 1]!)) own.delete(operand);
    return [...new Set([...inside, ...own])].sort((a, b) => a - b);
  });
}

/** All that a state is computed from and the one before is not; leaves only if nothing else uses them. */
function cellOf(graph: Graph, above: readonly Uint8Array[], from: number, to: number): number[] {
  const { size, ops, offsets, operands } = graph;
  const inside = new Uint8Array(size);
  for (let id = 0; id <= to; id++) inside[id] = above[to]![id]! && !above[from]?.[id] ? 1 : 0;
  for (let id = 0; id < size; id++) {
    if (inside[id] && !isSource(ops[id]!)) continue;
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++)
      if (isSource(ops[operands[slot]!]!)) inside[operands[slot]!] = 0;
  }
  return [...inside.keys()].filter((id) => inside[id]);
}

/** Whether a cell does more to the state before than to add to it: a sum of many terms is no recurrence. */
function isStep(
  graph: Graph,
  above: readonly Uint8Array[],
  cell: readonly number[],
  states: readonly number[],
  cells: readonly (readonly number[])[],
): boolean {
  const before = states[cells.indexOf(cell)]!;
  const changed = cell.filter((id) => above[id]![before] && !isSource(graph.ops[id]!));
  return changed.length > 1;
}
