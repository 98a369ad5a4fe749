/** Why a number is 0, or not finite, or not there: in a word for the card, in a sentence for the inspector. */

import type { Diagnosis } from "../analysis/diagnose.ts";
import type { State } from "../session/state.ts";
import { h, link } from "./dom.ts";

/** Why the gradient of this pass is no ordinary number; undefined where it is one. */
export function gradientWhy(state: State, id: number): Diagnosis | undefined {
  return state.isReplaying ? undefined : state.reasons.ofGradient(id);
}

/** The sentence, with a link to the node that is the cause. */
export function reason(state: State, id: number, of: "value" | "gradient"): HTMLElement | undefined {
  const why = of === "value" ? state.reasons.ofValue(id) : gradientWhy(state, id);
  if (!why) return undefined;
  const { messages } = state;
  const name = (node: number | undefined) => (node === undefined ? "" : state.names.of(node));
  const { at, root, factor, kind }: { at?: number; root?: number; factor?: number; kind: Diagnosis["kind"] } =
    why;
  const cause = factor ?? at ?? id;
  const words = messages.diagnoses[kind];
  return h(
    "p",
    "text why",
    {},
    typeof words === "string" ? words : words(name(at), name(factor ?? root)),
    " ",
    cause !== id && link(messages.goTo(name(cause)), cause),
  );
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
