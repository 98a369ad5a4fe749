/** One node on the canvas: its name, its value, what this pass gave; a leaf also its slider and its accumulated `.grad`. */

import { exact } from "../../analysis/format.ts";
import { decodeNumber } from "../../engine/number.ts";
import type { Group } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { h, quiet, setAttribute, setText, toggle } from "../dom.ts";
import {
  gradientWords,
  hasOwnGradient,
  nodeAttributes,
  numbersOf,
  showGradient,
  showNumber,
  totalWords,
} from "./face.ts";
import { type CardView, type Fold, foldButton, rowOf } from "./group.ts";
import { leafControl, type Moves } from "./leaf.ts";
import { leafRow } from "./row.ts";
import { drawStack } from "./stack.ts";

/** A neuron as it is folded, and what opens it. */
export interface Folded {
  readonly group: Group;
  readonly fold: Fold;
  /** In place of rows. */
  readonly body?: Part;
}

/** A part of a card. */
type Part = Omit<CardView, "parts">;

/** `rows` are leaves and constants that only this node uses, or the weights of a neuron that ends in it. */
export function nodeCard(
  state: State,
  id: number,
  rows: readonly number[],
  moves: Moves,
  neuron?: Folded,
): CardView {
  const kind = state.kind(id);
  const isHolder = rows.length > 0 || neuron !== undefined;
  const head = headOf(state, id, moves, isHolder ? "head" : `card ${kind}`, titleOf(state, id, neuron));
  const parts = new Map([[id, head.element]]);
  const rest: Part[] = [];
  if (neuron && state.graph.ops[id] === "relu") rest.push(offRow(state, id));
  for (const leaf of rows.filter((leaf) => state.kind(leaf) !== "constant")) {
    const row = leafRow(state, leaf, moves);
    parts.set(leaf, row.element);
    rest.push(row);
  }
  const constants = rows.filter((leaf) => !parts.has(leaf)).map((leaf) => unseen(state, leaf));
  if (neuron?.body) rest.push(neuron.body);
  const inside = [neuron && opener(state, neuron), head.element, ...rest.map(({ element }) => element)];
  const element = isHolder ? h("div", `card ${kind} holder`, {}, ...inside, ...constants) : head.element;
  const python = pythonRow(state, id);
  const yours = h("div", "python");
  element.append(python.element, yours);
  return {
    element,
    parts,
    update(openRow, largest) {
      for (const part of [head, python, ...rest]) part.update(openRow, largest);
      setText(yours, state.check?.yours?.[id] ?? "");
      toggle(element, "wrong", state.check?.first === id);
    },
  };
}

/** The node itself: its title, its value, its controls if it is a leaf, and its gradients. */
function headOf(state: State, id: number, moves: Moves, className: string, title: HTMLElement): Part {
  const { messages, names } = state;
  const kind = state.kind(id);
  const { value, grad, show } = numbersOf(state, id);
  const isLeaf = kind === "parameter" || kind === "input";
  const control = isLeaf ? leafControl(state, id, value, moves) : undefined;
  const why = quiet();
  const pass = h("div", "row pass", {}, why, grad);
  const total = isLeaf ? totalRow(state, id) : undefined;
  // Signs alone do not say the op.
  const isInSigns = kind === "operation" && !names.label(id) && names.of(id) !== names.word(id);
  const role = isInSigns ? names.word(id) : messages.kinds[kind];
  const element = h(
    "div",
    className + (kind !== "operation" || hasOwnGradient(state, id) ? "" : " once"),
    nodeAttributes(state, id),
    rowOf(title, control?.value ?? value),
    control?.slider,
    control?.ends,
    pass,
    total?.element,
  );
  return {
    element,
    update() {
      toggle(value, "none", state.isLeft(id));
      control?.update();
      const words = gradientWords(state, id);
      setText(why, words.name);
      setAttribute(pass, "title", words.title);
      total?.update();
      show(element, role, words);
    },
  };
}

function titleOf(state: State, id: number, neuron: Folded | undefined): HTMLElement {
  const { names, folds } = state;
  const name = names.label(id);
  const note = (words: string) => h("span", "note", {}, words);
  const titled = (title: string, ...children: (Node | string)[]) =>
    h("span", "title", { title }, ...children);
  if (neuron) {
    const title = folds.title(neuron.group);
    return titled(title, h("b", "name", {}, title), " ", note(neuron.group.samples ? "Σ" : names.word(id)));
  }
  if (state.kind(id) === "constant") return titled(names.of(id), note(name));
  if (!name) return titled(names.of(id), h("span", "name", {}, names.inSigns(id)));
  const isOperation = state.kind(id) === "operation";
  return titled(name, h("b", "name", {}, name), ...(isOperation ? [" ", note(names.note(id))] : []));
}

/** The accumulated `.grad`, with a bar for each of its parts. */
function totalRow(state: State, id: number): Part {
  const stack = h("span", "stack", { "aria-hidden": "true" });
  const grad = h("span", "", { "data-grad": true });
  const element = h(
    "div",
    "row total",
    {},
    h("span", "mute", { title: state.messages.passes }, ".grad"),
    stack,
    grad,
  );
  return {
    element,
    update() {
      element.hidden = !state.graph.needsGrad[id];
      if (element.hidden) return;
      const total = state.total(id);
      showGradient(grad, totalWords(state, total), total);
      if (total === undefined) setAttribute(grad, "title", state.messages.previewHint(state.names.of(id)));
      drawStack(stack, state.ledger(id));
    },
  };
}

/** The value that Python still has, of a result that is older than its leaves. */
function pythonRow(state: State, id: number): Part {
  const value = h("span", "");
  const element = h("div", "row python", { hidden: true }, quiet(state.messages.inPython), value);
  return {
    element,
    update() {
      const python = decodeNumber(state.stale.values?.[id]);
      element.hidden = python === undefined || !state.isStale;
      if (python !== undefined) showNumber(value, state.spelling.write(python), python);
    },
  };
}

/** Line in place of a neuron's rows while its relu lets nothing through: the operand of the relu. */
function offRow(state: State, id: number): Part {
  const { graph, messages } = state;
  const element = h("div", "mute off");
  return {
    element,
    update() {
      const got = state.value(graph.operandsOf(id)[0]!);
      setText(element, got === undefined ? "" : messages.reluOff(state.spelling.write(got)));
    },
  };
}

/** Button that opens the operations of a neuron. */
function opener({ folds, messages }: State, { group, fold }: Folded): HTMLElement {
  const title = folds.title(group);
  const data = { "data-group": group.id, tabindex: -1, role: "group", "aria-label": title };
  return h(
    "span",
    "opener",
    data,
    foldButton("▸", messages.open(title), false, () => fold(group)),
  );
}

/** A constant that is a part of its user's name, for those who listen. */
function unseen({ names, messages, graph }: State, id: number): HTMLElement {
  const name = names.of(id);
  const label = messages.node(name, messages.kinds.constant, name, messages.notTracked);
  return h(
    "span",
    "unseen-node",
    { "data-node": id, "data-kind": "constant", role: "group", "aria-label": label },
    h("span", "", { "data-value": true, title: exact(graph.values[id]!) }, name),
    h("span", "", { "data-pass-grad": true }, messages.notTracked),
  );
}
