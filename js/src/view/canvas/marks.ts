/** Marks on the elements: the selection, the step of a replay, and the edges of what is pointed at. */

import type { Link } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { toggle } from "../dom.ts";
import type { EdgeView } from "./edges.ts";
import type { Elements } from "./elements.ts";
import type { Highlight } from "./highlight.ts";
import type { Plan } from "./plan.ts";

/** A link leads to what is selected, pointed at, or in the step of a replay. */
export function isNear(
  { selected, currentStep, picture }: State,
  hovered: number | undefined,
  { from, to }: Link,
): boolean {
  return [selected, hovered, currentStep?.node].some((node) => {
    const item = picture.itemOf[node ?? -1];
    return item === from || item === to;
  });
}

/** Mark cards and edges; the rest is dimmed. */
export function mark(
  state: State,
  { picture, numbered }: Plan,
  elements: Elements,
  highlight: Highlight,
): void {
  const { selected, currentStep } = state;
  const { lit, hovered } = highlight;
  for (const [item, { element, parts }] of elements.cards) {
    const isIn = (node: number | null | undefined) => parts.size === 0 && item === picture.itemOf[node ?? -1];
    for (const [node, part] of parts.size > 0 ? parts : [[-1, element] as const]) {
      toggle(part, "chosen", node === selected || isIn(selected));
      toggle(part, "step", node === currentStep?.node || isIn(currentStep?.node));
    }
  }
  const near: EdgeView[] = [];
  for (const view of elements.edges.values()) {
    const isAsked = isNear(state, hovered, view.link);
    const isLit = view.link.slots.some((slot) => lit?.[slot]);
    view.mark(isLit, lit !== undefined && !isLit, isAsked);
    if (isAsked) near.push(view);
  }
  if (!numbered) elements.placeNumbers(near);
}
