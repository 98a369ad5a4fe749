import { describe, expect, test } from "vitest";
import { messagesFor } from "../../src/i18n/index.ts";
import { State } from "../../src/session/state.ts";
import type { Traits } from "../../src/session/traits.ts";
import { documentOf, twoSteps } from "../documents.ts";

const en = messagesFor("en", []);

const [W, X1, H1, , , WH, WHH1, H2] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const TRAITS: Traits = {
  graph: twoSteps(),
  values: {},
  passes: [H1, H2],
  frozen: undefined,
  selected: null,
  read_only: false,
  language: "",
  notice: "",
  rankdir: "LR",
};

const stateOf = (traits: Partial<Traits> = {}) => new State({ ...TRAITS, ...traits }, en);

describe("passes", () => {
  test("are replayed in order, and what each added is kept", () => {
    const state = stateOf();
    expect(state.ledger(W).map(({ root, added }) => [root, added])).toEqual([
      [H1, 1],
      [H2, 1.5],
    ]);
    expect([state.total(W), state.gradient(W)]).toEqual([2.5, 1.5]);
  });

  test("start anew with each change", () => {
    const state = stateOf();
    for (const wh of [1, 2]) {
      state.update({ ...TRAITS, values: { [WH]: wh } });
      expect(state.total(W)).toBe(2 + wh);
    }
    state.update({ ...TRAITS, passes: [] });
    expect([state.total(W), state.gradient(W), state.isPreview]).toEqual([undefined, 3, true]);
  });

  test("from nodes that are not there do not count", () => {
    expect(stateOf({ passes: [99, -1, H1] }).passes.roots).toEqual([H1]);
  });

  test("that were not run are a preview of one from each root, and fill no .grad", () => {
    const state = stateOf({ passes: [] });
    expect([state.isPreview, state.passes.haveRun, state.passes.roots]).toEqual([true, false, [H1, H2]]);
    expect(state.ledger(W)).toEqual([
      { record: undefined, root: H1, added: 1 },
      { record: undefined, root: H2, added: 1.5 },
    ]);
    expect([state.gradient(W), state.total(W)]).toEqual([1.5, undefined]);
  });

  test("at other values, from elsewhere and what was set by hand stay when something moves", () => {
    const passes = [
      { hand: true, added: { [W]: 2 } },
      { root: H2, added: { [W]: 0.25 }, at: { [W]: 0.1 } },
      { name: "L", added: { [W]: "nan" as const, [WH]: 3 } },
      { root: null, count: 7, added: { [W]: -1 } },
      { root: H2, gradient: 2, cleared: [WH] },
    ];
    const state = stateOf({ passes });
    for (const wh of [0.5, 2]) {
      state.update({ ...TRAITS, passes, values: { [WH]: wh } });
      expect(state.ledger(W).map(({ added }) => added)).toEqual([2, 0.25, Number.NaN, -1, 2 * (1 + wh)]);
      expect(
        state.ledger(WH).map(({ added }) => added),
        "cleared by hand since",
      ).toEqual([3]);
    }
    expect([state.isPreview, state.root]).toEqual([false, H2]);
  });

  test("are a preview still where all that ran was at other values", () => {
    const state = stateOf({ passes: [{ root: H2, added: { [W]: 0.25 } }] });
    expect([state.isPreview, state.passes.haveRun, state.total(W)]).toEqual([true, true, 0.25]);
  });

  test("that say nothing of the graph are left out", () => {
    const passes = [null, "h1", {}, { root: 99 }, { root: H1 }, { added: { 99: 1, [W]: "much" } }];
    const state = stateOf({ passes: passes as unknown as Traits["passes"] });
    expect(state.passes.records.map(({ root, added }) => [root, added.size])).toEqual([
      [H1, 0],
      [undefined, 0],
    ]);
  });
});

describe("the status of a gradient", () => {
  test("tells 'not in this pass' from 0", () => {
    expect(stateOf({ passes: [H2, H1] }).status(WH)).toBe("not reached");
    expect(stateOf({ values: { [WH]: 0 } }).status(H1)).toBe("reached");
    expect(stateOf({ values: { [WH]: 0 } }).gradient(H1)).toBe(0);
    expect(stateOf().status(H2)).toBe("seed");
  });

  test("is 'not tracked' whatever ran", () => {
    for (const passes of [[], [H1], [X1]]) expect(stateOf({ passes }).status(X1)).toBe("not tracked");
  });
});

describe("edges", () => {
  test("are one per operand slot, and carry what this pass sent", () => {
    const state = new State({ ...TRAITS, graph: documentOf([3, ["-", 0, 0]]), passes: [1] }, en);
    const edges = [
      [1, 0, 1],
      [1, 1, -1],
    ];
    for (const found of [state.adjacency.operandsOf(1), state.adjacency.consumersOf(0)])
      expect(found.map((edge) => [edge.consumer, edge.slot, state.contribution(edge)])).toEqual(edges);
    expect(state.picture.links.map((link) => state.sentAlong(link))).toEqual([1, -1]);
    expect(state.sentAlong({ from: 0, to: 1, slots: [0, 1] })).toBe(0);
  });

  test("flow only where the pass comes by and gradients are tracked", () => {
    const state = stateOf({ passes: [H1] });
    const flowing = state.picture.links.filter((link) => state.sentAlong(link) !== undefined);
    expect(flowing.map(({ from, to }) => [from, to])).toEqual([[W, H1]]);
    expect(state.picture.links.filter((link) => !state.tracks(link)).map(({ to }) => to)).toEqual([H1, 4]);
  });

  test("on the paths through a node lead from the root to it, and on to its operands", () => {
    const state = stateOf();
    const on = state.pathsThrough(H1);
    const paths = state.picture.links.filter((_, slot) => on[slot]).map(({ from, to }) => `${to}>${from}`);
    expect(paths.sort()).toEqual([`${H2}>${WHH1}`, `${WHH1}>${H1}`, `${H1}>${W}`, `${H1}>${X1}`].sort());
  });
});

describe("values", () => {
  test("that are no numbers are left alone", () => {
    const values = { [W]: "0.5", [WH]: null, 99: 1 } as unknown as Traits["values"];
    expect(stateOf({ values }).graph.values[W]).toBe(0.3);
  });

  test("of the document are known after others came", () => {
    const state = stateOf();
    expect(state.hasFirstValues()).toBe(true);
    state.update({ ...TRAITS, values: { [W]: "nan" } });
    expect(state.hasFirstValues()).toBe(false);
    state.update({ ...TRAITS, values: state.firstValues });
    expect(state.hasFirstValues()).toBe(true);
  });
});

describe("ranges", () => {
  test("are chosen once, and widen for what comes", () => {
    const state = stateOf();
    expect(state.range(W)).toEqual({ low: -2, high: 2, step: 0.01 });
    state.update({ ...TRAITS, values: { [W]: 7 } });
    expect(state.range(W)).toEqual({ low: -20, high: 20, step: 0.01 });
    state.update({ ...TRAITS, values: { [W]: 0 } });
    expect(state.range(W)).toEqual({ low: -20, high: 20, step: 0.01 });
  });

  test("are the document's, which chooses a step where it gives none", () => {
    const sliders = { [W]: [0, 4, 0.5], [WH]: [-1, 1] };
    const state = stateOf({ graph: { ...twoSteps(), sliders } });
    expect(state.range(W)).toEqual({ low: 0, high: 4, step: 0.5 });
    expect(state.range(WH)).toEqual({ low: -1, high: 1, step: 0.005 });
    expect(state.range(X1)).toEqual({ low: -2, high: 2, step: 0.01 });
  });
});

test("a document that is off is one sentence", () => {
  expect(() => stateOf({ graph: { version: 2 } })).toThrow(/^graph document: [^\n]+$/);
});
