/**
 * The page's end of the model, and the only caller of `set` and `save_changes`.
 *
 * A change goes into the model first and comes back as its event, like one that the kernel or another view made: there
 * is one way into the page. Moves are set at once, for the other views, and saved at most every `SAVE_EVERY` ms; letting
 * go of a slider saves at once.
 */

import { type Customs, isOutdated } from "./customs.ts";
import { encodeNumber, type WireNumber } from "./number.ts";
import type { Model, Numbers, Traits } from "./traits.ts";

const SAVE_EVERY = 60; // ms: a kernel that replays a large graph needs no more, and hosts drop what piles up

/** How long a kernel has to compute what the page can't. */
const PATIENCE = 1500; // ms

const FOLLOWED = ["values", "passes", "carried", "frozen", "customs", "selected", "opened"] as const;
/** After these everything is drawn anew. */
const REDRAWN = ["graph", "read_only", "language", "notice", "rankdir"] as const;

export class Sync {
  readonly #model: Model;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #isSilent = false;
  /** Leaves that are being dragged here: what comes from elsewhere meanwhile is older. */
  readonly #held = new Map<number, WireNumber>();

  constructor(model: Model) {
    this.#model = model;
  }

  get traits(): Traits {
    const get = (name: string) => this.#model.get(name);
    return {
      graph: get("graph"),
      values: { ...(get("values") as Traits["values"]), ...Object.fromEntries(this.#held) },
      passes: (get("passes") as number[] | undefined) ?? [],
      carried: (get("carried") as Traits["carried"] | undefined) ?? {},
      frozen: get("frozen") as Traits["frozen"],
      customs: get("customs") as Customs | undefined,
      isSilent: this.#isSilent,
      selected: (get("selected") as number | null | undefined) ?? null,
      opened: (get("opened") as number[] | null | undefined) ?? null,
      read_only: Boolean(get("read_only")),
      language: (get("language") as string | undefined) ?? "",
      notice: (get("notice") as string | undefined) ?? "",
      rankdir: (get("rankdir") as Traits["rankdir"] | undefined) ?? "LR",
    };
  }

  /** Call back on every change, whoever made it. Returns what ends it. */
  listen(onUpdate: () => void, onRedraw: () => void): () => void {
    const onAnswer = () => {
      this.#isSilent = false;
      this.#stopWaiting();
    };
    this.#model.on("change:customs", onAnswer);
    for (const name of FOLLOWED) this.#model.on(`change:${name}`, onUpdate);
    this.#model.on("change:values", this.#wait);
    this.#model.on("change:customs", this.#wait);
    for (const name of REDRAWN) this.#model.on(`change:${name}`, onRedraw);
    return () => {
      this.#stopWaiting();
      this.#model.off("change:customs", onAnswer);
      this.#model.off("change:values", this.#wait);
      this.#model.off("change:customs", this.#wait);
      for (const name of FOLLOWED) this.#model.off(`change:${name}`, onUpdate);
      for (const name of REDRAWN) this.#model.off(`change:${name}`, onRedraw);
      this.#save();
    };
  }

  /** A leaf moves and will move further: others see it, the kernel soon. */
  moveLeaf(leaf: number, value: number): void {
    this.#held.set(leaf, encodeNumber(value));
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
    this.#setValues(values);
    this.#save();
  }

  runPass(root: number): void {
    this.#model.set("passes", [...this.traits.passes, root]);
    this.#save();
  }

  zeroGrad(): void {
    this.#model.set("carried", {});
    this.#model.set("passes", []);
    this.#save();
  }

  /** Where a step of gradient descent leads: leaf values, and what it leaves in `.grad`. */
  descend(values: Numbers, passes: readonly number[], carried: Numbers): void {
    // The values first: views follow each of the three, and ranges that have narrowed must not see the old values.
    this.#setValues(values);
    this.#model.set("carried", carried);
    this.#model.set("passes", [...passes]);
    this.#saving ??= setTimeout(() => this.#save(), SAVE_EVERY);
  }

  setFrozen(leaf: number, frozen: boolean, all: readonly number[]): void {
    const others = all.filter((id) => id !== leaf);
    this.#model.set("frozen", frozen ? [...others, leaf].sort((a, b) => a - b) : others);
    this.#save();
  }

  /** Which groups are open from now on. */
  open(groups: readonly number[]): void {
    this.#model.set(
      "opened",
      [...groups].sort((a, b) => a - b),
    );
    this.#save();
  }

  select(node: number | null): void {
    this.#model.set("selected", node);
    this.#save();
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
  #giveUp({ at }: Customs): void {
    this.#isSilent = true;
    this.#held.clear();
    this.setLeaves(at!);
  }

  #setValues(changed: Numbers): void {
    // A new object: a model does not notice one that changed inside.
    this.#model.set("values", { ...(this.#model.get("values") as Traits["values"]), ...changed });
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
