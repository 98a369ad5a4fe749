/** What cards say, as words. */

import { formatGradient, formatValue } from "../format.ts";
import type { Group } from "../picture.ts";
import type { State } from "../state.ts";
import { shortReason } from "./reasons.ts";

/** What stands where a replay has not come yet. */
const NOTHING = "·";

/** The row of this pass. */
export interface GradientWords {
  /** Its own name, or the reason why it is 0. */
  readonly name: string;
  readonly words: string;
  readonly gradient: number | undefined;
  /** The same in one. */
  readonly told: string;
}

/** `∂h3/∂w`; a dot stands for what has no label. */
export function derivativeName({ names, subject }: State, id: number): string {
  return `∂${names.label(subject) || "·"}/∂${names.label(id) || "·"}`;
}

export function valueWords(state: State, id: number): string {
  const value = state.value(id);
  return value === undefined ? NOTHING : formatValue(value);
}

export function gradientWords(state: State, id: number): GradientWords {
  const { messages } = state;
  const status = state.status(id);
  const gradient = state.gradient(id);
  const words = {
    "not tracked": messages.notTracked,
    "not run yet": messages.notRunYet,
    "not reached": messages.notReached,
    "not yet": NOTHING,
    reached: formatGradient(gradient ?? 0),
    seed: formatGradient(gradient ?? 0),
  }[status];
  const why = customWords(state, id) || shortReason(state, id);
  const name = status === "seed" ? messages.seed : derivativeName(state, id);
  return {
    name: why || (gradient === undefined ? "" : name),
    words,
    gradient,
    told: why ? `${words} (${why})` : words,
  };
}

/** Of a custom op who computes it. */
function customWords({ graph, messages, isWaiting }: State, id: number): string {
  const custom = graph.customs.get(id);
  return custom ? messages.computedBy(custom.live ? (isWaiting ? "asked" : "kernel") : "nobody") : "";
}

/** `.grad`, and whether something has come there. */
export function totalWords(state: State, id: number): { words: string; total: number | undefined } {
  const total = state.total(id);
  return { words: total === undefined ? state.messages.notRunYet : formatValue(total), total };
}

/** What a folded group says, row by row: what leads into it and out of it, what it is made of, how large its gradients are. */
export interface GroupWords {
  readonly title: string;
  readonly inputs: string;
  readonly outputs: string;
  readonly parts: string;
  readonly gradient: number | undefined;
  readonly words: string;
}

/** So many nodes are told with their values; of the others there is the number. */
const MOST_TOLD = 2;

export function groupWords(state: State, group: Group): GroupWords {
  const { names, messages, folds, graph } = state;
  const { inputs, outputs, leaves, ops } = folds.inside(group);
  const told = (nodes: readonly number[]) =>
    nodes
      .slice(0, MOST_TOLD)
      .map((node) => `${names.label(node)} ${valueWords(state, node)}`.trim())
      .concat(nodes.length > MOST_TOLD ? `+${nodes.length - MOST_TOLD}` : [])
      .join(", ");
  const gradient = state.largestGradient(group.nodes);
  const tracked = () => group.nodes.some((node) => graph.needsGrad[node]);
  const none = state.passes.length === 0 ? messages.notRunYet : messages.notReached;
  return {
    title: folds.title(group),
    inputs: told(inputs),
    outputs: told(outputs),
    parts: ops
      .map(([op, count]) => `${count} ${names.sign(op)}`)
      .concat(leaves.length > 0 ? messages.leaves(leaves.length) : [])
      .join(", "),
    gradient,
    words: gradient !== undefined ? formatValue(gradient) : tracked() ? none : messages.notTracked,
  };
}
