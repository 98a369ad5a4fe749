/** Why a number is 0, or not finite, or not there: in a word for the card, in a sentence for the inspector. */

import type { State } from "../state.ts";
import { type Why, whyGradient, whyValue } from "../why.ts";
import { h } from "./dom.ts";

/** Why the gradient of this pass is no ordinary number; undefined where it is one. */
export function gradientWhy(state: State, id: number): Why | undefined {
  if (state.isReplaying) return undefined;
  const reached = (node: number) => ["reached", "seed"].includes(state.status(node));
  return whyGradient(state.graph, id, { root: state.root, reached });
}

/** The sentence, with a link to the node that is the cause. */
export function reason(state: State, id: number, of: "value" | "gradient"): HTMLElement | undefined {
  const why = of === "value" ? whyValue(state.graph, id) : gradientWhy(state, id);
  if (!why) return undefined;
  const { messages, names } = state;
  const sentence = h(
    "p",
    "text why",
    {},
    messages.why(why, (node) => names.of(node), of),
  );
  const cause = "factor" in why ? why.factor : "at" in why ? why.at : undefined;
  if (cause !== undefined && cause !== id) {
    sentence.append(
      " ",
      h("button", "link", { type: "button", "data-goto": cause }, messages.goTo(names.of(cause))),
    );
  }
  return sentence;
}

/** The word for the card. */
export function shortReason(state: State, id: number): string {
  const why = gradientWhy(state, id);
  return why ? state.messages.whyShort(why) : "";
}
