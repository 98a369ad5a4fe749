/** The part of the inspector about somebody's own engine: what their pass left, and hints in steps. */

import type { State } from "../../session/state.ts";
import { type Child, h, section } from "../dom.ts";

/** Gradient that their own pass left beside the one that is due, with hints, each opened by the one before it. */
export function checkPart({ check }: State, id: number): Child {
  const both = check?.beside?.[id];
  const [question, place, answer] = check?.hints ?? [];
  return both && section(both, "", check!.first === id && opening(question, opening(place, answer)));
}

function opening(shown: Child, hidden: Child): HTMLElement {
  return h("details", "", {}, h("summary", "", {}, shown), h("div", "text", {}, hidden));
}
