/** A folded group as a card. */

import type { Group } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { textWidth } from "../box.ts";
import { button, h, quiet, setAttribute, setText } from "../dom.ts";
import { showGradient, valueWords } from "./face.ts";
import { matrixRows } from "./matrix.ts";

/** Pixels: of a row, and what a letter, a number and a comma take of them. */
const ROW = 152;
const LETTER = 6.8;
const NUMBER = 33;
const COMMA = 9;

/** A card on the board. */
export interface CardView {
  readonly element: HTMLElement;
  /** Elements of the nodes that it shows one by one. */
  readonly parts: ReadonlyMap<number, HTMLElement>;
  /** Show the state: the row that is open, and the largest gradient, for the bars of rows. */
  update(openRow?: number, largest?: number): void;
}

/** Open a group, or fold it. */
export type Fold = (group: Group) => void;

/** Button that opens a group, or folds it. */
export function foldButton(
  text: string,
  hint: string,
  isOpen: boolean,
  onClick: () => void,
): HTMLButtonElement {
  const node = button(text, hint, onClick, "button fold", hint);
  setAttribute(node, "aria-expanded", String(isOpen));
  return node;
}

/** The frame of a card for a group. */
export function groupFrame(group: Group, classes: string, ...rows: Node[]): HTMLElement {
  return h("div", `card stacked${classes}`, { "data-group": group.id, tabindex: 0, role: "group" }, ...rows);
}

export function rowOf(...children: Node[]): HTMLElement {
  return h("div", "row", {}, ...children);
}

export function groupCard(state: State, group: Group, fold: Fold): CardView {
  const { messages, names, folds, graph } = state;
  const { inputs, outputs, leaves, ops, matrices } = folds.inside(group);
  const title = folds.title(group);
  const into = nodesRow(state, messages.into(inputs.length || 1), inputs);
  const outOf = nodesRow(state, messages.outOf(outputs.length || 1), outputs);
  const parts = ops
    .map(([op, count]) => (count > 1 ? `${count} ` : "") + names.sign(op))
    .concat(leaves.length > 0 ? messages.leaves(leaves.length) : []);
  const whole = parts.join(", ");
  const told = fitting(parts, "", widthOf, (part) => part);
  const gradient = h("b", "name", { "data-group-grad": true });
  const maps = matrices.map((matrix) => matrixRows(state, matrix));
  const element = groupFrame(
    group,
    "",
    rowOf(
      h("b", "title name", { title }, title),
      foldButton("+", messages.open(title), false, () => fold(group)),
    ),
    into.element,
    outOf.element,
    rowOf(h("span", "mute", { title: whole }, told)),
    rowOf(quiet("max |∂|"), gradient),
    ...maps.map(([element]) => element),
  );
  return {
    element,
    parts: new Map(),
    update() {
      const largest = state.largestGradient(group.nodes);
      const isTracked = group.nodes.some((node) => graph.needsGrad[node]);
      const none = isTracked ? messages.notReached : messages.notTracked;
      const words = largest === undefined ? none : state.spelling.write(largest);
      showGradient(gradient, words, largest);
      for (const [, show] of maps) show();
      setAttribute(element, "aria-label", messages.folded(title, whole, into.show(), outOf.show(), words));
    },
  };
}

/** A row for the nodes at one side of a group, and what shows their values in it and returns them. */
function nodesRow(state: State, name: string, nodes: readonly number[]) {
  const { names } = state;
  const values = h("span", "title");
  const label = (node: number) => names.label(node) && `${names.label(node)} `;
  // Not what numbers take now: one that grows is not to push out another.
  const room = (node: number) => widthOf(label(node)) + NUMBER;
  return {
    element: rowOf(quiet(name), values),
    show() {
      const words = fitting(nodes, name, room, (node) => label(node) + valueWords(state, node));
      setText(values, words || "–");
      setAttribute(values, "title", words);
      return words;
    },
  };
}

function widthOf(text: string): number {
  return textWidth(text, LETTER);
}

/** As many things as have room after `name`, each with what its words take. */
function fitting<T>(
  things: readonly T[],
  name: string,
  room: (thing: T) => number,
  words: (thing: T) => string,
): string {
  let left = ROW - widthOf(name);
  let count = 0;
  while (count < things.length && (count === 0 || left >= room(things[count]!)))
    left -= room(things[count++]!) + COMMA;
  const told = things.slice(0, count).map(words);
  return told.concat(count < things.length ? "…" : []).join(", ");
}
