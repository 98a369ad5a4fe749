import { describe, expect, test } from "vitest";
import { en } from "../../src/i18n/en.ts";
import { State } from "../../src/session/state.ts";
import type { Traits } from "../../src/session/traits.ts";
import { documentOf, twoSteps } from "../documents.ts";

const [W, X1, H1, , , WH, WHH1, H2] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const TRAITS: Traits = {
  graph: twoSteps(),
  values: {},
  passes: [H1, H2],
  carried: {},
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
    expect([state.total(W), state.gradient(W)]).toEqual([undefined, undefined]);
  });

  test("from nodes that are not there do not count", () => {
    expect(stateOf({ passes: [99, -1, H1] }).passes).toEqual([H1]);
  });
});

describe("the status of a gradient", () => {
  test("tells 'not yet run' from 'not in this pass' and from 0", () => {
    expect(stateOf({ passes: [] }).status(W)).toBe("not run yet");
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
    for (const found of [state.operandsOf(1), state.consumersOf(0)])
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

  test("on the roads through a node lead from the root to it, and on to its operands", () => {
    const state = stateOf();
    const on = state.roadsThrough(H1);
    const roads = state.picture.links.filter((_, slot) => on[slot]).map(({ from, to }) => `${to}>${from}`);
    expect(roads.sort()).toEqual([`${H2}>${WHH1}`, `${WHH1}>${H1}`, `${H1}>${W}`, `${H1}>${X1}`].sort());
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

  test("are the document's where those make sense", () => {
    const sliders = { [W]: [0, 4, 0.5], [WH]: [2, -2, 0.1], [X1]: "wide", 7: [0, 1, 0.1], 99: [0, 1, 0.1] };
    const state = stateOf({ graph: { ...twoSteps(), sliders } });
    expect(state.range(W)).toEqual({ low: 0, high: 4, step: 0.5 });
    for (const leaf of [WH, X1]) expect(state.range(leaf)).toEqual({ low: -2, high: 2, step: 0.01 });
  });
});

test("a document that is off is one sentence", () => {
  expect(() => stateOf({ graph: { version: 2 } })).toThrow(/^graph document: [^\n]+$/);
});
