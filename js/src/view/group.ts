/** Groups on the canvas: a folded one as a card, an open one as a frame around its items; and the copies of a leaf. */

import { exact } from "../format.ts";
import type { Point, Size } from "../layout.ts";
import { type Group, openGroups } from "../picture.ts";
import type { State } from "../state.ts";
import { button, h, setAttribute, setText } from "./dom.ts";
import { groupWords, valueWords } from "./face.ts";
import { type Box, overlaps, type Plan } from "./plan.ts";

/** How far the frame of an open group is from what is in it. */
const AROUND = 9;
/** The same above, where its title is. */
const TITLE = 28;

/** What one can do with a group: open or fold it. */
export type Fold = (group: Group) => void;

export function place(element: HTMLElement, { x, y }: Point, { width, height }: Size): void {
  element.style.cssText = `transform:translate(${x}px,${y}px);width:${width}px;height:${height}px`;
}

export class GroupCard {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #group: Group;
  readonly #open: HTMLButtonElement;
  readonly #inputs = h("span", "title");
  readonly #outputs = h("span", "title");
  readonly #gradient = h("span", "grad", { "data-group-grad": true });

  constructor(state: State, group: Group, fold: Fold) {
    this.#state = state;
    this.#group = group;
    const { messages } = state;
    const { title, parts } = groupWords(state, group);
    this.#open = button("+", messages.open(title), () => fold(group), "fold");
    this.#open.setAttribute("aria-expanded", "false");
    const row = (name: string, ...rest: Node[]) => h("div", "row", {}, h("span", "mute", {}, name), ...rest);
    this.element = h(
      "div",
      "card stacked",
      { "data-group": group.id, tabindex: 0, role: "group" },
      h("div", "row", {}, h("b", "title name", { title }, title), this.#open),
      row(messages.into, this.#inputs),
      row(messages.outOf, this.#outputs),
      h("div", "row", {}, h("span", "mute", { title: parts }, parts)),
      row("max |∂|", this.#gradient),
    );
  }

  place(point: Point, size: Size): void {
    place(this.element, point, size);
  }

  update(): void {
    const { messages } = this.#state;
    const { title, inputs, outputs, gradient, words, parts } = groupWords(this.#state, this.#group);
    for (const [element, text] of [
      [this.#inputs, inputs],
      [this.#outputs, outputs],
    ] as const) {
      setText(element, text || "–");
      setAttribute(element, "title", text);
    }
    setText(this.#gradient, words);
    setAttribute(this.#gradient, "title", gradient === undefined ? null : exact(gradient));
    this.#gradient.classList.toggle("agw-none", gradient === undefined);
    setAttribute(this.element, "aria-label", messages.folded(title, parts, inputs, outputs, words));
  }

  mark(chosen: boolean, atStep: boolean): void {
    this.element.classList.toggle("agw-chosen", chosen);
    this.element.classList.toggle("agw-step", atStep);
  }

  remove(): void {
    this.element.remove();
  }
}

/** One of the copies of a leaf: its name and its value. */
export class CopyCard {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #leaf: number;
  readonly #value = h("span", "value");

  constructor(state: State, leaf: number) {
    this.#state = state;
    this.#leaf = leaf;
    const name = state.names.of(leaf);
    this.element = h(
      "div",
      `card copy ${state.kind(leaf)}`,
      { "data-copy": leaf, tabindex: 0, role: "group" },
      h("div", "row", {}, h("b", "title name", { title: name }, name), this.#value),
    );
  }

  place(point: Point, size: Size): void {
    place(this.element, point, size);
  }

  update(): void {
    const { messages, names } = this.#state;
    const value = valueWords(this.#state, this.#leaf);
    setText(this.#value, value);
    setAttribute(this.element, "aria-label", messages.copyOf(names.of(this.#leaf), value));
  }

  mark(chosen: boolean, _: boolean): void {
    this.element.classList.toggle("agw-chosen", chosen);
  }

  remove(): void {
    this.element.remove();
  }
}

/** Around the items of each open group, behind them. Its title folds it; where others are in its way, it has no border. */
export function framesOf(state: State, { picture, layout, sizes }: Plan, fold: Fold): HTMLElement[] {
  const { folds, messages } = state;
  const boxes = layout.nodes.map((at, item) => ({ ...at, ...sizes[item]! }));
  const framed = new Map<number, Box>();
  const frames = openGroups(folds.groups, folds.open).reverse();
  return frames
    .map((group) => {
      const inside = new Set(group.nodes.map((node) => picture.itemOf[node]!));
      for (const { from, to } of picture.links)
        if (picture.items[from]!.kind === "copy" && inside.has(to)) inside.add(from);
      const within = folds.within[group.id]!.flatMap(({ id }) => framed.get(id) ?? []);
      const box = grown([...[...inside].map((item) => boxes[item]!), ...within]);
      framed.set(group.id, box);
      const isLoose = boxes.some((other, item) => !inside.has(item) && overlaps(other, box));
      const title = folds.title(group);
      const name = button(`− ${title}`, messages.fold(title), () => fold(group), "fold");
      name.setAttribute("aria-expanded", "true");
      const frame = h("div", `hull${isLoose ? " loose" : ""}`, { "data-open-group": group.id }, name);
      place(frame, box, box);
      return frame;
    })
    .reverse();
}

/** What holds all boxes, with room around and for a title. */
function grown(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x)) - AROUND;
  const y = Math.min(...boxes.map((box) => box.y)) - TITLE;
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + AROUND - x;
  return { x, y, width, height: Math.max(...boxes.map((box) => box.y + box.height)) + AROUND - y };
}
