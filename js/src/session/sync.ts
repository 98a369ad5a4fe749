/**
 * The page's end of the model, and the only caller of `set` and `save_changes`.
 *
 * A change goes into the model first and comes back as its event, like one that the kernel or another view made: there
 * is one way into the page. Moves are set at once, for the other views, and saved at most every `SAVE_EVERY` ms; letting
 * go of a slider saves at once.
 */

import { type CustomResults, isOutdated } from "../engine/customs.ts";
import { encodeNumber, type WireNumber } from "../engine/number.ts";
import type { Changes, Model, Numbers, Traits } from "./traits.ts";

const HELD = 1000; // ms without a move, after which what a drag's own moves bring back has come
const SAVE_EVERY = 60; // ms: a kernel that replays a large graph needs no more, and hosts drop what piles up

/** How long a kernel has to compute what the page can't. */
const PATIENCE = 1500; // ms

/** What traits are where a model has none. */
const FOLLOWED = {
  values: {},
  passes: undefined,
  carried: {},
  frozen: undefined,
  customs: undefined,
  selected: null,
  opened: null,
};
/** After these everything is drawn anew. */
const REDRAWN = { graph: null, read_only: false, language: "", notice: "", rankdir: "LR" };

export class Sync {
  readonly #model: Model;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #onUpdate = () => {};
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #release: ReturnType<typeof setTimeout> | undefined;
  #isSilent = false;
  /** Leaves that are being dragged here: what comes from elsewhere meanwhile is older. */
  readonly #held = new Map<number, WireNumber>();

  constructor(model: Model) {
    this.#model = model;
  }

  get traits(): Traits {
    const usual = Object.entries({ ...FOLLOWED, ...REDRAWN });
    const given = usual.map(([name, none]): [string, unknown] => [name, this.#model.get(name) ?? none]);
    const traits = Object.fromEntries(given) as unknown as Traits;
    const values = { ...traits.values, ...Object.fromEntries(this.#held) };
    // A model that knows of no passes shows one from each result.
    const { outputs = [] } = (traits.graph ?? {}) as { outputs?: number[] };
    return { ...traits, values, passes: traits.passes ?? outputs, isSilent: this.#isSilent };
  }

  /** Call back on every change, whoever made it. Returns what ends it. */
  listen(onUpdate: () => void, onRedraw: () => void): () => void {
    this.#onUpdate = onUpdate;
    const onAnswer = () => {
      this.#isSilent = false;
      this.#stopWaiting();
    };
    const listeners: (readonly [string, () => void])[] = [
      ["customs", onAnswer],
      ...Object.keys(FOLLOWED).map((name) => [name, onUpdate] as const),
      ["values", this.#wait],
      ["customs", this.#wait],
      ...Object.keys(REDRAWN).map((name) => [name, onRedraw] as const),
    ];
    for (const [name, listener] of listeners) this.#model.on(`change:${name}`, listener);
    return () => {
      this.#stopWaiting();
      clearTimeout(this.#release);
      for (const [name, listener] of listeners) this.#model.off(`change:${name}`, listener);
      this.#save();
    };
  }

  /** A leaf moves and will move further: others see it, the kernel soon. */
  moveLeaf(leaf: number, value: number): void {
    this.#held.set(leaf, encodeNumber(value));
    clearTimeout(this.#release);
    this.#release = setTimeout(() => {
      if (this.#held.size === 0) return; // all have arrived, and nothing was kept back
      this.#held.clear();
      this.#onUpdate();
    }, HELD);
    this.#setValues({ [leaf]: encodeNumber(value) });
    this.#saving ??= setTimeout(() => this.#save(), SAVE_EVERY);
  }

  /** The leaf has arrived. */
  settleLeaf(leaf: number, value: number): void {
    this.#held.delete(leaf);
    this.#setValues({ [leaf]: encodeNumber(value) });
    this.#save();
  }

  setLeaves(values: Numbers): void {
    this.#held.clear();
    this.#setValues(values);
    this.#save();
  }

  runPass(root: number): void {
    this.#set({ passes: [...this.traits.passes, root] });
  }

  zeroGrad(): void {
    this.#set({ carried: {}, passes: [] });
  }

  /** Where a step of gradient descent leads: leaf values, and what it leaves in `.grad`. */
  descend(values: Numbers, passes: readonly number[], carried: Numbers): void {
    this.#held.clear();
    // The values first: views follow each of the three, and ranges that have narrowed must not see the old values.
    this.#setValues(values);
    this.#model.set("carried", carried);
    this.#model.set("passes", [...passes]);
    this.#saving ??= setTimeout(() => this.#save(), SAVE_EVERY);
  }

  setFrozen(leaf: number, frozen: boolean, all: readonly number[]): void {
    const others = all.filter((id) => id !== leaf);
    this.#set({ frozen: ascending(frozen ? [...others, leaf] : others) });
  }

  /** Which groups are open from now on. */
  open(groups: readonly number[]): void {
    this.#set({ opened: ascending(groups) });
  }

  select(node: number | null): void {
    this.#set({ selected: node });
  }

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
    this.setLeaves(at!);
  }

  #setValues(changed: Numbers): void {
    // A new object: a model does not notice one that changed inside.
    this.#model.set("values", { ...(this.#model.get("values") as Traits["values"]), ...changed });
  }

  #set(changes: Partial<Changes>): void {
    for (const [name, value] of Object.entries(changes)) this.#model.set(name, value);
    this.#save();
  }

  #save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    try {
      this.#model.save_changes();
    } catch {
      // No kernel, or one that has gone: the page computes by itself, and the model keeps the values for a next one.
    }
  }
}

function ascending(ids: readonly number[]): number[] {
  return [...ids].sort((a, b) => a - b);
}
