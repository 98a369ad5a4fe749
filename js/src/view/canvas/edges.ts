/** The lines of the graph: what this pass sent along each link, its size as width, its sign as hue. */

import type { Point, Size } from "../../layout/index.ts";
import type { Link } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { edgeWords, showNumber } from "../card/face.ts";
import { hueIn, s, setAttribute, setAttributes, toggle } from "../dom.ts";
import { clipped } from "./clip.ts";
import { headOf, lineWidth, pathData } from "./paint.ts";
import { isOff, type Plan } from "./plan.ts";

export class EdgeView {
  /** What is drawn below all numbers. */
  readonly lines: SVGGElement;
  /** The edge as such: the arrowhead and the number, and its course without a colour. */
  readonly element: SVGGElement;
  readonly link: Link;
  readonly name: string;
  readonly #state: State;
  readonly #lines = [s("path", "line"), s("path", "course")];
  readonly #head = s("polygon", "head");
  readonly #pill: SVGGElement;
  readonly #box = s("rect", "pill-box");
  readonly #text = s("text", "pill-text", { "text-anchor": "middle", y: 4, "data-edge-grad": true });

  constructor(state: State, link: Link) {
    this.#state = state;
    this.link = link;
    this.lines = s("g", "edge", {}, this.#lines[0]!);
    this.#pill = s("g", "pill", {}, this.#box, this.#text);
    this.name = nameOf(state, link);
    const data = link.slots.length === 1 ? "data-edge" : "data-link";
    this.element = s("g", "edge", { [data]: this.name }, this.#lines[1]!, this.#head, this.#pill);
    this.#toggle("shared", state.isShared(link));
  }

  /** Along a path, of which only the part in a box is drawn, if one is given. */
  place(path: readonly number[], pill: Point | undefined, plan: Plan, box?: Point & Size): void {
    const { width, height } = plan.pill;
    const paths = box ? clipped(path, box) : [path];
    const d = paths.map(pathData).join("");
    for (const line of this.#lines) setAttribute(line, "d", d);
    setAttribute(this.#head, "points", String(headOf(path, plan.direction)));
    setAttributes(this.#box, { x: -width / 2, y: -height / 2, width, height, rx: height / 2 });
    this.placePill(pill);
  }

  /** Where the number stands; nowhere if there is no room. */
  placePill(at: Point | undefined): void {
    setAttribute(this.#pill, "transform", at ? `translate(${at.x},${at.y})` : null);
    toggle(this.#pill, "nowhere", at === undefined);
  }

  /** Show what this pass sent. */
  update(): void {
    // Of all samples together no line has a number of its own.
    const sent = this.#state.folds.stack?.isSum ? undefined : this.#state.sentAlong(this.link);
    const tracked = this.#state.tracks(this.link);
    const drawn = lineWidth(sent, this.#state.largestSent).toFixed(2);
    for (const line of this.#lines) setAttribute(line, "stroke-width", drawn);
    this.#toggle("hair", isOff(this.#state, this.#state.picture.items[this.link.to]!));
    this.#toggle("untracked", !tracked);
    this.#toggle("still", tracked && sent === undefined);
    const words = sent === undefined ? "" : edgeWords(this.#state, this.link, sent);
    const hue = hueIn(words).trim();
    for (const name of ["zero", "negative", "strange"]) this.#toggle(name, hue === name);
    showNumber(this.#text, words, sent);
  }

  mark(lit: boolean, dimmed: boolean, near: boolean): void {
    this.#toggle("lit", lit);
    this.#toggle("dim", dimmed);
    this.#toggle("near", near);
  }

  #toggle(name: string, on: boolean): void {
    toggle(this.lines, name, on);
    toggle(this.element, name, on);
  }
}

/** `<consumer>:<operand position>` of a single slot, `<from>><to>` of a bundle. */
function nameOf(state: State, { from, to, slots }: Link): string {
  const { consumer, slot } = state.adjacency.edge(slots[0]!);
  return slots.length === 1 ? `${consumer}:${slot}` : `${from}>${to}`;
}
