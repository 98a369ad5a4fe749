/** First a sentence: what the root is, what this pass gave, what `.grad` is now. */

import { formatGradient, formatValue } from "../format.ts";
import type { State } from "../state.ts";
import { h, withStrong } from "./dom.ts";

/** As many gradients as fit in a sentence. */
const MOST = 3;

export class Say {
  readonly element = h("div", "agw-say", { "aria-live": "off" });
  readonly #state: State;
  readonly #sentence = h("span", "agw-sentence");
  readonly #alert = h("span", "agw-alert", { role: "alert" });
  #shown = "";

  constructor(state: State) {
    this.#state = state;
    if (state.notice === "noDot") this.element.append(h("div", "agw-notice", {}, state.messages.noDot));
    this.element.append(this.#sentence, this.#alert);
  }

  update(): void {
    const text = sentence(this.#state);
    if (text !== this.#shown) this.#sentence.replaceChildren(...withStrong(text));
    this.#shown = text;
    this.#alert.textContent = "";
  }

  /** Tell what went wrong; gone with the next change. */
  alert(text: string): void {
    this.#alert.textContent = ` ${text}`;
  }
}

function sentence(state: State): string {
  const { graph, names, messages, passes, subject } = state;
  const root = messages.root(names.of(subject), precise(graph.values[subject]!));
  if (passes.length === 0) return messages.sentences(root, messages.noPass());
  if (!graph.needsGrad[subject]) return messages.sentences(root, messages.nothingReached());
  const gradient = (leaf: number) => graph.passGrads[leaf]!;
  const parameters = state.leaves
    .filter((leaf) => state.status(leaf) === "reached")
    .sort((a, b) => Math.abs(gradient(b)) - Math.abs(gradient(a)));
  const first = parameters[0];
  if (first === undefined) return messages.sentences(root);
  const told = parameters
    .slice(0, MOST)
    .map((leaf) => `**${names.of(leaf)} ${formatGradient(gradient(leaf))}**`);
  const thisPass = messages.thisPass(messages.list(told, parameters.length - told.length));
  if (passes.length === 1) return messages.sentences(root, thisPass);
  const total = formatValue(graph.grads[first]!);
  return messages.sentences(
    root,
    thisPass + messages.passesBefore(passes.length - 1, names.of(first), total),
  );
}

/** One digit more than on the cards: here there is room. */
function precise(value: number): string {
  const size = Math.abs(value);
  return size >= 0.001 && size < 1000
    ? String(Number(value.toFixed(3))).replace("-", "−")
    : formatValue(value);
}
