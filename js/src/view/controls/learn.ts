/** Learn: gradient descent on one of the roots, step by step or by itself. Its settings and its way have a row of their own. */

import { formatValue } from "../../analysis/format.ts";
import { Descent, type Moved, type Point } from "../../session/descent.ts";
import type { State } from "../../session/state.ts";
import type { Deed } from "../../session/undo.ts";
import { button, h, on, s, setText, toggle } from "../dom.ts";
import { Player } from "./player.ts";

const EVERY_MS = 120;
const WIDTH = 120;
const HEIGHT = 26;

export class Learn {
  /** The row: there when it is asked for. */
  readonly element: HTMLElement;
  /** The button that asks for it. */
  readonly opener: HTMLButtonElement;
  readonly #state: State;
  readonly #go: (to: Moved, deed: Deed) => void;
  readonly #descent = new Descent();
  readonly #player = new Player(() => this.update());
  readonly #rate: HTMLInputElement;
  readonly #momentum = h("input", "check", { type: "checkbox" });
  readonly #zeroes = h("input", "check", { type: "checkbox", checked: true });
  readonly #loss: HTMLSelectElement;
  readonly #play: HTMLButtonElement;
  readonly #results: HTMLElement;
  readonly #told = h("span", "mute told");
  readonly #line = s("polyline", "curve");
  /** The way before it went back to the start, to compare. */
  readonly #earlier = s("polyline", "curve earlier");

  constructor(state: State, go: (to: Moved, deed: Deed) => void) {
    this.#state = state;
    this.#go = go;
    const { messages, names, graph } = state;
    const { learn, loss, rate, learnHint, backToStart } = messages;
    const roots = graph.outputs.map((root) => h("option", "", { value: root }, names.of(root)));
    this.#loss = h("select", "field", { "aria-label": loss, title: loss }, ...roots);
    this.#loss.value = String(graph.outputs.at(-1));
    on(this.#loss, ["change"], () => {
      this.#player.stop();
      this.#descent.turn();
      this.update();
    });
    this.#rate = h("input", "field", { type: "number", min: 0, step: "any", value: 0.1, "aria-label": rate });
    const step = button("p ← p − lr·grad", learnHint, () => {
      this.#player.stop();
      this.step();
    });
    this.#play = button(messages.play, learnHint, () => this.#player.toggle(() => this.step(), EVERY_MS));
    const back = button(backToStart, backToStart, () => this.#toStart());
    const label = (title: string, ...children: (Node | string)[]) =>
      h("label", "group label", { title }, ...children);
    const plot = s(
      "svg",
      "loss",
      { width: WIDTH, height: HEIGHT, "aria-hidden": "true" },
      this.#earlier,
      this.#line,
    );
    // It has its place before the first step, so that nothing moves from under the hand.
    this.#results = h("span", "group", { title: messages.lossPlot }, back, plot, this.#told);
    this.element = h(
      "div",
      "bar learn",
      { role: "group", "aria-label": learn, hidden: true },
      h(
        "span",
        "group",
        {},
        graph.outputs.length > 1 && this.#loss,
        step,
        label(rate, "lr ", this.#rate),
        this.#play,
        label(messages.momentumHint, this.#momentum, messages.momentum),
        label(messages.zeroesHint, this.#zeroes, messages.zeroes),
      ),
      this.#results,
    );
    this.opener = button(`${learn} ▾`, learnHint, () => {
      this.element.hidden = !this.element.hidden;
      this.update();
    });
  }

  update(): void {
    const { messages } = this.#state;
    const { trail, earlier, steps, hasDiverged } = this.#descent;
    this.opener.ariaExpanded = String(!this.element.hidden);
    setText(this.#play, this.#player.isPlaying ? messages.pause : messages.play);
    toggle(this.#results, "unseen", steps === 0);
    this.#line.setAttribute("points", lossLine(trail, earlier));
    this.#earlier.setAttribute("points", lossLine(earlier, trail));
    const loss = trail.at(-1)?.loss;
    const told = loss === undefined ? "" : messages.learned(steps, formatValue(loss));
    setText(this.#told, hasDiverged ? messages.diverged(steps) : told);
    toggle(this.#told, "alert", hasDiverged);
  }

  /** One step of descent; false when it leads nowhere any more. */
  step(): boolean {
    const state = this.#state;
    if (state.isWaiting) return true;
    const descent = this.#descent;
    const loss = Number(this.#loss.value);
    const zeroes = this.#zeroes.checked;
    const settings = {
      loss,
      rate: Number(this.#rate.value),
      momentum: this.#momentum.checked ? 0.9 : 0,
      zeroes,
    };
    state.replayTo(undefined);
    descent.begin(state);
    // The pass of the step is on the canvas, unless it is one from another root, or a preview that is to be added.
    if (state.root !== loss || (state.isPreview && !zeroes)) {
      const earlier = zeroes ? [] : state.passes.records.map(({ wire }) => wire);
      this.#go({ values: {}, passes: [...earlier, { root: loss }] }, { kind: "learn", steps: 0 });
    }
    if (descent.trail.length === 0) descent.mark(state, loss);
    this.#go(descent.next(state, settings), { kind: "learn", steps: 1 });
    descent.mark(state, loss);
    this.update();
    return !descent.hasDiverged;
  }

  /** Where a leaf has been, and the loss there. */
  trailOf(leaf: number): { x: number; y: number }[] {
    const at = this.#state.leaves.indexOf(leaf);
    return at < 0 ? [] : this.#descent.trail.map(({ loss, values }) => ({ x: values[at]!, y: loss }));
  }

  /** Forget the way: what it led to was taken back. */
  forget(): void {
    this.#player.stop();
    this.#descent.back();
    this.update();
  }

  stop(): void {
    this.#player.stop();
  }

  #toStart(): void {
    this.#player.stop();
    const start = this.#descent.back();
    this.#state.narrow();
    if (start) this.#go(start, { kind: "start" });
    this.update();
  }
}

/** Losses as a line, the lowest at the bottom, in the frame that holds the other line too. */
function lossLine(trail: readonly Point[], other: readonly Point[]): string {
  const finite = (points: readonly Point[]) => points.map(({ loss }) => loss).filter(Number.isFinite);
  const all = finite([...trail, ...other]);
  const low = Math.min(...all);
  const height = Math.max(...all) - low || 1;
  const last = Math.max(1, trail.length - 1, other.length - 1);
  const x = (i: number) => 2 + ((WIDTH - 4) * i) / last;
  const y = (loss: number) => 3 + (HEIGHT - 6) * (1 - (loss - low) / height);
  return finite(trail)
    .map((loss, i) => `${x(i).toFixed(1)},${y(loss).toFixed(1)}`)
    .join(" ");
}
