/** One view of a widget: the sentence, the bar, the canvas and the inspector, around one state. */

import { messagesFor } from "../messages/messages.ts";
import { State } from "../state.ts";
import type { Sync } from "../sync.ts";
import { Bar } from "./bar.ts";
import { h } from "./dom.ts";
import { Inspector } from "./inspector.ts";
import type { Moves } from "./leaf.ts";
import { Say } from "./say.ts";
import { Scene } from "./scene.ts";

/** From this width on the inspector stands at the right, if the graph leaves room. */
const WIDE_FROM = 1300;
/** What it takes there. */
const SIDE = 380;

export class Page {
  readonly element = h("div", "agw-page");
  readonly #sync: Sync;
  readonly #state: State;
  readonly #parts: readonly { update(): void }[];
  readonly #scene: Scene;

  /** Throws one sentence where the document is off. */
  constructor(sync: Sync) {
    const { traits } = sync;
    const messages = messagesFor(traits.language, navigator.languages);
    const state = new State(traits, messages);
    const select = (node: number | null) => sync.select(node === state.selected ? null : node);
    const say = new Say(state);
    const moves: Moves = {
      move: (leaf, value) => sync.moveLeaf(leaf, value),
      settle: (leaf, value) => sync.settleLeaf(leaf, value),
      refuse: () => say.alert(messages.typeANumber),
    };
    const bar = new Bar(state, {
      run: (root) => sync.runPass(root),
      zeroGrad: () => sync.zeroGrad(),
      resetValues: () => sync.setLeaves(state.firstValues),
    });
    this.#scene = new Scene(state, moves, select);
    const inspector = new Inspector(state, select);
    this.#sync = sync;
    this.#state = state;
    this.#parts = [say, bar, this.#scene, inspector];
    this.element.lang = messages.lang;
    this.element.append(
      say.element,
      bar.element,
      h("div", "agw-body", {}, this.#scene.element, inspector.element),
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && state.selected !== null) {
        sync.select(null);
        event.stopPropagation();
      }
    });
    this.#show();
  }

  /** Take in the model's new state, and draw it. */
  update(): void {
    this.#state.update(this.#sync.traits);
    this.#show();
  }

  resize(width: number): void {
    this.#scene.resize(width);
    this.element.classList.toggle("agw-wide", width >= WIDE_FROM && this.#scene.neededWidth + SIDE <= width);
  }

  #show(): void {
    for (const part of this.#parts) part.update();
  }
}
