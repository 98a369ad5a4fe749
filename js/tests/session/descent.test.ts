import { describe, expect, test } from "vitest";
import { messagesFor } from "../../src/i18n/index.ts";
import { Descent, type Moved, type Settings } from "../../src/session/descent.ts";
import { State } from "../../src/session/state.ts";
import type { Traits } from "../../src/session/traits.ts";
import { documentOf } from "../documents.ts";

const en = messagesFor("en", []);

const [A, B, LOSS] = [0, 1, 4] as const;

/** loss = a²·b + b, a moves; b as well unless it is frozen. */
const DOCUMENT = documentOf([1.5, 2, ["*", 0, 0], ["*", 2, 1], ["+", 3, 1]]);

const SETTINGS: Settings = { loss: LOSS, rate: 0.1, momentum: 0, zeroes: true };

/** A descent on a model of its own. */
class Learner {
  readonly descent = new Descent();
  readonly state: State;
  #traits: Traits;

  constructor(traits: Partial<Traits> = {}) {
    this.#traits = {
      graph: DOCUMENT,
      values: {},
      passes: [LOSS],
      frozen: undefined,
      selected: null,
      read_only: false,
      language: "",
      notice: "",
      rankdir: "LR",
      ...traits,
    };
    this.state = new State(this.#traits, en);
  }

  step(settings: Partial<Settings> = {}): Moved {
    this.descent.begin(this.state);
    const moved = this.descent.next(this.state, { ...SETTINGS, ...settings });
    this.go(moved);
    this.descent.mark(this.state, LOSS);
    return moved;
  }

  go(to: Moved): void {
    this.#traits = { ...this.#traits, ...to };
    this.state.update(this.#traits);
  }

  get at(): [number, number] {
    return [this.state.graph.values[A]!, this.state.graph.values[B]!];
  }
}

/** The loop that it stands for. */
function loop(steps: number, { rate, momentum, zeroes }: Settings): [number, number] {
  const p: [number, number] = [1.5, 2];
  const velocity: [number, number] = [0, 0];
  let grad: [number, number] = [0, 0];
  for (let step = 0; step < steps; step++) {
    const [a, b] = p;
    const now = [2 * a * b, a * a + 1] as const;
    grad = zeroes ? [...now] : [grad[0] + now[0], grad[1] + now[1]];
    for (const i of [0, 1] as const) {
      velocity[i] = momentum * velocity[i] + grad[i];
      p[i] -= rate * velocity[i];
    }
  }
  return p;
}

describe("a step", () => {
  const settings = [true, false].flatMap((zeroes) =>
    [0, 0.9].map((momentum): Settings => ({ ...SETTINGS, rate: 0.02, momentum, zeroes })),
  );
  test.each(settings)("is what a loop does: %o", (setting) => {
    const learner = new Learner();
    for (let steps = 1; steps <= 12; steps++) {
      learner.step(setting);
      const [a, b] = loop(steps, setting);
      expect(learner.at[0]).toBeCloseTo(a, 12);
      expect(learner.at[1]).toBeCloseTo(b, 12);
    }
  });

  test("leaves in .grad what it used only where nothing is zeroed", () => {
    expect(new Learner().step().passes).toEqual([{ root: LOSS }]);
    const at = { [A]: 1.5, [B]: 2 };
    const settled = { root: LOSS, added: { [A]: 6, [B]: 3.25 }, at };
    const learner = new Learner();
    expect(learner.step({ zeroes: false }).passes).toEqual([settled, { root: LOSS }]);
    const [first, second, last] = learner.step({ zeroes: false }).passes;
    expect([first, last]).toEqual([settled, { root: LOSS }]);
    expect(second).toMatchObject({ root: LOSS, at: { [A]: expect.closeTo(0.9, 12) } });
  });

  test("tells more than fifty passes as one row and the latest, which add up", () => {
    const learner = new Learner();
    let sum = 0;
    for (let i = 0; i < 80; i++) {
      sum += learner.state.gradient(A)!;
      learner.step({ zeroes: false, rate: 1e-4 });
    }
    const { records } = learner.state.passes;
    expect(records).toHaveLength(51);
    expect(records[0]).toMatchObject({ root: undefined, count: 31 });
    expect(learner.state.total(A)).toBeCloseTo(sum + learner.state.gradient(A)!, 9);
  });

  test("leaves frozen parameters where they are", () => {
    const learner = new Learner({ frozen: [B] });
    const { values } = learner.step();
    expect(values).toEqual({ [A]: expect.closeTo(0.9, 12) });
    expect(learner.at[1]).toBe(2);
  });

  test("may change its settings on the way, and keeps its momentum", () => {
    const learner = new Learner();
    learner.step({ momentum: 0.9, rate: 0 });
    learner.step({ momentum: 0.9, rate: 0.1 });
    expect(learner.at[0]).toBeCloseTo(1.5 - 0.1 * (0.9 * 6 + 6), 12);
  });

  test("does not move where nothing reaches", () => {
    const learner = new Learner({ frozen: [A, B] });
    expect(learner.step().values).toEqual({});
    expect(learner.at).toEqual([1.5, 2]);
  });
});

describe("the way", () => {
  test("is marked, the latest points only", () => {
    const learner = new Learner();
    for (let i = 0; i < 450; i++) learner.step({ rate: 1e-4 });
    expect(learner.descent.trail).toHaveLength(400);
    expect(learner.descent.steps).toBe(450);
    expect(learner.descent.trail.at(-1)!.loss).toBe(learner.state.graph.values[LOSS]);
  });

  test("leads back to where it began, and is forgotten", () => {
    const passes = [{ hand: true, added: { [A]: 1 } }, { root: LOSS }, { root: LOSS }];
    const learner = new Learner({ passes });
    const before = learner.state.total(A);
    learner.go({ values: { [A]: 0.7 }, passes });
    for (let i = 0; i < 3; i++) learner.step({ momentum: 0.9 });
    const start = learner.descent.back();
    expect(start?.values).toEqual({ [A]: 0.7, [B]: 2 });
    expect(start?.passes).toEqual(passes);
    expect([learner.descent.steps, learner.descent.trail.length]).toEqual([0, 0]);
    expect(learner.descent.back()).toBeUndefined();
    expect(before).toBe(13);
    learner.go(start!);
    learner.step({ momentum: 0.9 });
    expect(learner.at[0], "without the old momentum").toBeCloseTo(0.7 - 0.1 * 2 * 0.7 * 2, 12);
  });

  test.each([
    [1, false],
    [-1e11, false],
    [1e13, true],
    [-1e13, true],
    [Number.POSITIVE_INFINITY, true],
    [Number.NaN, true],
  ])("with a loss of %s has diverged: %s", (loss, diverged) => {
    const state = new Learner({ graph: documentOf([0]), passes: [] }).state;
    const descent = new Descent();
    expect(descent.hasDiverged).toBe(false);
    state.graph.setLeaf(0, loss);
    descent.mark(state, 0);
    expect(descent.hasDiverged).toBe(diverged);
  });
});
