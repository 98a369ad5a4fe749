/** Explains the vectors of `tests/conformance` as Python does; `explain.py` there describes `explained.json`. */

import { expect, test } from "vitest";
import explained from "../../../tests/conformance/explained.json";
import graphs from "../../../tests/conformance/graphs.json";
import { type Diagnosis, Reasons } from "../../src/analysis/diagnose.ts";
import { Names } from "../../src/analysis/names.ts";
import { pathsTo } from "../../src/analysis/paths.ts";
import { Graph } from "../../src/engine/graph.ts";
import { decodeNumber, type WireNumber } from "../../src/engine/number.ts";
import { messagesFor } from "../../src/i18n/index.ts";
import { passOf } from "./seen.ts";

interface Explained {
  name: string;
  names: string[];
  gradients: (unknown[] | null)[];
  values: (unknown[] | null)[];
  paths: Record<string, unknown[]>;
}

const VECTORS = new Map(graphs.map((vector) => [vector.name, vector]));

function written(diagnosis: Diagnosis | undefined): unknown[] | null {
  if (!diagnosis) return null;
  const at = "root" in diagnosis ? diagnosis.root : "at" in diagnosis ? diagnosis.at : null;
  return [diagnosis.kind, at, "factor" in diagnosis ? diagnosis.factor : null];
}

test.each(explained as unknown as Explained[])("$name", ({ name, names, gradients, values, paths }) => {
  const { graph: document, passes } = VECTORS.get(name)!;
  const graph = Graph.fromJSON(document);
  const [root, gradient] = passes.at(-1) as [number, WireNumber];
  graph.backward(root, decodeNumber(gradient)!);
  const reasons = new Reasons(graph, passOf(graph, root));
  const nodes = graph.ops.map((_, id) => id);
  const named = new Names(graph, messagesFor("en", []));
  expect(nodes.map((id) => named.of(id))).toEqual(names);
  expect(nodes.map((id) => written(reasons.ofGradient(id)))).toEqual(gradients);
  expect(nodes.map((id) => written(reasons.ofValue(id)))).toEqual(values);
  for (const [target, listed] of Object.entries(paths)) {
    const found = pathsTo(graph, root, Number(target), 3);
    const told = found.paths.map((path) => [path.nodes, path.slots]);
    expect([...told, Number(found.count)]).toEqual(listed);
  }
});
