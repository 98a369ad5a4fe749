import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Graph, type GraphDocument } from "../../src/engine/graph.ts";
import { decodeNumber, encodeNumber } from "../../src/engine/number.ts";

/** A document from its nodes: a number is a leaf, `[number]` a const, `["*", 0, 1]` an op. */
type Part = number | [number] | [string, ...number[]];

function documentOf(parts: Part[]): GraphDocument {
  const doc: GraphDocument = {
    version: 1,
    op: [],
    inputs: [],
    value: {},
    label: {},
    frozen: [],
    outputs: [parts.length - 1],
  };
  parts.forEach((part, id) => {
    const [op, ...inputs] =
      typeof part === "number" ? ["leaf"] : typeof part[0] === "number" ? ["const"] : part;
    doc.op.push(op as string);
    doc.inputs.push(inputs as number[]);
    if (typeof part === "number") doc.value[id] = encodeNumber(part);
    else if (typeof part[0] === "number") doc.value[id] = encodeNumber(part[0]);
  });
  return doc;
}

const graphOf = (...parts: Part[]) => Graph.fromJSON(documentOf(parts));

describe("a pass", () => {
  test("counts both operands of x*x, and x-x sends 1 and -1", () => {
    const square = graphOf(3, ["*", 0, 0]);
    square.backward(1);
    expect(square.grads[0]).toBe(6);
    expect([...square.edgeGrads]).toEqual([3, 3]);

    const nothing = graphOf(3, ["-", 0, 0]);
    nothing.backward(1);
    expect(nothing.grads[0]).toBe(0);
    expect(nothing.reached[0]).toBe(1);
    expect([...nothing.edgeGrads]).toEqual([1, -1]);
  });

  test("accumulates: y = 3a² at a = 2 has a gradient of 12, 24, 36", () => {
    const graph = graphOf(2, [3], ["*", 0, 0], ["*", 1, 2]);
    for (const wanted of [12, 24, 36]) {
      graph.backward(3);
      expect(graph.grads[0]).toBe(wanted);
      expect(graph.passGrads[0]).toBe(12);
    }
    graph.zeroGrad();
    expect([...graph.grads, ...graph.passGrads, ...graph.reached, ...graph.edgeGrads].some(Boolean)).toBe(
      false,
    );
  });

  test("from two roots gives the sum, and keeps the edges of the second", () => {
    const graph = graphOf(2, ["*", 0, 0], ["neg", 1], ["exp", 1]);
    graph.backward(2);
    graph.backward(1, 10);
    expect(graph.grads[0]).toBe(-4 + 40);
    expect([...graph.grads]).toEqual([36, 9, 1, 0]);
    expect([...graph.reached]).toEqual([1, 1, 1, 0]);
    expect([...graph.edgeGrads]).toEqual([20, 20, 0, 0]);
  });

  test("does not go where no gradient is needed", () => {
    const graph = graphOf(2, 5, [4], ["*", 0, 2], ["*", 1, 2], ["+", 3, 4]);
    graph.setFrozen(1, true);
    graph.backward(5);
    expect([...graph.needsGrad]).toEqual([1, 0, 0, 1, 0, 1]);
    expect([...graph.grads]).toEqual([4, 0, 0, 1, 0, 1]);
    expect([...graph.passGrads]).toEqual([4, 0, 0, 1, 0, 1]);
    expect([...graph.reached]).toEqual([1, 0, 0, 1, 0, 1]);
    expect([...graph.edgeGrads]).toEqual([4, 0, 0, 0, 1, 0]);
  });

  test("from a root that needs no gradient reaches nothing", () => {
    const graph = graphOf(1, [2], ["neg", 1]);
    graph.backward(2);
    expect([...graph.reached, ...graph.grads, ...graph.passGrads]).toEqual(new Array(9).fill(0));
  });

  test("from a leaf reaches the leaf", () => {
    const graph = graphOf(1, ["neg", 0]);
    graph.backward(0, 7);
    expect([...graph.grads]).toEqual([7, 0]);
  });

  test("reaches a node even if the number 0 arrives, and does not let others spoil it", () => {
    // relu sends 0; the infinite branch that the pass does not visit must not turn anything into nan.
    const graph = graphOf(-1, ["relu", 0], ["log", 1], ["neg", 1]);
    graph.backward(3);
    expect([...graph.reached]).toEqual([1, 1, 0, 1]);
    expect([...graph.grads]).toEqual([0, -1, 0, 1]);
  });

  test("keeps what it sent when leaves move before anybody looks", () => {
    const graph = graphOf(2, 3, ["*", 0, 1]);
    graph.backward(2);
    graph.setLeaf(0, 100);
    graph.forward();
    graph.setLeaf(1, 50);
    expect([...graph.edgeGrads]).toEqual([3, 2]);
    expect(graph.values[2]).toBe(300);
  });

  test("keeps what it sent when a leaf is frozen before anybody looks", () => {
    const graph = graphOf(2, 3, ["*", 0, 1]);
    graph.backward(2);
    graph.setFrozen(0, true);
    expect([...graph.edgeGrads]).toEqual([3, 2]);
    graph.backward(2);
    expect([...graph.edgeGrads]).toEqual([0, 2]);
    graph.setFrozen(0, false);
    graph.backward(2);
    expect([...graph.grads]).toEqual([6, 6, 3]);
  });

  test("sees the values as they are, between setLeaf and forward too", () => {
    const graph = graphOf(2, ["exp", 0], ["*", 1, 0]);
    graph.setLeaf(0, 5);
    graph.backward(2);
    const sent = [Math.exp(2) * 5, 5, Math.exp(2)];
    graph.forward();
    expect([...graph.edgeGrads]).toEqual(sent);
  });
});

describe("a leaf", () => {
  test("is moved, and forward recomputes", () => {
    const graph = graphOf(2, ["*", 0, 0]);
    graph.setLeaf(0, 5);
    expect(graph.values[1]).toBe(4);
    graph.forward();
    expect(graph.values[1]).toBe(25);
  });

  test("is all that can be moved or frozen", () => {
    const graph = graphOf(2, [1], ["*", 0, 1]);
    expect(() => graph.setLeaf(2, 1)).toThrow('graph: node 2 is not a leaf, its op is "*"');
    expect(() => graph.setFrozen(1, true)).toThrow('graph: node 1 is not a leaf, its op is "const"');
    expect(() => graph.setLeaf(3, 1)).toThrow("graph: there is no node 3");
    expect(() => graph.setLeaf(0.5, 1)).toThrow("graph: there is no node 0.5");
    expect(() => graph.backward(-1)).toThrow("graph: there is no node -1");
    expect(() => graph.setLeaf(0, "0.5" as unknown as number)).toThrow(
      'the value of node 0 is "0.5", which is not a number',
    );
  });
});

/** Random graphs: each op takes earlier nodes, by a fraction of the way back. */
const OPS_OF_TWO = ["+", "-", "*", "/", "**"];
const OPS_OF_ONE = ["neg", "relu", "tanh", "exp", "sin"];
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyGraph = fc
  .tuple(
    fc.array(fc.double({ min: -3, max: 3 }), { minLength: 1, maxLength: 5 }),
    fc.array(fc.tuple(fc.constantFrom(...OPS_OF_ONE, ...OPS_OF_TWO, "max", "sum"), fraction, fraction), {
      maxLength: 25,
    }),
    fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  )
  .map(([leaves, nodes, frozen]) => {
    const parts: Part[] = [...leaves];
    for (const [op, a, b] of nodes) {
      const inputs = [Math.floor(a * parts.length), Math.floor(b * parts.length)];
      parts.push([op, ...(OPS_OF_ONE.includes(op) ? inputs.slice(1) : inputs)]);
    }
    const doc = documentOf(parts);
    doc.frozen = leaves.map((_, id) => id).filter((id) => frozen[id]);
    doc.label = { 0: 'x₀ "quoted"' };
    return doc;
  });

/** Graphs without kinks or poles, small enough for differences to be exact. */
const smoothGraph = fc
  .tuple(
    fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.constantFrom("+", "-", "*", "tanh", "sin", "sigmoid"), fraction, fraction), {
      maxLength: 12,
    }),
  )
  .map(([leaves, nodes]) => {
    const parts: Part[] = [...leaves];
    for (const [op, a, b] of nodes) {
      const inputs = [Math.floor(a * parts.length), Math.floor(b * parts.length)];
      parts.push(["+", "-", "*"].includes(op) ? [op, ...inputs] : [op, inputs[0]!]);
      // Squashed, so that products of products stay small.
      if (op === "*") parts.push(["tanh", parts.length - 1]);
    }
    return documentOf(parts);
  });

test("gradients are what central differences show", () => {
  const H = 1e-5;
  fc.assert(
    fc.property(smoothGraph, (doc) => {
      const graph = Graph.fromJSON(doc);
      const root = graph.size - 1;
      const at = (leaf: number, x: number) => {
        graph.setLeaf(leaf, x);
        graph.forward();
        return graph.values[root]!;
      };
      graph.backward(root);
      for (let leaf = 0; graph.ops[leaf] === "leaf"; leaf++) {
        const x = graph.values[leaf]!;
        const difference = (at(leaf, x + H) - at(leaf, x - H)) / (2 * H);
        at(leaf, x);
        expect(Math.abs(graph.grads[leaf]! - difference)).toBeLessThan(1e-5 * (1 + Math.abs(difference)));
      }
    }),
  );
});

describe("a document", () => {
  test("comes back as it went in", () => {
    fc.assert(
      fc.property(anyGraph, (doc) => {
        expect(Graph.fromJSON(doc).toJSON()).toEqual(doc);
      }),
    );
  });

  test("with moved leaves is the same as one built with them", () => {
    fc.assert(
      fc.property(anyGraph, fc.double(), (doc, x) => {
        const moved = Graph.fromJSON(doc);
        moved.setLeaf(0, x);
        moved.forward();
        const built = Graph.fromJSON({ ...doc, value: { ...doc.value, 0: encodeNumber(x) } });
        for (const graph of [moved, built]) graph.backward(graph.size - 1);
        expect(moved.toJSON()).toEqual(built.toJSON());
        expect(moved.values).toEqual(built.values);
        expect(moved.grads).toEqual(built.grads);
        expect(moved.edgeGrads).toEqual(built.edgeGrads);
      }),
    );
  });

  test("may leave out labels and frozen leaves, and carry what engines ignore", () => {
    const graph = Graph.fromJSON({
      version: 1,
      op: ["leaf"],
      inputs: [[]],
      value: { 0: "inf" },
      outputs: [0],
      slider: { 0: [0, 1] },
    });
    expect(graph.values[0]).toBe(Infinity);
    expect(graph.toJSON()).toEqual(documentOf([Infinity]));
  });

  test("is not harmed by __proto__", () => {
    const text = JSON.stringify(documentOf([1])).replace("{", '{"__proto__":{"op":["neg"]},');
    expect(Graph.fromJSON(JSON.parse(text)).ops).toEqual(["leaf"]);
  });

  test("is an object", () => {
    for (const doc of [null, undefined, 3, "{}", []]) {
      expect(() => Graph.fromJSON(doc)).toThrow(/^graph document: .* is not an object$/);
    }
  });

  test("is told about long things briefly", () => {
    const doc = documentOf([1]);
    doc.op = ["x".repeat(1000)];
    expect(() => Graph.fromJSON(doc)).toThrow(/^.{20,110}$/);
  });
});

describe("a custom op", () => {
  const doc = (live: boolean): GraphDocument => ({
    ...documentOf([3, 1, ["custom", 0, 1], [2], ["*", 2, 3]]),
    custom: { 2: { name: "squared error", value: 4, partials: [4, -4], live } },
  });

  test("keeps its value and contributes by its partials", () => {
    const graph = Graph.fromJSON(doc(false));
    graph.setLeaf(0, 100);
    graph.forward();
    graph.backward(4);
    expect([...graph.values]).toEqual([100, 1, 4, 2, 8]);
    expect([...graph.grads]).toEqual([8, -8, 2, 0, 1]);
    expect([...graph.edgeGrads]).toEqual([8, -8, 2, 0]);
    expect([...graph.customs]).toEqual([[2, { name: "squared error", live: false }]]);
  });

  test("is given new numbers, and keeps what it sent before", () => {
    const graph = Graph.fromJSON(doc(true));
    graph.backward(4);
    graph.setCustom(2, 9, [6, -Infinity]);
    expect([...graph.edgeGrads]).toEqual([8, -8, 2, 0]);
    graph.forward();
    graph.zeroGrad();
    graph.backward(4);
    expect(graph.values[4]).toBe(18);
    expect([...graph.edgeGrads]).toEqual([12, -Infinity, 2, 0]);
    expect(graph.toJSON().custom).toEqual({
      2: { name: "squared error", value: 9, partials: [6, "-inf"], live: true },
    });
    expect(() => graph.setCustom(0, 1, [])).toThrow('node 0 has no custom op, its op is "leaf"');
    expect(() => graph.setCustom(2, 1, [1])).toThrow("node 2 needs 2 partials, and 1 were given");
  });

  test("comes back as it went in", () => {
    expect(Graph.fromJSON(doc(true)).toJSON()).toEqual(doc(true));
  });
});

test("the last pass is known apart from all of them", () => {
  const graph = graphOf(2, 3, ["neg", 0], ["neg", 1]);
  graph.backward(2);
  graph.backward(3);
  expect([...graph.passReached]).toEqual([0, 1, 0, 1]);
  expect([...graph.reached]).toEqual([1, 1, 1, 1]);
  graph.zeroGrad();
  expect([...graph.passReached]).toEqual([0, 0, 0, 0]);
});

test("the order of operands matters where it must, and nowhere else", () => {
  const commutative = ["+", "*", "max", "min"];
  const numbers = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(fc.constantFrom(...OPS_OF_TWO, "max", "min"), numbers, numbers, (op, a, b) => {
      const [one, other] = [graphOf(a, b, [op, 0, 1]), graphOf(a, b, [op, 1, 0])];
      for (const graph of [one, other]) graph.backward(2);
      const same = Object.is(one.values[2]! + 0, other.values[2]! + 0);
      if (commutative.includes(op)) {
        expect(same).toBe(true);
        expect([...one.grads]).toEqual([...other.grads]);
      } else if (op === "-" && a !== b) expect(same).toBe(false);
    }),
  );
});

describe("depth", () => {
  test("a chain of a million nodes", () => {
    const parts: Part[] = [1];
    for (let id = 1; id < 1_000_000; id++) parts.push([id % 2 ? "neg" : "sin", id - 1]);
    const graph = Graph.fromJSON(documentOf(parts));
    graph.backward(graph.size - 1);
    expect(graph.reached.every(Boolean)).toBe(true);
    expect(graph.edgeGrads.length).toBe(999_999);
    expect(graph.toJSON().op.length).toBe(1_000_000);
  }, 30_000);

  test("a diamond with 2^60 paths", () => {
    const parts: Part[] = [1];
    for (let id = 0; id < 60; id++) parts.push(["+", id, id]);
    const graph = graphOf(...parts);
    graph.backward(60);
    expect(graph.grads[0]).toBe(2 ** 60);
  });

  test("a balanced tree of 100,000 leaves", () => {
    const parts: Part[] = new Array(100_000).fill(1);
    let level = [...parts.keys()];
    while (level.length > 1) {
      const next = level.length % 2 ? [level.pop()!] : [];
      for (let i = 0; i < level.length; i += 2) next.push(parts.push(["+", level[i]!, level[i + 1]!]) - 1);
      level = next;
    }
    const graph = Graph.fromJSON(JSON.parse(JSON.stringify(Graph.fromJSON(documentOf(parts)).toJSON())));
    graph.backward(graph.size - 1);
    expect([graph.values[graph.size - 1], graph.grads[0], graph.grads[99_999]]).toEqual([100_000, 1, 1]);
    expect(graph.size).toBe(199_999);
  });

  test("a sum of a million operands", () => {
    const doc = documentOf([1, ["sum", 0]]);
    doc.inputs[1] = new Array(1_000_000).fill(0);
    const graph = Graph.fromJSON(doc);
    graph.backward(1);
    expect([graph.values[1], graph.grads[0], graph.edgeGrads[999_999]]).toEqual([1_000_000, 1_000_000, 1]);
  });
});

test("numbers travel as themselves, or by name", () => {
  fc.assert(fc.property(fc.double(), (x) => Object.is(decodeNumber(encodeNumber(x)), x)));
  for (const wire of [Infinity, NaN, "0.5", "Infinity", true, null, undefined, {}]) {
    expect(decodeNumber(wire)).toBeUndefined();
  }
});
