/** Documents for tests, from their nodes: a number is a leaf, `[number]` a constant, `["*", 0, 1]` an op. */

import { Graph, type GraphDocument } from "../src/engine/graph.ts";

export type Part = number | [number] | [string, ...number[]];

export function documentOf(parts: readonly Part[], keys: Partial<GraphDocument> = {}): GraphDocument {
  const document: GraphDocument = {
    version: 1,
    op: [],
    inputs: [],
    value: {},
    label: {},
    frozen: [],
    outputs: [parts.length - 1],
    ...keys,
  };
  parts.forEach((part, id) => {
    const [first, ...inputs] = typeof part === "number" ? ["leaf"] : part;
    document.op.push(typeof first === "number" ? "const" : first!);
    document.inputs.push(inputs as number[]);
    if (typeof part === "number") document.value[id] = part;
    else if (typeof first === "number") document.value[id] = first;
  });
  return document;
}

/** Back-propagation through time, of two steps: h1 = w·x1, h2 = w·x2 + wh·h1; both are results. */
export const twoSteps = (): GraphDocument =>
  documentOf([0.3, 1, ["*", 0, 1], 1, ["*", 0, 3], 0.5, ["*", 5, 2], ["+", 4, 6]], {
    label: { 0: "w", 1: "x1", 2: "h1", 3: "x2", 5: "wh", 7: "h2" },
    frozen: [1, 3],
    outputs: [2, 7],
  });

export const graphOf = (parts: readonly Part[], label: Record<string, string> = {}): Graph =>
  Graph.fromJSON(documentOf(parts, { label }));
