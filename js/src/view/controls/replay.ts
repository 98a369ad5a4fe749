/** Replay: the computation and its last pass, one operation at a time. */

import type { State } from "../../session/state.ts";
import { button, group, h, on, setAttribute, setText } from "../dom.ts";
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
  /** What the keys do, and the buttons. */
  readonly #actions: Readonly<Record<string, () => void>> = {
    ArrowRight: () => this.#goTo(this.#state.replay.made + 1),
    ArrowLeft: () => this.#goTo(this.#state.replay.made - 1),
    Home: () => this.#goTo(0),
    End: () => this.#goTo(this.#state.replay.all.length + 1),
    " ": () => this.#toggle(),
  };

  constructor(state: State, onChange: () => void) {
    this.#state = state;
    this.#onChange = onChange;
    const { replay, step, play } = state.messages;
    this.#back = button("◀", `${step} (←)`, this.#actions.ArrowLeft!, "button", `◀ ${step}`);
    this.#play = button(play, `${play} (␣)`, this.#actions[" "]!);
    this.#forth = button("▶", `${step} (→)`, this.#actions.ArrowRight!, "button", `${step} ▶`);
    this.#track = h("input", "track", { type: "range", min: 0, step: 1, "aria-label": replay });
    on(this.#track, ["input"], () => this.#goTo(Number(this.#track.value)));
    this.element = group(replay, this.#back, this.#play, this.#forth, this.#track, this.#count);
  }

  update(): void {
    const { messages, isReplaying } = this.#state;
    const { all: steps, made: stepsMade, current: currentStep } = this.#state.replay;
    setAttribute(this.#track, "max", String(steps.length));
    if (Number(this.#track.value) !== stepsMade) this.#track.value = String(stepsMade);
    this.#track.style.setProperty("--at", `${(100 * stepsMade) / Math.max(1, steps.length)}%`);
    setText(this.#count, `${stepsMade} / ${steps.length}`);
    setText(this.#play, this.#player.isPlaying ? messages.pause : messages.play);
    this.#back.disabled = stepsMade === 0;
    this.#forth.disabled = !isReplaying && !currentStep;
  }

  /** The keys of the replay; true if it was one. */
  key(name: string): boolean {
    const action = this.#actions[name];
    action?.();
    return action !== undefined;
  }

  stop(): void {
    this.#player.stop();
  }

  #toggle(): void {
    if (!this.#player.isPlaying && !this.#state.isReplaying) this.#show(0);
    this.#player.toggle(() => {
      this.#show(this.#state.replay.made + 1);
      return this.#state.isReplaying || this.#state.replay.current !== undefined;
    }, EVERY_MS);
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
