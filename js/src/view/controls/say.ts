/** First a sentence: what the root is, what this pass gave, what `.grad` is now; in a replay, what this step does. */

import { formatGradient, formatInFull } from "../../analysis/format.ts";
import type { Step } from "../../analysis/steps.ts";
import type { State } from "../../session/state.ts";
import { h, marked, withStrong } from "../dom.ts";
import { factor, inNames, inNumbers, local } from "../written.ts";

/** As many gradients as fit in a sentence. */
const MOST = 3;

export class Say {
  readonly element = h("div", "say");
  readonly #state: State;
  readonly #sentence = h("span", "sentence");
  readonly #alert = h("span", "alert", { role: "alert" });
  #shown = "";

  constructor(state: State) {
    this.#state = state;
    if (state.notice === "noDot") this.element.append(h("div", "mute", {}, state.messages.noDot));
    this.element.append(this.#sentence, this.#alert);
  }

  update(): void {
    const { isReplaying, currentStep } = this.#state;
    const isStep = isReplaying || currentStep !== undefined;
    if (isStep) this.#sentence.replaceChildren(...stepWords(this.#state, currentStep));
    const text = isStep ? "" : sentence(this.#state);
    if (!isStep && text !== this.#shown) this.#sentence.replaceChildren(...withStrong(text));
    this.#shown = text;
    this.#alert.textContent = "";
  }

  /** Tell what went wrong; gone with the next change. */
  alert(text: string): void {
    this.#alert.textContent = ` ${text}`;
  }
}

function sentence(state: State): string {
  const { names, messages, subject, graph } = state;
  const root = `${names.of(subject)} = ${formatInFull(graph.values[subject]!)}`;
  const { stop } = messages;
  return [root, ...passWords(state)].join(stop) + stop.trim();
}

/** What the last pass gave, and what is in `.grad` now. */
function passWords(state: State): string[] {
  const { graph, names, messages, passes, subject } = state;
  if (passes.length === 0) return [messages.noPass];
  if (!graph.needsGrad[subject]) return [messages.nothingReached];
  const gradient = (leaf: number) => graph.passGrads[leaf]!;
  const parameters = state.leaves
    .filter((leaf) => state.gradient(leaf) !== undefined)
    .sort((a, b) => Math.abs(gradient(b)) - Math.abs(gradient(a)));
  const first = parameters[0];
  if (first === undefined) return [];
  const told = parameters
    .slice(0, MOST)
    .map((leaf) => marked(`${names.of(leaf)} ${formatGradient(gradient(leaf), formatInFull)}`));
  const thisPass = messages.thisPass(messages.list(told, parameters.length - told.length));
  const carried = state.ledger(first)[0]?.root === undefined;
  if (passes.length === 1 && !carried) return [thisPass];
  const total = formatInFull(state.total(first)!);
  return [thisPass + messages.passesBefore(passes.length - 1, carried, names.of(first), total)];
}

/** What a step computes, with the numbers in. */
function stepWords(state: State, step: Step | undefined): (Node | string)[] {
  const { names, messages } = state;
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
  const sent = state
    .operandsOf(step.node)
    .filter((edge) => state.flows(edge))
    .map((edge, i, edges) => {
      const slope = factor(local(state, edge));
      const product = `${factor(upstream)} · ${slope.startsWith("−") ? `(${slope})` : slope}`;
      const contribution = state.contribution(edge);
      const total = state.gradient(edge.producer)!;
      const isLast = !edges.slice(i + 1).some(({ producer }) => producer === edge.producer);
      return messages.stepSent(
        names.of(edge.producer),
        product,
        marked(formatGradient(contribution, formatInFull)),
        isLast && total !== contribution ? formatGradient(total, formatInFull) : "",
      );
    });
  return withStrong(messages.stepBackward(name, factor(upstream), sent));
}
