import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { progressAfter, stepsOf } from "../../src/analysis/steps.ts";
import { messagesFor } from "../../src/i18n/index.ts";
import type { WireRecord } from "../../src/session/records.ts";
import { State } from "../../src/session/state.ts";
import { documentOf, graphOf, type Part, twoSteps } from "../documents.ts";

const en = messagesFor("en", []);

/** Nodes that a pass from the last node visits, if it reaches all that needs gradients. */
const all = (size: number) => new Uint8Array(size).fill(1);

const written = (parts: readonly Part[], root: number | undefined, reached = all(parts.length)) =>
  stepsOf(graphOf(parts), root, reached).map(({ kind, node }) => `${kind} ${node}`);

describe("the steps", () => {
  test("go forward through what is computed, and back in the opposite order", () => {
    expect(written([2, 3, ["*", 0, 1], ["neg", 2]], 3)).toEqual([
      "forward 2",
      "forward 3",
      "seed 3",
      "backward 3",
      "backward 2",
    ]);
  });

  test("are only forward where there is no pass", () => {
    expect(written([2, ["neg", 0]], undefined)).toEqual(["forward 1"]);
    expect(written([2, ["neg", 0]], 1, new Uint8Array(2))).toEqual(["forward 1"]);
  });

  test("go back only where the pass comes by", () => {
    const reached = Uint8Array.of(1, 1, 1, 0);
    expect(written([2, ["neg", 0], ["exp", 1], ["neg", 1]], 2, reached)).toEqual([
      "forward 1",
      "forward 2",
      "forward 3",
      "seed 2",
      "backward 2",
      "backward 1",
    ]);
  });

  test("of a pass from a leaf are its own gradient only", () => {
    expect(written([2], 0)).toEqual(["seed 0"]);
  });
});

describe("progress", () => {
  test("knows leaves and constants from the beginning", () => {
    const graph = graphOf([2, [3], ["*", 0, 1]]);
    const { computed, arrived } = progressAfter(graph, stepsOf(graph, 2, all(3)), 0);
    expect([...computed]).toEqual([1, 1, 0]);
    expect([...arrived]).toEqual([0, 0, 0]);
  });

  test("adds up what arrives at an operand used twice", () => {
    const graph = graphOf([3, ["*", 0, 0], ["+", 1, 0]]);
    graph.backward(2);
    const steps = stepsOf(graph, 2, all(3));
    const seen = steps.map((_, i) => progressAfter(graph, steps, i + 1).passGrads[0]);
    expect(seen).toEqual([0, 0, 0, 1, 7]);
  });

  test("sends nothing to what asks for no gradient", () => {
    const graph = graphOf([3, [2], ["*", 0, 1]]);
    graph.backward(2);
    const { arrived, passGrads } = progressAfter(graph, stepsOf(graph, 2, Uint8Array.of(1, 0, 1)), 3);
    expect([[...arrived], passGrads[1]]).toEqual([[1, 0, 1], 0]);
  });

  test("at the end is the pass, whatever the graph", () => {
    const part = (id: number) =>
      id < 2
        ? fc.double({ min: -3, max: 3, noNaN: true })
        : fc.tuple(fc.constantFrom("+", "-", "*"), fc.nat(id - 1), fc.nat(id - 1));
    const graphs = fc
      .integer({ min: 3, max: 12 })
      .chain((size) => fc.tuple(...Array.from({ length: size }, (_, id) => part(id))));
    fc.assert(
      fc.property(graphs, (parts) => {
        const graph = graphOf(parts as Part[]);
        const root = graph.size - 1;
        graph.backward(root);
        const steps = stepsOf(graph, root, graph.passReached);
        const progress = progressAfter(graph, steps, steps.length);
        for (let id = 0; id < graph.size; id++) {
          expect(progress.passGrads[id]).toBeCloseTo(graph.passGrads[id]!, 9);
          expect(progress.arrived[id]).toBe(graph.passReached[id]);
        }
        expect([...progress.computed]).toEqual([...all(graph.size)]);
      }),
    );
  });

  test("never takes back what has arrived", () => {
    const graph = graphOf([0.3, 0.5, ["*", 0, 1], ["*", 1, 2], ["+", 2, 3]]);
    graph.backward(4);
    const steps = stepsOf(graph, 4, all(5));
    let known = 0;
    for (let count = 0; count <= steps.length; count++) {
      const { computed, arrived, sent } = progressAfter(graph, steps, count);
      const now = [...computed, ...arrived, ...sent].filter(Boolean).length;
      expect(now).toBeGreaterThanOrEqual(known);
      known = now;
    }
  });
});

describe("a state in a replay", () => {
  const [W, H1, WH, WHH1, H2] = [0, 2, 5, 6, 7] as const;
  const traits = {
    graph: twoSteps(),
    values: {},
    passes: [H1, H2],
    frozen: undefined,
    selected: null,
    read_only: false,
    language: "",
    notice: "",
    rankdir: "LR" as const,
  };
  const stateAt = (step: number, passes: readonly WireRecord[] = traits.passes) => {
    const state = new State({ ...traits, passes }, en);
    state.replayTo(step);
    return state;
  };

  test("has no value where nothing is computed yet", () => {
    expect([stateAt(0).value(W), stateAt(0).value(H1), stateAt(1).value(H1)]).toEqual([0.3, undefined, 0.3]);
  });

  test("has in .grad what was there before, and what has arrived", () => {
    expect([0, 4, 5, 6, 7].map((step) => stateAt(step).total(W))).toEqual([1, 1, 1, 1, 1]);
    const last = stateAt(0).replay.all.length;
    expect([last - 2, last - 1, last].map((step) => stateAt(step).total(W))).toEqual([1, 2, 2.5]);
  });

  test("has nothing in .grad before a first pass comes", () => {
    expect(stateAt(0, [H2]).total(W)).toBeUndefined();
    expect(stateAt(0, [{ hand: true, added: { [W]: 0.5 } }, H2]).total(W)).toBe(0.5);
    expect(stateAt(0, [H1, H2]).total(WH)).toBeUndefined();
  });

  test("has rows in the ledger that add up to .grad", () => {
    const { length } = stateAt(0).replay.all;
    for (let step = 0; step <= length; step++) {
      for (const node of [W, H1, WH, WHH1, H2]) {
        const state = stateAt(step);
        const sum = state.ledger(node).reduce((total, { added = 0 }) => total + added, 0);
        expect(sum).toBeCloseTo(state.total(node) ?? 0, 12);
      }
    }
  });

  test("keeps its place when something moves, and ends where there are fewer steps", () => {
    const state = stateAt(6);
    state.update({ ...traits, values: { [W]: 1 } });
    expect([state.replay.made, state.isReplaying]).toEqual([6, true]);
    const first = stateAt(6);
    first.update({ ...traits, passes: [H1] });
    expect([first.replay.made, first.isReplaying]).toEqual([first.replay.all.length, false]);
  });

  test("begins and ends within the steps there are", () => {
    expect(stateAt(-3).replay.made).toBe(0);
    expect(stateAt(99).isReplaying).toBe(false);
  });

  test("of a document without operations has one step: where the pass starts", () => {
    const state = new State({ ...traits, graph: documentOf([1]), passes: [] }, en);
    state.replayTo(0);
    expect([state.replay.all.length, state.isReplaying]).toEqual([1, true]);
  });
});
