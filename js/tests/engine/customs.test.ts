import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type CustomResults, isOutdated } from "../../src/engine/customs.ts";
import { messagesFor } from "../../src/i18n/index.ts";
import { State } from "../../src/session/state.ts";
import { Sync } from "../../src/session/sync.ts";
import type { Model, Traits } from "../../src/session/traits.ts";
import { documentOf } from "../documents.ts";

const en = messagesFor("en", []);

const [W, A, R, V, Y] = [0, 1, 2, 3, 4] as const;

/** w goes into a live op and into a recorded one; v into neither. */
const GRAPH = documentOf([2, ["custom", 0], ["custom", 0], 3, ["sum", 1, 2, 3]], {
  custom: {
    [A]: { name: "square", value: 4, partials: [4], live: true },
    [R]: { name: "mse", value: 1, partials: [0.5], live: false },
  },
});
const ANSWER: CustomResults = { at: { [W]: 2 }, nodes: { [A]: [4, 4] } };
const TRAITS: Traits = {
  graph: GRAPH,
  values: { [W]: 2, [V]: 3 },
  passes: [Y],
  frozen: undefined,
  customs: ANSWER,
  selected: null,
  read_only: false,
  language: "",
  notice: "",
  rankdir: "LR",
};

test("numbers hold for the values of the leaves that they come from", () => {
  expect(isOutdated(ANSWER, { [W]: 2, [V]: 100 })).toBe(false);
  expect(isOutdated(ANSWER, { [W]: 3, [V]: 3 })).toBe(true);
  expect(isOutdated({ at: { [W]: "nan" } }, { [W]: "nan" })).toBe(false);
  expect(isOutdated({}, { [W]: 3 })).toBe(false);
});

test("an answer is taken in, and waited for where leaves have moved on", () => {
  const state = new State(TRAITS, en);
  expect([state.isWaiting, state.graph.values[Y], state.total(W)]).toEqual([false, 8, 4.5]);
  state.update({ ...TRAITS, values: { [W]: 3, [V]: 3 } });
  expect([state.isWaiting, state.graph.values[Y], state.isLocked(W)]).toEqual([true, 8, false]);
  state.update({
    ...TRAITS,
    values: { [W]: 3, [V]: 3 },
    customs: { at: { [W]: 3 }, nodes: { [A]: ["inf", 6] } },
  });
  expect([state.isWaiting, state.graph.values[Y], state.total(W)]).toEqual([false, Infinity, 6.5]);
});

test("an answer about nodes that are none is no harm", () => {
  const state = new State({ ...TRAITS, customs: { at: {}, nodes: { [V]: [1], 99: [1, 2] } } }, en);
  expect(state.graph.values[Y]).toBe(8);
});

test("only leaves that go into a live op are locked, and only without a kernel", () => {
  const locked = (traits: Partial<Traits>) => {
    const state = new State({ ...TRAITS, ...traits }, en);
    return [W, V].map((leaf) => state.isLocked(leaf));
  };
  expect(locked({})).toEqual([false, false]);
  expect(locked({ isSilent: true })).toEqual([true, false]);
  expect(locked({ customs: undefined })).toEqual([true, false]);
  const state = new State(TRAITS, en);
  expect([W, A, V, Y].map((node) => state.isOpaque(node))).toEqual([true, true, false, false]);
});

/** Keeps what is set and tells who listens. */
class FakeModel implements Model {
  readonly state: Record<string, unknown> = { ...TRAITS };
  readonly heard = new Map<string, Set<() => void>>();
  get = (name: string) => this.state[name];
  set(name: string, value: unknown): void {
    this.state[name] = value;
    for (const callback of this.heard.get(`change:${name}`) ?? []) callback();
  }
  on(event: string, callback: () => void): void {
    this.heard.set(event, (this.heard.get(event) ?? new Set()).add(callback));
  }
  off(event: string, callback: () => void): void {
    this.heard.get(event)?.delete(callback);
  }
  save_changes(): void {}
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a kernel has a second and a half from its last answer on", () => {
  const model = new FakeModel();
  const sync = new Sync(model);
  const end = sync.listen({ update() {}, redraw() {} });
  sync.moveLeaf(W, 3);
  vi.advanceTimersByTime(1000);
  model.set("customs", { at: { [W]: 2.5 }, nodes: { [A]: [6.25, 5] } });
  vi.advanceTimersByTime(1000);
  expect([sync.traits.isSilent, sync.traits.values[W]]).toEqual([false, 3]);
  vi.advanceTimersByTime(500);
  expect([sync.traits.isSilent, sync.traits.values[W]]).toEqual([true, 2.5]);
  model.set("customs", { at: { [W]: 2.5 }, nodes: { [A]: [6.25, 5] } });
  expect(sync.traits.isSilent).toBe(false);
  sync.moveLeaf(W, 3);
  end();
  vi.advanceTimersByTime(5000);
  expect([sync.traits.isSilent, model.state.values]).toEqual([false, { [W]: 3, [V]: 3 }]);
});
