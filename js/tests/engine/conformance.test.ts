/** Runs the vectors of `tests/conformance`, which `generate.py` there describes. */

import { expect, test } from "vitest";
import graphs from "../../../tests/conformance/graphs.json";
import ops from "../../../tests/conformance/ops.json";
import table from "../../../tests/conformance/ops_table.json";
import refused from "../../../tests/conformance/refused.json";
import optional from "../../../tests/conformance/refused_optional.json";
import { Graph } from "../../src/engine/graph.ts";
import { decodeNumber, type WireNumber } from "../../src/engine/number.ts";
import { OPS } from "../../src/engine/ops.ts";

interface Vector {
  name: string;
  graph: { op: string[] };
  exact: boolean;
  passes: [number, WireNumber][];
  values: WireNumber[];
  grads: WireNumber[];
  reached: number[];
  edge_grads: WireNumber[];
  grad_scale: WireNumber[];
}

const VECTORS: Vector[] = [...(ops as unknown as Vector[]), ...(graphs as unknown as Vector[])];

const decode = (x: WireNumber) => decodeNumber(x)!;

/** Expects numbers to agree, each within its tolerance; infinities and nan within any. */
function expectClose(
  what: string,
  found: Float64Array,
  wanted: WireNumber[],
  tolerance: (i: number) => number,
) {
  expect(found.length, what).toBe(wanted.length);
  found.forEach((x, i) => {
    const y = decode(wanted[i]!);
    const agree = x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= tolerance(i);
    expect(agree, `${what}[${i}] is ${x}, not ${y}`).toBe(true);
  });
}

test.each(VECTORS)("$name", (vector) => {
  const graph = Graph.fromJSON(vector.graph);
  for (const [root, gradient] of vector.passes) graph.backward(root, decode(gradient));
  const ofScale = (id: number) => 1e-9 * decode(vector.grad_scale[id]!);
  if (vector.exact) expect([...graph.values]).toEqual(vector.values.map(decode));
  expectClose("value", graph.values, vector.values, (i) => 1e-12 * Math.abs(decode(vector.values[i]!)));
  expectClose("grad", graph.grads, vector.grads, ofScale);
  expect([...graph.reached]).toEqual(vector.reached);
  expectClose("edge", graph.edgeGrads, vector.edge_grads, (slot) => ofScale(graph.operands[slot]!));
});

test("the table and the vectors name the same ops", () => {
  const named = new Set(VECTORS.flatMap((vector) => vector.graph.op));
  expect([...named].sort()).toEqual(["const", "leaf", ...OPS.keys()].sort());
});

test("the table is the one that both languages have", () => {
  const ours = [...OPS.values()].map(({ name, arity, formula, partials }) => ({
    name,
    arity,
    formula,
    partials: [...partials],
  }));
  expect(ours).toEqual(table);
});

test.each([...refused.refused, ...optional.refused])("is refused: $name", ({ change, sentence }) => {
  const changed = Object.entries<unknown>({ ...refused.sound, ...change });
  const doc = Object.fromEntries(changed.filter(([, value]) => value !== null));
  expect(() => Graph.fromJSON(doc)).toThrow(new Error(`graph document: ${sentence}`));
});

test("what is refused is sound but for one thing", () => {
  expect(Graph.fromJSON(refused.sound).toJSON()).toEqual(refused.sound);
});
