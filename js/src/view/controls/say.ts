/** First a sentence: what the root is, what this pass gave, what `.grad` is now; in a replay, what this step does. */

import type { Step } from "../../analysis/steps.ts";
import type { Guard } from "../../engine/graph.ts";
import { listed } from "../../i18n/index.ts";
import type { State } from "../../session/state.ts";
import { h, marked, setText, withLinks } from "../dom.ts";
import { callsOf } from "../inspector/ledger.ts";
import { reasonWords } from "../reasons.ts";
import { along, inNames, inNumbers, local } from "../written.ts";

/** As many gradients as fit in a sentence. */
const MOST = 3;
/** Names of results that are to be small. */
const LOSS = /loss|err|cost|^L\d*$/i;

export interface Say {
  readonly element: HTMLElement;
  update(): void;
  /** Tell what just happened, until something else does: once, instead of how things stand. */
  tell(happened: string | undefined): void;
  /** Tell what went wrong; gone with the next change. */
  alert(text: string): void;
}

/** `standing` is said after the sentence as long as nothing went wrong. */
export function sayOf(state: State, standing: () => string): Say {
  const said = h("span", "sentence");
  const alert = h("span", "alert", { role: "alert" });
  const element = h("div", "say", {}, said, alert);
  if (state.notice === "noDot") element.prepend(h("div", "mute", {}, state.messages.noDot));
  let news: string | undefined;
  let shown = "";
  return {
    element,
    update() {
      const { isReplaying, currentStep } = state;
      const isStep = isReplaying || currentStep !== undefined;
      const text = isStep ? "" : sentence(state, news);
      if (isStep) said.replaceChildren(...stepWords(state, currentStep));
      else if (text !== shown) said.replaceChildren(...withLinks(text));
      shown = text;
      element.toggleAttribute("data-guard", state.graph.turned().length > 0);
      setText(alert, standing().trimEnd());
    },
    tell(happened) {
      news = happened;
    },
    alert: (text) => setText(alert, ` ${text}`),
  };
}

function sentence(state: State, news: string | undefined): string {
  const { messages, names, subject, graph } = state;
  const root = `${marked(names.of(subject), subject, "")} = ${state.spelling.write(graph.values[subject]!)}`;
  const { stop } = messages;
  const [turned] = graph.turned();
  const told = news ?? state.check?.said;
  const more = told === undefined ? [passWords(state), turnWords(state)] : [told];
  const words = turned
    ? turnedWords(state, turned, root)
    : [root, ...more, reasonWords(state, subject, "value")].filter(Boolean).join(stop);
  return words + stop.trim();
}

/** The leaves that the pass has come to, those with the largest gradients first. */
export function ranked(state: State): number[] {
  const size = (leaf: number) => Math.abs(state.graph.passGrads[leaf]!);
  return state.leaves.filter((leaf) => state.gradient(leaf) !== undefined).sort((a, b) => size(b) - size(a));
}

/** Advice for the leaf with the largest gradient: a gradient below 0 reads as 'turn down', and says the opposite. */
function turnWords(state: State): string {
  const { graph, messages, names, subject } = state;
  const [leaf = subject] = ranked(state);
  const slope = graph.passGrads[leaf]!;
  if (leaf === subject || !slope || !Number.isFinite(slope)) return "";
  const root = names.of(subject);
  const words = LOSS.test(root) ? messages.toLower : messages.raising;
  return words(slope < 0 ? 1 : 2, marked(names.of(leaf), leaf, ""), root);
}

/** Sentence about a comparison that has turned round: `v <= 0 was False, and is True now`. */
function turnedWords(state: State, [op, left, right, outcome]: Guard, root: string): string {
  const { names, messages, asksPython } = state;
  const written = (x: boolean) => (x ? "True" : "False");
  const comparison = `${names.of(left)} ${op} ${names.of(right)}`;
  const words = messages.otherWay(root, comparison, written(outcome), written(!outcome));
  return asksPython ? words + messages.stop + messages.computedBy.asked : words;
}

/** Gradients of the pass on the canvas, and the contents of `.grad`. */
export function passWords(state: State): string {
  const { graph, names, messages, passes, subject } = state;
  if (!graph.needsGrad[subject]) return messages.nothingReached;
  const gradient = (leaf: number) => graph.passGrads[leaf]!;
  const parameters = ranked(state);
  const first = parameters[0];
  if (first === undefined) return "";
  const told = parameters
    .slice(0, MOST)
    .map((leaf) => marked(`${names.of(leaf)} ${state.spelling.gradient(gradient(leaf))}`, leaf));
  const list =
    (gradient(first) === 0 && reasonWords(state, first, "gradient")) ||
    listed(messages, told, parameters.length - told.length);
  const total = state.total(first);
  if (!state.isPreview) return messages.thisPass(list) + besides(state, first);
  const would = messages.wouldGive(callsOf(state), list);
  if (passes.haveRun || total !== undefined) return would + besides(state, first);
  return would + messages.stillZero;
}

/** Other contents of a leaf's `.grad`; empty where the pass on the canvas is all. */
function besides(state: State, leaf: number): string {
  const { names, messages } = state;
  const records = state
    .ledger(leaf)
    .flatMap(({ record, added }) => (record && added !== undefined ? record : []));
  const count = (of: (typeof records)[number][]) => of.reduce((sum, record) => sum + record.count, 0);
  const told = (of: number, say: (count: number) => string) => (of > 0 ? [say(of)] : []);
  // A loop makes its result anew: passes from one of the same name are passes at other values.
  const isElsewhere = ({ root, name }: (typeof records)[number]) =>
    root === undefined && name !== "" && name !== names.of(state.subject);
  const stay = records.filter(({ isLive, isByHand }) => !isLive && !isByHand);
  const byHand = records.find(({ isByHand }) => isByHand)?.added.get(leaf);
  const parts = [
    ...told(records.filter(({ isLive }) => isLive).length - 1, messages.passBefore),
    ...told(count(stay.filter((record) => !isElsewhere(record))), messages.atOtherValues),
    ...told(count(stay.filter(isElsewhere)), messages.fromElsewhere),
    ...(byHand === undefined ? [] : [messages.setByHand(state.spelling.write(byHand))]),
  ];
  if (parts.length === 0) return "";
  return messages.besides(listed(messages, parts), names.of(leaf), state.spelling.write(state.total(leaf)!));
}

/** Computation of a step, with the numbers in. */
function stepWords(state: State, step: Step | undefined): (Node | string)[] {
  const { names, messages, spelling } = state;
  if (!step) {
    const isEarlier = state.leaves.some((leaf) => (state.total(leaf) ?? 0) !== 0);
    return [messages.stepNone, isEarlier ? messages.stepEarlier : ""];
  }
  const name = names.of(step.node);
  if (step.kind === "seed") return [messages.stepSeed(name)];
  if (step.kind === "forward") {
    const formula = inNames(state, step.node);
    return [messages.stepForward, " ", ...(formula ? [formula, " "] : []), inNumbers(state, step.node)];
  }
  const upstream = state.graph.passGrads[step.node]!;
  const sent = state.adjacency
    .operandsOf(step.node)
    .filter((edge) => state.flows(edge))
    .map((edge, i, edges) => {
      const slope = spelling.factor(local(state, edge));
      // Of a sum there is nothing to say.
      const owner = /^−?1$/.test(slope) ? "" : ` (${along(state, edge).textContent})`;
      const product = `${spelling.factor(upstream)} · ${slope.startsWith("−") ? `(${slope})` : slope}${owner}`;
      const contribution = state.contribution(edge);
      const total = state.gradient(edge.producer)!;
      const isLast = !edges.slice(i + 1).some(({ producer }) => producer === edge.producer);
      const words = marked(spelling.gradient(contribution), edge.producer);
      const now = isLast && total !== contribution ? messages.nowHas(spelling.gradient(total)) : "";
      return messages.stepSent(names.of(edge.producer), product, words) + now;
    });
  const all = sent.join(messages.comma) || messages.sendsNothing;
  return withLinks(messages.stepBackward(name, spelling.factor(upstream), all));
}
