/**
 * A page without a document, for `tests/fuzz/test_acts.py`: does what a person does, and tells what it shows. Each line of
 * JSON that comes in is an order, and has a line in answer: the messages to the kernel, and the numbers shown.
 */

import { decodeNumber, encodeNumber, type WireNumber } from "../../src/engine/number.ts";
import { messagesFor } from "../../src/i18n/index.ts";
import { Descent, type Settings } from "../../src/session/descent.ts";
import { State } from "../../src/session/state.ts";
import { Sync } from "../../src/session/sync.ts";
import type { Model } from "../../src/session/traits.ts";
import { isSame, type Act as Undone } from "../../src/session/undo.ts";

declare const process: { stdin: AsyncIterable<Uint8Array>; stdout: { write(text: string): void } };

type Order =
  | { readonly open: Record<string, unknown> }
  | { readonly receive: Record<string, unknown> }
  | { readonly act: Act };

type Act =
  | readonly ["move" | "settle", number, WireNumber]
  | readonly ["run" | "fold", number]
  | readonly ["zero" | "reset" | "undo" | "redo" | "forward" | "start"]
  | readonly ["freeze", number, boolean]
  | readonly ["select", number | null]
  | readonly ["learn", Settings]
  | readonly ["wait", number];

/** Time passes by orders alone. */
class Clock {
  #now = 0;
  #next = 1;
  readonly #due = new Map<number, { readonly at: number; readonly call: () => void }>();

  readonly set = (call: () => void, ms = 0): number => {
    this.#due.set(this.#next, { at: this.#now + ms, call });
    return this.#next++;
  };

  readonly clear = (id?: number): void => {
    this.#due.delete(id ?? 0);
  };

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const soonest = [...this.#due].sort(([, a], [, b]) => a.at - b.at)[0];
      if (!soonest || soonest[1].at > end) break;
      this.#due.delete(soonest[0]);
      this.#now = soonest[1].at;
      soonest[1].call();
    }
    this.#now = end;
  }
}

/** The model of a host, and what it has to send. */
class KernelModel implements Model {
  sent: unknown[] = [];
  readonly #state: Record<string, unknown>;
  #unsaved: Record<string, unknown> = {};
  readonly #listeners: (readonly [string, () => void])[] = [];

  constructor(state: Record<string, unknown>) {
    this.#state = { ...state };
  }

  get(name: string): unknown {
    return this.#state[name];
  }

  set(name: string, value: unknown): void {
    if (isSame(this.#state[name], value)) return;
    this.#unsaved[name] = value;
    this.receive({ [name]: value });
  }

  on(event: string, callback: () => void): void {
    this.#listeners.push([event, callback]);
  }

  off(): void {}

  save_changes(): void {
    if (Object.keys(this.#unsaved).length > 0) this.sent.push({ method: "update", state: this.#unsaved });
    this.#unsaved = {};
  }

  send(content: unknown): void {
    this.sent.push({ method: "custom", content });
  }

  /** All traits are set before anyone hears of one, as in Backbone. */
  receive(state: Record<string, unknown>): void {
    const changed = Object.keys(state).filter((name) => !isSame(this.#state[name], state[name]));
    Object.assign(this.#state, state);
    for (const name of changed)
      for (const [event, callback] of [...this.#listeners]) if (event === `change:${name}`) callback();
  }
}

class Page {
  readonly #model: KernelModel;
  readonly #sync: Sync;
  readonly #descent = new Descent();
  #state: State;

  constructor(traits: Record<string, unknown>) {
    this.#model = new KernelModel(traits);
    this.#sync = new Sync(this.#model);
    this.#state = this.#made();
    const redraw = () => {
      this.#state = this.#made();
    };
    this.#sync.listen({ update: () => this.#state.update(this.#sync.traits), redraw });
    this.#sync.sight(true);
  }

  #made(): State {
    return new State(this.#sync.traits, messagesFor("en", []));
  }

  receive(state: Record<string, unknown>): void {
    this.#model.receive(state);
  }

  do(act: Act): void {
    const sync = this.#sync;
    switch (act[0]) {
      case "move":
        return sync.moveLeaf(act[1], decodeNumber(act[2])!);
      case "settle":
        return sync.settleLeaf(act[1], decodeNumber(act[2])!);
      case "run":
        return sync.runPass(act[1]);
      case "fold":
        return sync.open([act[1]]);
      case "zero":
        return sync.zeroGrad();
      case "reset":
        return sync.setLeaves(this.#state.firstValues);
      case "undo":
        return this.#take(sync.undo.last, () => sync.go(false));
      case "redo":
        return this.#take(sync.undo.next, () => sync.go(true));
      case "forward":
        return sync.forward();
      case "start":
        return this.#backToStart();
      case "freeze":
        return sync.setFrozen(act[1], act[2]);
      case "select":
        return sync.select(act[1]);
      case "learn":
        return this.#learn(act[1]);
      case "wait":
        return clock.pass(act[1]);
    }
  }

  #take(act: Undone | undefined, take: () => void): void {
    if (act?.deed.kind === "learn" || act?.deed.kind === "start") this.#descent.back();
    take();
  }

  /** A step, as the button takes it. */
  #learn(settings: Settings): void {
    const state = this.#state;
    this.#descent.begin(state);
    if (state.root !== settings.loss || (state.isPreview && !settings.zeroes)) {
      const earlier = settings.zeroes ? [] : state.passes.records.map(({ wire }) => wire);
      const passes = [...earlier, { root: settings.loss }];
      this.#sync.descend({ values: {}, passes }, { kind: "learn", steps: 0 });
    }
    this.#sync.descend(this.#descent.next(state, settings), { kind: "learn", steps: 1 });
  }

  #backToStart(): void {
    const start = this.#descent.back();
    if (start) this.#sync.descend(start, { kind: "start" });
  }

  /** Messages to send now, and the text that a person reads. */
  answer(): unknown {
    const { graph, leaves, isPreview, isStale, passes } = this.#state;
    const ids = [...graph.ops.keys()];
    const written = (x: number | undefined): WireNumber | null => (x === undefined ? null : encodeNumber(x));
    const { sent } = this.#model;
    this.#model.sent = [];
    return {
      sent,
      values: ids.map((id) => written(this.#state.value(id))),
      gradients: ids.map((id) => written(this.#state.gradient(id))),
      totals: leaves.map((leaf) => written(this.#state.total(leaf))),
      ledger: leaves.map((leaf) =>
        this.#state.ledger(leaf).map(({ root, added }) => [root ?? null, written(added)]),
      ),
      frozen: leaves.filter((leaf) => !graph.needsGrad[leaf]),
      roots: passes.roots,
      isPreview,
      isStale,
      undo: this.#sync.undo.last?.deed.kind ?? null,
    };
  }
}

const clock = new Clock();
Object.assign(globalThis, { setTimeout: clock.set, clearTimeout: clock.clear });

/** The page of an order, once it is done; a page opens with its traits. */
function done(order: Order & { readonly page: number }): Page {
  if ("open" in order) pages[order.page] = new Page(order.open);
  const page = pages[order.page]!;
  if ("receive" in order) page.receive(order.receive);
  if ("act" in order) page.do(order.act);
  return page;
}

const pages: Page[] = [];
const decoder = new TextDecoder();
let rest = "";
for await (const chunk of process.stdin) {
  const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    const page = done(JSON.parse(line));
    await Promise.resolve(); // an update that was put off comes first
    process.stdout.write(`${JSON.stringify(page.answer())}\n`);
  }
}
