/** Replay: the computation and its last pass, one operation at a time. */

import type { State } from "../state.ts";
import { button, group, h, setAttribute, setText } from "./dom.ts";
import { Player } from "./player.ts";

const EVERY_MS = 900;

export class Replay {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #onChange: () => void;
  readonly #player = new Player(() => this.update());
  readonly #track: HTMLInputElement;
  readonly #count = h("span", "mute count");
  readonly #play: HTMLButtonElement;
  readonly #back: HTMLButtonElement;
  readonly #forth: HTMLButtonElement;

  constructor(state: State, onChange: () => void) {
    this.#state = state;
    this.#onChange = onChange;
    const { messages } = state;
    this.#back = button(`◀ ${messages.step}`, messages.stepBackHint, () => this.by(-1));
    this.#forth = button(`${messages.step} ▶`, messages.stepHint, () => this.by(1));
    this.#play = button(messages.play, `${messages.play} (␣)`, () => this.toggle());
    this.#track = h("input", "track", { type: "range", min: 0, step: 1, "aria-label": messages.replay });
    this.#track.addEventListener("input", () => this.#goTo(Number(this.#track.value)));
    this.element = group(messages.replay, this.#back, this.#forth, this.#play, this.#track, this.#count);
  }

  update(): void {
    const { steps, stepsMade, messages } = this.#state;
    setAttribute(this.#track, "max", String(steps.length));
    if (Number(this.#track.value) !== stepsMade) this.#track.value = String(stepsMade);
    this.#track.style.setProperty("--at", `${(100 * stepsMade) / Math.max(1, steps.length)}%`);
    setText(this.#count, messages.stepOf(stepsMade, steps.length));
    setText(this.#play, this.#player.isPlaying ? messages.pause : messages.play);
    this.#back.disabled = stepsMade === 0;
    this.#forth.disabled = stepsMade === steps.length;
  }

  /** The keys of the replay; true if it was one. */
  key(name: string): boolean {
    const actions: Readonly<Record<string, () => void>> = {
      ArrowRight: () => this.by(1),
      ArrowLeft: () => this.by(-1),
      Home: () => this.#goTo(0),
      End: () => this.#goTo(this.#state.steps.length),
      " ": () => this.toggle(),
    };
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    action?.();
    return action !== undefined;
  }

  by(steps: number): void {
    this.#goTo(this.#state.stepsMade + steps);
  }

  toggle(): void {
    if (this.#player.isPlaying) {
      this.#player.stop();
      return;
    }
    if (!this.#state.isReplaying) this.#show(0);
    this.#player.play(() => {
      this.#show(this.#state.stepsMade + 1);
      return this.#state.isReplaying;
    }, EVERY_MS);
  }

  stop(): void {
    this.#player.stop();
  }

  #goTo(count: number): void {
    this.#player.stop();
    this.#show(count);
  }

  #show(count: number): void {
    this.#state.replayTo(count);
    this.#onChange();
  }
}
