/** One view of a widget: the sentence, the bar, the canvas and the inspector, around one state. */

import { formatInFull } from "../analysis/format.ts";
import { decodeNumber } from "../engine/number.ts";
import { messagesFor } from "../i18n/index.ts";
import { State } from "../session/state.ts";
import type { Sync } from "../session/sync.ts";
import { Scene } from "./canvas/scene.ts";
import type { Moves } from "./card/leaf.ts";
import { barOf } from "./controls/bar.ts";
import { type Writing, writingOf } from "./controls/expression.ts";
import { type Learn, learnOf } from "./controls/learn.ts";
import { type Before, before, movedWords, ranWords, undoneWords } from "./controls/news.ts";
import { type Replay, replayOf } from "./controls/replay.ts";
import { type Files, filesOf, saveMenu } from "./controls/save.ts";
import { type Say, sayOf } from "./controls/say.ts";
import { staleNotice } from "./controls/stale.ts";
import { type At, focusedIn, h, on, setAttribute, toggle } from "./dom.ts";
import { inspectorOf } from "./inspector/inspector.ts";

/** Width of the inspector at the right, where it stands if the graph keeps its size beside it. */
const SIDE = 380;

export class Page {
  readonly element = h("div", "page");
  readonly files: Files;
  readonly #sync: Sync;
  /** The whole view, which says how to look. */
  readonly #root: Element;
  readonly #state: State;
  readonly #parts: readonly { update(): void }[];
  readonly #scene: Scene;
  readonly #replay: Replay;
  readonly #learn: Learn;
  readonly #say: Say;
  readonly #writing: Writing;
  /** The state when the drag that goes on began. */
  #dragged: Before | undefined;
  /** Says what happened, once it is computed what that led to. */
  #news: (() => string) | undefined;
  /** The values and passes that the news is about. */
  #newsOf = "";
  #width = 0;
  /** The selection that was last brought into view. */
  #revealed: number | null = null;
  /** The node that was chosen last. */
  #about: number | undefined;
  /** The reader's choice of the inspector's place; undefined: where it fits. */
  #docked: "right" | "below" | undefined;

  /** Throws one sentence where the document is off. */
  constructor(sync: Sync, root: Element, isWriting = false) {
    const { traits } = sync;
    const messages = messagesFor(traits.language, navigator.languages);
    const state = new State(traits, messages);
    this.#sync = sync;
    this.#root = root;
    this.#state = state;
    this.#say = sayOf(state, () => ` ${sync.isLost ? messages.notConnected : this.#learn.warning()}`);
    this.#replay = replayOf(state, () => this.#show());
    this.#learn = learnOf(
      state,
      (to, deed) => sync.descend(to, deed),
      () => this.#show(),
    );
    this.#writing = writingOf(state, sync, isWriting);
    const actions = {
      run: (root: number) => this.#do(() => sync.runPass(root), ranWords),
      zeroGrad: () => sync.zeroGrad(),
      resetValues: () => {
        state.narrow();
        sync.setLeaves(state.firstValues);
      },
      undo: () => this.#go(false),
      redo: () => this.#go(true),
    };
    const stale = staleNotice(state, () => this.#bringAlong());
    const bar = barOf(state, sync.undo, actions, this.#replay, this.#learn);
    const select = (node: number | null, slot?: number) => {
      const isSame = node === state.selected && slot === state.explained;
      state.explained = slot;
      sync.select(isSame ? null : node);
      this.#show();
    };
    this.#scene = new Scene(state, traits.rankdir, this.#movesOf(), {
      select,
      open: (groups) => sync.open(groups),
    });
    const inspector = inspectorOf(state, {
      select,
      point: (slots) => this.#scene.point(slots),
      dock: () => this.#dock(),
      trail: (leaf) => this.#learn.trailOf(leaf),
    });
    this.#parts = [this.#say, stale, bar, this.#scene, inspector];
    const canvas = h("div", "stage", {}, this.#scene.element);
    this.files = filesOf(state, this.#scene, sync);
    this.#scene.tools.append(saveMenu(this.files, messages.save, this.#say.alert));
    this.#scene.tools.prepend(this.#writing.opener);
    bar.element.append(this.#scene.tools);
    this.element.lang = messages.lang;
    const body = h("div", "body", {}, canvas, inspector.element);
    const rows = [this.#say, stale, bar, this.#writing, this.#learn].map(({ element }) => element);
    this.element.append(...rows, body);
    on(this.element, ["keydown"], (event) => this.#keyed(event));
    on(this.element, ["click"], (event) => {
      const { goto, slot } = event.target.closest<HTMLElement>("[data-goto]")?.dataset ?? {};
      if (goto) select(Number(goto), slot ? Number(slot) : undefined);
    });
    this.#show();
  }

  /** Take in the model's new state, and draw it. */
  update(): void {
    const { traits } = this.#sync;
    this.#state.update(traits);
    this.#tellNews(JSON.stringify([traits.values, traits.passes]));
    this.#reveal();
    this.#show();
  }

  resize(width: number): void {
    this.#width = width;
    this.#scene.resize(width);
    this.#placeInspector();
  }

  /** An expression is being written. */
  get isWriting(): boolean {
    return !this.#writing.element.hidden;
  }

  /** End what goes on by itself. */
  stop(): void {
    this.#replay.stop();
    this.#learn.stop();
    this.#scene.stop();
  }

  /** Do something, and have the sentence say what came of it. */
  #do(act: () => void, words: (state: State, was: Before) => string, was = before(this.#state)): void {
    this.#news = () => words(this.#state, was);
    act();
    this.#news = undefined;
  }

  /** News stays as long as its numbers do. */
  #tellNews(numbers: string): void {
    if (this.#news) this.#say.tell(this.#news());
    else if (numbers !== this.#newsOf) this.#say.tell(undefined);
    this.#newsOf = numbers;
  }

  /** Take the last act back, or do the next one again. */
  #go(again: boolean): void {
    const { last, next } = this.#sync.undo;
    const act = again ? next : last;
    if (!act) return;
    if (!again && (act.deed.kind === "learn" || act.deed.kind === "start")) this.#learn.forget();
    this.#do(
      () => this.#sync.go(again),
      (state) => undoneWords(state, act, again),
    );
  }

  /** Have Python compute its result again. */
  #bringAlong(): void {
    const { stale, graph, names, messages } = this.#state;
    const root = graph.outputs.at(-1)!;
    const was = formatInFull(decodeNumber(stale.values?.[root]) ?? Number.NaN);
    const words = (state: State) =>
      messages.pythonNow(names.of(root), was, formatInFull(state.graph.values[root]!));
    this.#do(() => this.#sync.forward(), words);
  }

  #movesOf(): Moves {
    const moved = (leaf: number, to: number, act: () => void) => {
      const from = this.#state.graph.values[leaf]!;
      this.#dragged ??= { ...before(this.#state, leaf), from };
      const was = this.#dragged;
      this.#do(act, (state) => movedWords(state, leaf, to - (was.from ?? from), was), was);
    };
    return {
      move: (leaf, value) => moved(leaf, value, () => this.#sync.moveLeaf(leaf, value)),
      settle: (leaf, value) => {
        moved(leaf, value, () => this.#sync.settleLeaf(leaf, value));
        this.#dragged = undefined;
        this.#scene.widen();
      },
      freeze: (leaf, frozen) => this.#sync.setFrozen(leaf, frozen),
      refuse: () => this.#say.alert(this.#state.messages.typeANumber),
    };
  }

  #keyed(event: At<KeyboardEvent>): void {
    const { key, shiftKey, altKey, target } = event;
    const isCommand = event.ctrlKey || event.metaKey;
    // A button has no use for arrows: whoever has clicked one step goes on by keys.
    const controls = key === " " ? "input, select, button" : "input, select";
    if (isCommand && !altKey && this.#undoKey(event)) event.preventDefault();
    else if (key === "Escape" && this.#state.selected !== null) this.#sync.select(null);
    else if (isCommand || altKey || target.closest(controls)) return;
    else if (!this.#scene.key(event) && (shiftKey || !this.#replay.key(key))) return;
    else event.preventDefault();
    event.stopPropagation();
  }

  /** Ctrl or ⌘ with Z, with shift or Y the other way; a text that is being typed has an undo of its own. */
  #undoKey({ key, shiftKey, target }: At<KeyboardEvent>): boolean {
    const letter = key.toLowerCase();
    if ((letter !== "z" && letter !== "y") || this.#state.readOnly) return false;
    if (target.matches("[type=number], [type=search]")) return false;
    this.#go(letter === "y" || shiftKey);
    return true;
  }

  #dock(): void {
    this.#docked = this.element.classList.contains("agw-wide") ? "below" : "right";
    this.#placeInspector();
  }

  #placeInspector(): void {
    const { neededWidth } = this.#scene;
    const fits = neededWidth > 0 && neededWidth + SIDE <= this.#width;
    toggle(this.element, "wide", this.#docked ? this.#docked === "right" : fits);
  }

  /** Open the groups around a new selection. */
  #reveal(): void {
    const { selected, folds } = this.#state;
    const isNew = selected !== this.#revealed;
    this.#revealed = selected;
    const groups = isNew && selected !== null ? folds.revealing(selected) : undefined;
    if (groups) this.#sync.open(groups);
  }

  #show(): void {
    const focused = focusedIn(this.element);
    setAttribute(this.#root, "data-preview", this.#state.isPreview ? "" : null);
    setAttribute(this.element, "aria-busy", this.#state.isWaiting ? "true" : null);
    for (const part of this.#parts) part.update();
    const { selected, subject } = this.#state;
    this.#about = selected ?? this.#about ?? subject;
    // What had the focus may be gone or turned off: the card that it was about has it then.
    const isLost = focused && (!focusedIn(this.element) || focused.matches(":disabled"));
    if (!isLost) return;
    const was = (name: string) => focused.closest(`[${name}]`)?.getAttribute(name);
    const [card, folded, open] = ["data-node", "data-group", "data-open-group"].map(was);
    // Freezing makes a card anew, and its button is where one thaws; an opened card has a title, and a folded title a card.
    const within = card && focused.matches("button") ? " button" : "";
    let place = `[data-node="${card ?? this.#about}"]${within}`;
    if (folded) place = `[data-open-group="${folded}"]`;
    if (open) place = `[data-group="${open}"]`;
    const { itemOf, items } = this.#state.picture;
    const item = items[itemOf[Number(card ?? this.#about)]!]!;
    const around = item.kind === "group" ? `, [data-group="${item.group.id}"]` : "";
    this.element.querySelector<HTMLElement>(place + around)?.focus({ preventScroll: true });
  }
}
