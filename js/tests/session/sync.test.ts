import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { decodeNumber, encodeMoved } from "../../src/engine/number.ts";
import { Sync } from "../../src/session/sync.ts";
import type { Model } from "../../src/session/traits.ts";

/** Keeps what is set, tells who listens, and remembers what was saved; or has no kernel to save to. */
class FakeModel implements Model {
  state: Record<string, unknown> = { values: { 0: 0.3, 1: 0.5 }, passes: [7], selected: null };
  saved: unknown[] = [];
  sent: unknown[] = [];
  dead = false;
  listeners = new Map<string, Set<() => void>>();

  get(name: string): unknown {
    return this.state[name];
  }

  set(name: string, value: unknown): void {
    this.state[name] = value;
    for (const callback of this.listeners.get(`change:${name}`) ?? []) callback();
  }

  on(event: string, callback: () => void): void {
    const callbacks = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, callbacks.add(callback));
  }

  off(event: string, callback: () => void): void {
    this.listeners.get(event)?.delete(callback);
  }

  save_changes(): void {
    if (this.dead) throw new Error("Kernel is dead");
    this.saved.push(structuredClone(this.state.values));
  }

  send(message: unknown): void {
    this.sent.push(message);
  }
}

let model: FakeModel;
let sync: Sync;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  sync = new Sync(model);
});
afterEach(() => {
  vi.useRealTimers();
});

test("moves are in the model at once and saved now and then, the last one always", () => {
  for (let i = 1; i <= 10; i++) {
    sync.moveLeaf(0, i);
    expect(model.state.values).toEqual({ 0: i, 1: 0.5 });
    vi.advanceTimersByTime(10);
  }
  expect(model.saved.length).toBeLessThanOrEqual(2);
  vi.runAllTimers();
  expect(model.saved.at(-1)).toEqual({ 0: 10, 1: 0.5 });
});

test("settling saves at once, and once", () => {
  sync.moveLeaf(0, 1);
  sync.settleLeaf(0, 2);
  expect(model.saved).toEqual([{ 0: 2, 1: 0.5 }]);
  vi.runAllTimers();
  expect(model.saved).toHaveLength(1);
});

test("each change is a new object", () => {
  const before = model.state.values;
  sync.moveLeaf(0, 1);
  expect(model.state.values).not.toBe(before);
  expect(before).toEqual({ 0: 0.3, 1: 0.5 });
});

test("what is not finite is spelled", () => {
  sync.settleLeaf(0, -Infinity);
  expect(model.saved).toEqual([{ 0: "-inf", 1: 0.5 }]);
});

test("a leaf that is held is not moved from elsewhere, however long, until it has arrived", () => {
  const end = sync.listen({ update() {}, redraw() {} });
  sync.moveLeaf(0, 1);
  model.set("values", { 0: 0.7, 1: 0.8 });
  vi.advanceTimersByTime(60_000);
  expect(sync.traits.values).toEqual({ 0: 1, 1: 0.8 });
  sync.settleLeaf(0, 1.1);
  model.set("values", { 0: 0.7, 1: 0.8 });
  expect(sync.traits.values).toEqual({ 0: 0.7, 1: 0.8 });
  end();
  expect(vi.getTimerCount()).toBe(0);
});

test("an earlier move that a host brings back moves nothing, and is not sent with the next", () => {
  sync.listen({ update() {}, redraw() {} });
  sync.moveLeaf(0, 1);
  const earlier = { values: model.state.values, act: model.state._act };
  sync.moveLeaf(0, 2);
  sync.settleLeaf(0, 3);
  model.state._act = earlier.act;
  model.set("values", earlier.values);
  expect(sync.traits.values).toEqual({ 0: 3, 1: 0.5 });
  sync.settleLeaf(1, 4);
  expect(model.saved.at(-1)).toEqual({ 0: 3, 1: 4 });
  model.set("values", { 0: 0.7, 1: 4 });
  expect(sync.traits.values).toEqual({ 0: 0.7, 1: 4 });
});

test("an act is sent at once, beside the traits, with a number that tells it from later ones", () => {
  sync.moveLeaf(0, 1);
  sync.settleLeaf(0, 2);
  sync.runPass(7);
  sync.select(3);
  const states = model.sent.map((message) => (message as { state: Record<string, unknown> }).state);
  expect(states.map(({ values }) => values)).toEqual([{ 0: 2 }, {}]);
  expect(states[1]).toMatchObject({ passes: [7, { root: 7 }], _act: model.state._act });
  const numbers = states.map(({ _act }) => (_act as number[])[1]!);
  expect(numbers[0]).toBeLessThan(numbers[1]!);
});

test("without a kernel everything goes on but the saving", () => {
  model.dead = true;
  sync.moveLeaf(0, 1);
  vi.runAllTimers();
  sync.settleLeaf(0, 2);
  sync.runPass(7);
  sync.select(3);
  expect(model.state).toMatchObject({ values: { 0: 2, 1: 0.5 }, passes: [7, { root: 7 }], selected: 3 });
  model.dead = false;
  sync.zeroGrad();
  expect(model.saved).toEqual([{ 0: 2, 1: 0.5 }]);
  expect(model.state.passes).toEqual([]);
});

test("listeners hear what was changed here and elsewhere, until they end", async () => {
  const update = vi.fn();
  const redraw = vi.fn();
  const end = sync.listen({ update, redraw });
  sync.select(1);
  model.set("values", {});
  await Promise.resolve();
  model.set("graph", {});
  model.set("language", "zh");
  await Promise.resolve();
  expect([update.mock.calls.length, redraw.mock.calls.length]).toEqual([2, 1]);
  sync.moveLeaf(0, 1);
  end();
  expect(model.saved.at(-1)).toEqual({ 0: 1 });
  expect([...model.listeners.values()].every((callbacks) => callbacks.size === 0)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

describe("one change is one update", () => {
  const acts: [string, (sync: Sync) => void][] = [
    ["a move", (sync) => sync.moveLeaf(0, 1)],
    ["letting go", (sync) => sync.settleLeaf(0, 1)],
    ["values reset", (sync) => sync.setLeaves({ 0: 1, 1: 2 })],
    ["a pass", (sync) => sync.runPass(7)],
    ["zero_grad", (sync) => sync.zeroGrad()],
    [
      "a step of descent",
      (sync) => sync.descend({ values: { 0: 1 }, passes: [{ root: 7 }] }, { kind: "learn", steps: 1 }),
    ],
    ["freezing", (sync) => sync.setFrozen(0, true)],
    ["forward", (sync) => sync.forward()],
    ["a choice", (sync) => sync.select(3)],
    ["groups", (sync) => sync.open([1])],
  ];
  test.each(acts)("%s", async (_, act) => {
    const update = vi.fn();
    sync.listen({ update, redraw() {} });
    model.state.stale = { leaves: [0], values: {} };
    act(sync);
    await Promise.resolve();
    expect(update).toHaveBeenCalledTimes(1);
  });

  test("an answer of the kernel, however many traits it has", async () => {
    const update = vi.fn();
    sync.listen({ update, redraw() {} });
    for (const [name, value] of Object.entries({
      values: {},
      passes: [],
      frozen: [0],
      stale: {},
      customs: {},
    }))
      model.set(name, value);
    await Promise.resolve();
    expect(update).toHaveBeenCalledTimes(1);
  });
});

describe("undo", () => {
  const { values: first } = new FakeModel().state;

  test("takes back values, passes, frozen leaves and steps of descent, and does them again", () => {
    sync.moveLeaf(0, 0.5);
    sync.moveLeaf(0, 0.9);
    sync.settleLeaf(0, 1);
    sync.runPass(7);
    sync.setFrozen(1, true);
    for (const to of [2, 3])
      sync.descend({ values: { 0: to }, passes: [{ root: 8 }] }, { kind: "learn", steps: 1 });
    const shown = () => [model.state.values, model.state.passes, model.state.frozen];
    const states = [shown()];
    const deeds: unknown[] = [];
    for (let act = sync.go(false); act; act = sync.go(false)) {
      deeds.push(act.deed);
      states.push(shown());
    }
    expect(deeds).toEqual([
      { kind: "learn", steps: 2 },
      { kind: "freeze", leaf: 1 },
      { kind: "run", root: 7 },
      { kind: "move", leaf: 0, from: 0.3, to: 1 },
    ]);
    expect(states.at(-1)).toEqual([first, [7], []]);
    const again = [shown()];
    while (sync.go(true)) again.push(shown());
    expect(again).toEqual([...states].reverse());
  });

  test("tells the kernel that passes come back, before they do", () => {
    sync.zeroGrad();
    sync.go(false);
    expect(model.sent).toMatchObject([
      { state: { passes: [] } },
      { restores: true },
      { state: { passes: [7] } },
    ]);
    sync.go(true);
    expect(model.sent.slice(3)).toMatchObject([{ state: { passes: [] } }]);
  });

  test("leaves alone what others have moved meanwhile", () => {
    sync.settleLeaf(0, 1);
    model.set("values", { 0: 1, 1: 9 });
    sync.go(false);
    expect(model.state.values).toEqual({ 0: 0.3, 1: 9 });
  });

  test("ends where passes came from elsewhere", () => {
    sync.listen({ update() {}, redraw() {} });
    sync.runPass(7);
    model.set("passes", [7, { root: 7 }]);
    expect(sync.undo.last?.deed.kind).toBe("run");
    model.set("passes", [7, { root: 7 }, { root: 8 }]);
    expect(sync.undo.last).toBeUndefined();
  });

  test("notes nothing where nothing changed", () => {
    sync.settleLeaf(0, 0.3);
    sync.forward();
    expect(sync.undo.last).toBeUndefined();
  });
});

test("what a model does not have has a value all the same", () => {
  model.state = { graph: {}, values: {} };
  expect(sync.traits).toMatchObject({
    passes: [],
    selected: null,
    read_only: false,
    language: "",
    notice: "",
  });
});

test("the sign of a zero is spelled, which JSON loses", () => {
  expect(JSON.stringify([0, -0, Number.NaN].map(encodeMoved))).toBe('[0,"-0","nan"]');
  expect(decodeNumber("-0")).toBe(-0);
});
