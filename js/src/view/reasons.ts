/** Why a number is 0, or not finite, or not there: in a word for the card, in a sentence for the inspector. */

import type { Diagnosis } from "../analysis/diagnose.ts";
import type { State } from "../session/state.ts";
import { h, marked, withLinks } from "./dom.ts";

/** Diagnosis of the gradient of this pass; undefined for an ordinary number. */
function gradientWhy(state: State, id: number): Diagnosis | undefined {
  return state.isReplaying ? undefined : state.reasons.ofGradient(id);
}

/** The diagnosis as a part of a sentence, for `withLinks`; empty for an ordinary number. */
export function reasonWords(state: State, id: number, of: "value" | "gradient"): string {
  const why = of === "value" ? state.reasons.ofValue(id) : gradientWhy(state, id);
  if (!why) return "";
  const { at, root, factor, kind }: { at?: number; root?: number; factor?: number; kind: Diagnosis["kind"] } =
    why;
  const name = (node: number | undefined) =>
    node === undefined ? "" : node === id ? state.names.of(id) : marked(state.names.of(node), node, "");
  const words = state.messages.diagnoses[kind];
  const said =
    (kind === "dead relu" && openingWords(state, at!, name)) ||
    (typeof words === "string" ? words : words(name(at), name(factor ?? root)));
  return said.slice(0, -1); // the sentence that it becomes a part of has a stop of its own
}

/** The value of a leaf at which a relu would open; undefined where none opens it alone. */
function openingWords(state: State, relu: number, name: (node: number) => string): string | undefined {
  for (const leaf of state.leaves) {
    const opening = state.opening(leaf);
    if (opening?.relu === relu)
      return state.messages.opens(name(relu), name(leaf), state.spelling.write(opening.above));
  }
  return undefined;
}

/** The sentence, in which names lead to their nodes. */
export function reason(state: State, id: number, of: "value" | "gradient"): HTMLElement | undefined {
  const words = reasonWords(state, id, of);
  return words ? h("p", "text why", {}, ...withLinks(words + state.messages.stop.trim())) : undefined;
}

/** The word for the card: why its gradient is no ordinary number, or that its value is the first such. */
export function shortReason(state: State, id: number): string {
  const { messages, names, reasons, isReplaying } = state;
  const word = ({ kind }: Diagnosis) => messages.short[kind] ?? "";
  const why = gradientWhy(state, id);
  const isFirst = why?.kind === "first nan" || why?.kind === "first inf";
  if (isFirst && why.at !== id) return messages.from(names.of(why.at));
  if (why) return word(why);
  const made = isReplaying ? undefined : reasons.ofValue(id);
  return made && "at" in made && made.at === id ? word(made) : "";
}
