/** Learn: gradient descent on one of the roots, step by step or by itself. Its settings and its way have a row of their own. */

import { Sweep } from "../../analysis/slope.ts";
import { Descent, type Moved, type Settings } from "../../session/descent.ts";
import type { State } from "../../session/state.ts";
import type { Deed } from "../../session/undo.ts";
import { button, type Child, h, on, setText, toggle } from "../dom.ts";
import { lossPlot, written } from "./lossplot.ts";
import { playerOf } from "./player.ts";
import { ranked } from "./say.ts";

const EVERY_MS = 120;
/** Step down a slope that may never end. */
const FAR = 1e4;

export interface Learn {
  /** The row: there when it is asked for. */
  readonly element: HTMLElement;
  /** The button that asks for it. */
  readonly opener: HTMLButtonElement;
  update(): void;
  /** Words on what it won't lead to; empty while nobody learns. */
  warning(): string;
  /** Values that a leaf has had, and the loss there. */
  trailOf(leaf: number): { x: number; y: number }[];
  /** Forget the way: what it led to was taken back. */
  forget(): void;
  stop(): void;
}

export function learnOf(state: State, go: (to: Moved, deed: Deed) => void, onOpen: () => void): Learn {
  const { messages } = state;
  const descent = new Descent();
  const settings = settingsOf(state, () => {
    player.stop();
    descent.turn();
    update();
  });
  const step = () => {
    if (state.isWaiting) return true;
    const chosen = settings.chosen();
    state.replayTo(undefined);
    descent.begin(state);
    // The pass of the step is on the canvas, unless it is one from another root, or a preview that is to be added.
    if (state.root !== chosen.loss || (state.isPreview && !chosen.zeroes)) {
      const earlier = chosen.zeroes ? [] : state.passes.records.map(({ wire }) => wire);
      go({ values: {}, passes: [...earlier, { root: chosen.loss }] }, { kind: "learn", steps: 0 });
    }
    if (descent.trail.length === 0) descent.mark(state, chosen.loss);
    go(descent.next(state, chosen), { kind: "learn", steps: 1 });
    descent.mark(state, chosen.loss);
    update();
    return !descent.hasDiverged;
  };
  const once = button("p ← p − lr·grad", messages.learnHint, () => {
    player.stop();
    step();
  });
  const play = button(messages.play, messages.learnHint, () => player.toggle());
  const back = button(messages.backToStart, messages.backToStart, () => {
    player.stop();
    const start = descent.back();
    state.narrow();
    if (start) go(start, { kind: "start" });
    update();
  });
  const told = h("span", "mute told");
  const plot = lossPlot();
  // It has its place before the first step, so that nothing moves from under the hand.
  const results = h("span", "group", { title: messages.lossPlot }, back, plot.element, told);
  const element = h(
    "div",
    "bar learn",
    { role: "group", "aria-label": messages.learn, hidden: true },
    settings.element(once, play),
    results,
  );
  const opener = button(`${messages.learn} ▾`, messages.learnHint, () => {
    element.hidden = !element.hidden;
    onOpen();
  });
  const update = () => {
    const { trail, earlier, steps, hasDiverged } = descent;
    opener.ariaExpanded = String(!element.hidden);
    setText(play, player.isPlaying ? messages.pause : messages.play);
    toggle(results, "unseen", steps === 0);
    plot.update(trail, earlier);
    const loss = trail.at(-1)?.loss;
    const words = loss === undefined ? "" : messages.learned(steps, written(loss));
    setText(told, hasDiverged ? messages.diverged(steps) : words);
    toggle(told, "alert", hasDiverged);
  };
  const player = playerOf(step, () => EVERY_MS, update);
  return {
    element,
    opener,
    update,
    warning: () => (element.hidden ? "" : warningOf(state, settings.chosen().loss)),
    trailOf(leaf) {
      const at = state.leaves.indexOf(leaf);
      return at < 0 ? [] : descent.trail.map(({ loss, values }) => ({ x: values[at]!, y: loss }));
    },
    forget() {
      player.stop();
      descent.back();
      update();
    },
    stop: player.stop,
  };
}

/** The controls of descent, with the buttons that run it among them. */
function settingsOf({ messages, names, graph }: State, onOtherLoss: () => void) {
  const { loss, rate } = messages;
  const roots = graph.outputs.map((root) => h("option", "", { value: root }, names.of(root)));
  const root = h("select", "field", { "aria-label": loss, title: loss }, ...roots);
  root.value = String(graph.outputs.at(-1));
  on(root, ["change"], onOtherLoss);
  const speed = h("input", "field", { type: "number", min: 0, step: "any", value: 0.1, "aria-label": rate });
  const momentum = h("input", "check", { type: "checkbox" });
  const zeroes = h("input", "check", { type: "checkbox", checked: true });
  const label = (title: string, ...children: Child[]) => h("label", "group label", { title }, ...children);
  return {
    element: (once: HTMLElement, play: HTMLElement) =>
      h(
        "span",
        "group",
        {},
        roots.length > 1 && root,
        once,
        label(rate, "lr ", speed),
        play,
        label(messages.momentumHint, momentum, messages.momentum),
        label(messages.zeroesHint, zeroes, messages.zeroes),
      ),
    chosen: (): Settings => ({
      loss: Number(root.value),
      rate: Number(speed.value),
      momentum: momentum.checked ? 0.9 : 0,
      zeroes: zeroes.checked,
    }),
  };
}

/** Words on what descent won't lead to: a minimum of a loss that falls without end, and through a relu that is off. */
function warningOf(state: State, loss: number): string {
  const { graph, messages, names } = state;
  const [leaf] = state.root === loss ? ranked(state) : [];
  const relus = [...graph.ops.keys()].filter((id) => graph.ops[id] === "relu");
  const off = relus.filter((id) => !(graph.values[id]! > 0)).length;
  const warnings = [
    leaf !== undefined && isEndless(state, leaf, loss) && messages.noMinimum(names.of(loss), names.of(leaf)),
    off && `${messages.short["dead relu"]}: ${off} / ${relus.length}`,
  ];
  return warnings.filter(Boolean).join(messages.stop);
}

/** Test whether the loss still falls far away as steeply as here. */
function isEndless({ graph }: State, leaf: number, loss: number): boolean {
  const sweep = new Sweep(graph, leaf, loss);
  const slope = graph.passGrads[leaf]!;
  const far = (times: number) => sweep.at(graph.values[leaf]! - Math.sign(slope) * times * FAR);
  return far(2) - far(1) < -0.9 * Math.abs(slope) * FAR;
}
