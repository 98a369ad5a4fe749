/** Learn: gradient descent on one of the roots, step by step or by itself. */

import { Descent, type Moved } from "../descent.ts";
import { formatValue } from "../format.ts";
import type { State } from "../state.ts";
import { button, group, h, s, setText } from "./dom.ts";
import { Player } from "./player.ts";

const EVERY_MS = 120;
const PLOT = { width: 120, height: 26 };

export class Learn {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #go: (to: Moved) => void;
  readonly #descent = new Descent();
  readonly #player = new Player(() => this.update());
  readonly #rate: HTMLInputElement;
  readonly #momentum: HTMLInputElement;
  readonly #zeroes: HTMLInputElement;
  readonly #loss: HTMLSelectElement;
  readonly #play: HTMLButtonElement;
  readonly #back: HTMLButtonElement;
  readonly #results: HTMLElement;
  readonly #told = h("span", "mute told");
  readonly #line = s("polyline", "curve");
  readonly #plot = s(
    "svg",
    "loss",
    { width: PLOT.width, height: PLOT.height, "aria-hidden": "true" },
    this.#line,
  );

  constructor(state: State, go: (to: Moved) => void) {
    this.#state = state;
    this.#go = go;
    const { messages, names, graph } = state;
    this.#rate = h("input", "small-number", {
      type: "number",
      min: 0,
      step: "any",
      value: 0.1,
      "aria-label": messages.rate,
      title: messages.rate,
    });
    this.#momentum = h("input", "check", { type: "checkbox" });
    this.#zeroes = h("input", "check", { type: "checkbox", checked: true });
    this.#loss = h("select", "select", { "aria-label": messages.loss, title: messages.loss });
    for (const root of graph.outputs) this.#loss.append(h("option", "", { value: root }, names.of(root)));
    this.#loss.value = String(graph.outputs.at(-1));
    this.#loss.addEventListener("change", () => {
      this.#player.stop();
      this.#descent.turn();
      this.update();
    });
    const step = button("p ← p − lr·grad", messages.learnHint, () => {
      this.#player.stop();
      this.step();
    });
    this.#play = button(messages.play, messages.learnHint, () => this.#toggle());
    this.#back = button(messages.backToStart, messages.backToStart, () => this.#toStart());
    const controls = group(
      messages.learn,
      ...(graph.outputs.length > 1 ? [this.#loss] : []),
      step,
      h("label", "label", { title: messages.rate }, "lr ", this.#rate),
      this.#play,
      h("label", "label", { title: messages.momentumHint }, this.#momentum, messages.momentum),
      h("label", "label", { title: messages.zeroesHint }, this.#zeroes, messages.zeroes),
    );
    // It has its place before the first step, so that nothing moves from under the hand.
    this.#results = h("span", "group", {}, this.#back, this.#plot, this.#told);
    this.element = h("span", "learn", {}, controls, this.#results);
  }

  update(): void {
    const { messages } = this.#state;
    const { trail, steps } = this.#descent;
    setText(this.#play, this.#player.isPlaying ? messages.pause : messages.play);
    this.#results.classList.toggle("agw-unseen", steps === 0);
    this.#line.setAttribute("points", lossLine(trail.map((point) => point.loss)));
    const loss = trail.at(-1)?.loss;
    const told = loss === undefined ? "" : messages.learned(steps, formatValue(loss));
    setText(this.#told, this.#descent.hasDiverged ? messages.diverged(steps) : told);
    this.#told.classList.toggle("agw-alert", this.#descent.hasDiverged);
  }

  /** One step of descent; false when it leads nowhere any more. */
  step(): boolean {
    const state = this.#state;
    if (state.isWaiting) return true;
    const settings = {
      loss: Number(this.#loss.value),
      rate: Number(this.#rate.value),
      momentum: this.#momentum.checked ? 0.9 : 0,
      zeroes: this.#zeroes.checked,
    };
    state.replayTo(undefined);
    this.#descent.begin(state);
    const isFirst = this.#descent.trail.length === 0;
    // The last pass must be one from this loss, and where zero_grad() is called, the only one.
    const { root, passes, carried } = state;
    const { loss, zeroes } = settings;
    if (zeroes && (root !== loss || passes.length > 1)) this.#go({ values: {}, passes: [loss], carried: {} });
    else if (root !== loss) this.#go({ values: {}, passes: [...passes, loss], carried });
    if (isFirst) this.#descent.mark(state, loss);
    this.#go(this.#descent.next(state, settings));
    this.#descent.mark(state, loss);
    this.update();
    return !this.#descent.hasDiverged;
  }

  /** Where a leaf has been, and the loss there. */
  trailOf(leaf: number): { x: number; y: number }[] {
    const at = this.#state.leaves.indexOf(leaf);
    return at < 0 ? [] : this.#descent.trail.map(({ loss, values }) => ({ x: values[at]!, y: loss }));
  }

  stop(): void {
    this.#player.stop();
  }

  #toggle(): void {
    if (this.#player.isPlaying) this.#player.stop();
    else this.#player.play(() => this.step(), EVERY_MS);
  }

  #toStart(): void {
    this.#player.stop();
    const start = this.#descent.back();
    if (start) this.#go(start);
    this.update();
  }
}

/** The losses as a line, the lowest at the bottom. */
function lossLine(losses: readonly number[]): string {
  const shown = losses.filter(Number.isFinite);
  const low = Math.min(...shown);
  const height = Math.max(...shown) - low || 1;
  const x = (i: number) => 2 + ((PLOT.width - 4) * i) / Math.max(1, shown.length - 1);
  const y = (loss: number) => 3 + (PLOT.height - 6) * (1 - (loss - low) / height);
  return shown.map((loss, i) => `${x(i).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
}
