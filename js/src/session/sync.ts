/**
 * The page's end of the model, and the only caller of `set` and `save_changes`.
 *
 * A change goes into the model first and comes back as its event, like one that the kernel or another view made: there
 * is one way into the page, and it is taken once per change, however many traits have changed. Moves are set at once,
 * for the other views, and saved at most every `SAVE_EVERY` ms; letting go of a slider saves at once.
 */

import { type CustomResults, isOutdated } from "../engine/customs.ts";
import type { GraphDocument } from "../engine/document.ts";
import { encodeMoved } from "../engine/number.ts";
import type { Answer, Changes, Model, Numbers, Traits } from "./traits.ts";
import { type Act, type Deed, isSame, type Snapshot, Undo } from "./undo.ts";

const SAVE_EVERY = 60; // ms: a kernel that replays a large graph needs no more, and hosts drop what piles up

/** Time that a kernel has to compute custom ops. */
const PATIENCE = 1500; // ms

/** The traits that a view follows, and what they are where a model has none. */
const FOLLOWED = {
  values: {},
  passes: [],
  frozen: undefined,
  stale: {},
  customs: undefined,
  selected: null,
  opened: null,
};
/** Jupyter's word that the connection to Python has come or gone, but not which. */
const CONNECTION = "comm_live_update";
/** After these everything is drawn anew. */
const REDRAWN = { graph: null, read_only: false, language: "", notice: "", rankdir: "auto", expression: "" };

/** Receiver of changes. */
export interface Listener {
  update(): void;
  redraw(): void;
}

export class Sync {
  readonly undo = new Undo();
  readonly #model: Model;
  #listener: Listener = { update() {}, redraw() {} };
  #saving: ReturnType<typeof setTimeout> | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #isSilent = false;
  /** The last message could not be sent: the kernel that made the model is gone. */
  isLost = false;
  /** This view is in sight, as Python was told. */
  #seen: boolean | undefined;
  /** Number of nested changes under way. The listener hears of all when the outermost is done. */
  #depth = 0;
  #due: keyof Listener | undefined;
  /** Leaves as they were last moved here, until somebody else moves some: a host may bring back an earlier move. */
  #held: Numbers = {};
  /** Number of moves and other acts, by which Python and this view know an earlier one. */
  #acts = 0;
  /** Changes to send to Python at once, not when the host finds it idle. */
  #untold: Partial<Changes> | undefined;
  /** Number of this view, by which the kernel knows it among others. */
  readonly #view = Math.random();
  /** A drag that goes on: where things were before it. */
  #drag: { readonly leaf: number; readonly before: Snapshot } | undefined;
  /** The passes and frozen leaves as this view last left or took them. */
  #known: Snapshot;

  constructor(model: Model) {
    this.#model = model;
    this.#known = this.#snapshot();
  }

  get traits(): Traits {
    const usual = Object.entries({ ...FOLLOWED, ...REDRAWN });
    const given = usual.map(([name, none]): [string, unknown] => [name, this.#model.get(name) ?? none]);
    const traits = Object.fromEntries(given) as unknown as Traits;
    const values = { ...traits.values, ...this.#held };
    return { ...traits, values, isSilent: this.#isSilent };
  }

  /** Call back on every change, whoever made it, once. Returns what ends it. */
  listen(listener: Listener): () => void {
    this.#listener = listener;
    const listeners: (readonly [string, () => void])[] = [
      ["customs", this.#onAnswer],
      ["values", this.#onValues],
      ["values", this.#wait],
      ["customs", this.#wait],
      ["passes", this.#onOthers],
      ["frozen", this.#onOthers],
      ["graph", () => this.undo.forget()],
      ...Object.keys(FOLLOWED).map((name) => [name, () => this.#tell("update")] as const),
      ...Object.keys(REDRAWN).map((name) => [name, () => this.#tell("redraw")] as const),
    ];
    for (const [name, callback] of listeners) this.#model.on(`change:${name}`, callback);
    this.#model.on(CONNECTION, this.#onConnection);
    return () => {
      this.#stopWaiting();
      this.#model.off(CONNECTION, this.#onConnection);
      for (const [name, callback] of listeners) this.#model.off(`change:${name}`, callback);
      this.#listener = { update() {}, redraw() {} };
      this.#save();
    };
  }

  // -- what people do ------------------------------------------------------------------------------------------------

  /** A leaf moves and will move further: others see it, the kernel soon. */
  moveLeaf(leaf: number, value: number): void {
    this.#drag ??= { leaf, before: this.#snapshot() };
    this.#set({ values: { [leaf]: encodeMoved(value) } });
    this.#saveSoon();
  }

  /** The leaf has arrived. */
  settleLeaf(leaf: number, value: number): void {
    const before = this.#drag?.before ?? this.#snapshot();
    this.#drag = undefined;
    const to = encodeMoved(value);
    const from = before.values[leaf] ?? to;
    this.#change({ kind: "move", leaf, from, to }, { values: { [leaf]: to } }, before);
    this.#save();
  }

  setLeaves(values: Numbers): void {
    this.#act({ kind: "reset" }, { values });
  }

  runPass(root: number): void {
    this.#act({ kind: "run", root }, { passes: [...this.traits.passes, { root }] });
  }

  zeroGrad(): void {
    this.#act({ kind: "zero" }, { passes: [] });
  }

  /** Have Python compute its results for the leaves as they are. */
  forward(): void {
    this.#act({ kind: "forward" }, {});
  }

  setFrozen(leaf: number, frozen: boolean): void {
    const others = (this.#snapshot().frozen ?? []).filter((id) => id !== leaf);
    const deed: Deed = { kind: frozen ? "freeze" : "unfreeze", leaf };
    this.#act(deed, { frozen: ascending(frozen ? [...others, leaf] : others) });
  }

  /** Go where gradient descent leads, or back to where it began: leaf values, and the passes that are left. */
  descend({ values, passes }: Pick<Snapshot, "values" | "passes">, deed: Deed): void {
    this.#change(deed, { values, passes });
    this.#saveSoon();
  }

  /** Take the last act back, or do `again` what was taken back last. Returns the act. */
  go(again: boolean): Act | undefined {
    const act = this.undo.go(again);
    if (!act) return undefined;
    if (!again) this.#send({ restores: true }); // a pass that comes back is not one that is run
    this.#set({ ...(again ? act.after : act.before), stale: {} });
    this.#save();
    return act;
  }

  /** Show the graph of an expression in place of this one. Python makes the same one, of scalars. */
  write(expression: string, graph: GraphDocument): void {
    this.#depth++;
    this.#held = {};
    const none = { values: {}, passes: [], frozen: [], stale: {}, selected: null, opened: null };
    for (const [name, value] of Object.entries({ ...none, graph, expression })) this.#model.set(name, value);
    this.#known = this.#snapshot();
    this.#depth--;
    this.#flush();
    this.#saveChanges();
  }

  /** Have these groups open from now on. */
  open(groups: readonly number[]): void {
    this.#set({ opened: ascending(groups) });
    this.#save();
  }

  select(node: number | null): void {
    this.#set({ selected: node });
    this.#save();
  }

  /**
   * Tell the kernel whether this view is in sight, or, without an argument, that it has ended: what nobody sees need not
   * be sent, and a widget without views may be freed.
   */
  sight(seen?: boolean): void {
    this.#seen = seen;
    this.#send({ view: this.#view, seen });
  }

  /** Find out by a message whether there is a connection. Not every host says when it goes. */
  askForPython(): void {
    const was = this.isLost;
    this.sight(this.#seen);
    if (was && !this.isLost) this.#save();
  }

  /** Ask once the host is through with it. */
  readonly #onConnection = () => setTimeout(() => this.askForPython());

  /** Somebody computes in Python. */
  get hasKernel(): boolean {
    return this.#model.send !== undefined;
  }

  /** Have the kernel write a program. Fails with a sentence. */
  program(name: string): Promise<string | undefined> {
    return new Promise((done, fail) => {
      const take = ({ program, text, error }: Answer) => {
        if (program !== name) return;
        this.#model.off("msg:custom", take);
        if (error) fail(error);
        done(text);
      };
      this.#model.on("msg:custom", take);
      this.#send({ program: name });
    });
  }

  // -- what comes from elsewhere -------------------------------------------------------------------------------------

  readonly #onAnswer = (): void => {
    this.#isSilent = false;
    this.#stopWaiting();
  };

  /** Passes or frozen leaves of others: an earlier act of ours can't be taken back without taking back these. */
  readonly #onOthers = (): void => {
    if (this.#depth > 0) return;
    const { passes, frozen } = this.#known;
    this.#known = this.#snapshot();
    if (!isSame(passes, this.#known.passes) || !isSame(frozen, this.#known.frozen)) this.undo.forget();
  };

  /** Values of others end what is held, but where they are what this view has sent before its last act. */
  readonly #onValues = (): void => {
    const [by, act] = (this.#model.get("_act") as readonly number[] | null) ?? [];
    if (this.#depth > 0) return;
    if (by === this.#view && act! < this.#acts) return this.#stamp();
    const dragged = this.#drag?.leaf;
    this.#held = dragged === undefined ? {} : { [dragged]: this.#held[dragged]! };
  };

  readonly #wait = (): void => {
    const { customs, values } = this.traits;
    if (!customs || !isOutdated(customs, values)) this.#stopWaiting();
    else this.#waiting ??= setTimeout(() => this.#giveUp(customs), PATIENCE);
  };

  #stopWaiting(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
  }

  /** Back to where every number is known. */
  #giveUp({ at }: CustomResults): void {
    this.#isSilent = true;
    this.#set({ values: at! });
    this.#save();
  }

  // -- the model -----------------------------------------------------------------------------------------------------

  #snapshot(): Snapshot {
    const { values, passes, frozen, graph } = this.traits;
    const given = (graph as { value?: Numbers; frozen?: readonly number[] } | null) ?? {};
    return { values: { ...given.value, ...values }, passes, frozen: frozen ?? given.frozen ?? [] };
  }

  #act(deed: Deed, changes: Partial<Snapshot>): void {
    this.#change(deed, changes);
    this.#save();
  }

  /** Set what an act changes, and note it: one update shows both. */
  #change(deed: Deed, changes: Partial<Snapshot>, before = this.#snapshot()): void {
    this.#depth++;
    this.#set({ ...changes, stale: {} });
    this.undo.note(deed, before, this.#snapshot());
    this.#due ??= "update";
    this.#depth--;
    this.#flush();
  }

  /** Set traits, of which `values` has only those that change, and tell of all of them once. */
  #set({ values, ...changes }: Partial<Changes>): void {
    this.#depth++;
    if (values || changes.stale) {
      this.#untold = { ...this.#untold, ...changes, values: { ...this.#untold?.values, ...values } };
      this.#held = { ...this.#held, ...values };
      this.#acts++;
      this.#stamp();
    }
    // A new object: a model does not notice one that changed inside.
    if (values) this.#model.set("values", this.traits.values);
    for (const [name, value] of Object.entries(changes)) {
      if (!isSame(value, this.#model.get(name) ?? FOLLOWED[name as keyof typeof FOLLOWED]))
        this.#model.set(name, value);
    }
    this.#depth--;
    if (changes.passes || changes.frozen) this.#known = this.#snapshot();
    this.#flush();
  }

  /** Something has changed: tell it when all of it has. */
  #tell(what: keyof Listener): void {
    if (this.#due === undefined && this.#depth === 0) queueMicrotask(() => this.#flush());
    if (this.#due !== "redraw") this.#due = what;
  }

  #flush(): void {
    if (this.#depth > 0 || this.#due === undefined) return;
    const due = this.#due;
    this.#due = undefined;
    this.#listener[due]();
  }

  #saveSoon(): void {
    this.#saving ??= setTimeout(() => this.#saveChanges(), SAVE_EVERY);
  }

  /** Tell Python before anything that is asked of it from now on. */
  #save(): void {
    if (this.#untold) this.#send({ state: { ...this.#untold, _act: [this.#view, this.#acts] } });
    if (!this.isLost) this.#untold = undefined;
    this.#saveChanges();
  }

  #saveChanges(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    this.#safely(() => this.#model.save_changes());
  }

  #send(message: unknown): void {
    const was = this.isLost;
    this.isLost = true;
    this.#safely(() => {
      this.#model.send?.(message);
      this.isLost = false;
    });
    if (was !== this.isLost) this.#listener.update();
  }

  #stamp(): void {
    this.#model.set("_act", [this.#view, this.#acts]);
  }

  #safely(call: () => void): void {
    try {
      call();
    } catch {
      // No kernel, or one that has gone: the page computes by itself, and the model keeps the values for a next one.
    }
  }
}

function ascending(ids: readonly number[]): number[] {
  return [...ids].sort((a, b) => a - b);
}
