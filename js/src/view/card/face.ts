/** Words of cards. */

import { exact } from "../../analysis/format.ts";
import type { Link } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { h, hueIn, setAttribute, setText, toggle, withoutLinks } from "../dom.ts";
import { reasonWords, shortReason } from "../reasons.ts";

/** Placeholder for a number that a replay has yet to reach. */
const NOTHING = "·";

/** The row of this pass. */
export interface GradientWords {
  /** Its own name, or the reason why it is 0. */
  readonly name: string;
  readonly words: string;
  readonly gradient: number | undefined;
  /** Name and words in one text. */
  readonly told: string;
  /** Meaning in words: the derivative in full, or the reason for a number that is no ordinary one. */
  readonly title: string;
  /** It belongs to a branch that the program would not take now. */
  readonly isLeft: boolean;
}

/** `∂h3/∂w`; a dot stands for what has no label. */
export function derivativeName({ names, subject }: State, id: number): string {
  return `∂${names.label(subject) || "·"}/∂${names.label(id) || "·"}`;
}

export function valueWords(state: State, id: number): string {
  const value = state.value(id);
  return value === undefined ? NOTHING : state.spelling.write(value);
}

/** A `.grad`; where no pass has brought one, whether one is previewed. */
export function totalWords(
  { isPreview, passes, messages, spelling }: State,
  total: number | undefined,
): string {
  if (total !== undefined) return spelling.write(total);
  return isPreview && passes.roots.length > 0 ? messages.preview : messages.notRunYet;
}

export function gradientWords(state: State, id: number): GradientWords {
  const { messages } = state;
  const status = state.status(id);
  const gradient = gradientHere(state, id);
  const none = { "not tracked": messages.notTracked, "not reached": messages.notReached, "not yet": NOTHING };
  const words =
    gradient === undefined ? none[status as keyof typeof none] : state.spelling.gradient(gradient);
  const subject = state.names.of(state.subject);
  const why = customWords(state, id) || shortReason(state, id);
  const name = status === "seed" ? messages.seed : derivativeName(state, id);
  return {
    name: why || (gradient === undefined ? "" : name),
    words,
    gradient,
    told: why ? `${words} (${why})` : words,
    title:
      withoutLinks(reasonWords(state, id, "gradient")) ||
      (status === "seed" ? messages.stepSeed(subject) : `∂${subject}/∂${state.names.of(id)}`),
    isLeft: state.isLeft(id) || state.comesFromLeft(state.adjacency.usesOf(id)),
  };
}

/** Contribution of a sample to the gradient of a shared node; undefined where the pass did not come. */
export function gradientOfSample(state: State, id: number, sample: number): number | undefined {
  const { batch } = state.folds;
  if (state.gradient(id) === undefined) return undefined;
  return state.adjacency
    .consumersOf(id)
    .filter((edge) => batch!.sampleOf(edge.consumer) === sample && state.flows(edge))
    .reduce((sum, edge) => sum + state.contribution(edge), 0);
}

/** The gradient of a leaf in a row: where one sample is drawn what that adds to it, as on its lines. */
export function gradientHere(state: State, leaf: number): number | undefined {
  const { stack } = state.folds;
  if (!stack || stack.isSum || stack.sampleOf(leaf) >= 0) return state.gradient(leaf);
  return gradientOfSample(state, leaf, stack.shown);
}

/** The gradient in a row, where a leaf that is not tracked has none: its frame says so. */
export function rowGradient(state: State, leaf: number): GradientWords {
  const words = gradientWords(state, leaf);
  return state.graph.needsGrad[leaf] ? words : { ...words, words: "–" };
}

/** Test whether a node's gradient is said nowhere else: with one user it is the number on its line. */
export function hasOwnGradient(state: State, id: number): boolean {
  return state.graph.needsGrad[id] === 1 && state.adjacency.consumersOf(id).length !== 1;
}

/** Have an element say a number, or the words in place of one. */
export function showNumber(element: Element, words: string, x: number | undefined): void {
  setText(element, words);
  setAttribute(element, "title", x === undefined ? null : exact(x));
}

/** Show a gradient with its hue; without one where it `isLeft` with its branch. */
export function showGradient(
  element: Element,
  words: string,
  gradient: number | undefined,
  isLeft = false,
): void {
  showNumber(element, words, gradient);
  const hue = gradient === undefined ? "none" : isLeft ? "zero" : hueIn(words).trim();
  for (const name of ["none", "negative", "zero", "strange"]) toggle(element, name, hue === name);
}

/** The numbers of a node on the canvas, and where it says them to those who listen. */
export interface NumbersOf {
  readonly value: HTMLElement;
  readonly grad: HTMLElement;
  /** Show the state; `role` is what the node is, in a word. */
  show(element: Element, role: string, words: GradientWords): void;
}

export function numbersOf(state: State, id: number): NumbersOf {
  const value = h("span", "value", { "data-value": true });
  const grad = h("span", "grad", { "data-pass-grad": true });
  return {
    value,
    grad,
    show(element, role, { words, gradient, told, isLeft }) {
      const written = valueWords(state, id);
      showNumber(value, written, state.value(id));
      showGradient(grad, words, gradient, isLeft);
      setAttribute(element, "aria-label", state.messages.node(state.names.of(id), role, written, told));
    },
  };
}

/** Attributes of the element of a node. */
export function nodeAttributes(state: State, id: number) {
  return { "data-node": id, "data-kind": state.kind(id), tabindex: 0, role: "group" };
}

/** Of a custom op who computes it. */
function customWords({ graph, messages, isWaiting }: State, id: number): string {
  const custom = graph.customs.get(id);
  return custom ? messages.computedBy[custom.live ? (isWaiting ? "asked" : "kernel") : "nobody"] : "";
}

/** Contribution along a link; to several producers, the largest one. */
export function edgeWords(state: State, link: Link, sent: number): string {
  const words = state.spelling.gradient(sent);
  return state.isShared(link) ? words.replace("+", "≤") : words;
}
