/** The lines of the graph: what this pass sent along each operand slot, its size as width, its sign as hue and doubling. */

import { exact, formatGradient } from "../format.ts";
import type { Point, Route, Size } from "../layout.ts";
import type { Edge, State } from "../state.ts";
import { s, setAttribute, setText } from "./dom.ts";

const THINNEST = 1.4;
const THICKEST = 3.8;

export class EdgeView {
  /** What is drawn below all numbers. */
  readonly lines: SVGGElement;
  /** The edge as such: the arrowhead and the number, and its course without a colour. */
  readonly element: SVGGElement;
  readonly edge: Edge;
  readonly #state: State;
  readonly #lines: SVGPathElement[];
  readonly #head: SVGPathElement;
  readonly #pill: SVGGElement;
  readonly #box: SVGRectElement;
  readonly #text: SVGTextElement;

  constructor(state: State, edge: Edge) {
    this.#state = state;
    this.edge = edge;
    this.#lines = [s("path", "line"), s("path", "inner"), s("path", "course")];
    this.lines = s("g", "edge", {}, ...this.#lines.slice(0, 2));
    this.#head = s("path", "head");
    this.#text = s("text", "pill-text", { "text-anchor": "middle", y: 4, "data-edge-grad": true });
    this.#box = s("rect", "pill-box");
    this.#pill = s("g", "pill", {}, this.#box, this.#text);
    this.element = s(
      "g",
      "edge",
      { "data-edge": `${edge.consumer}:${edge.slot}` },
      this.#lines[2]!,
      this.#head,
      this.#pill,
    );
  }

  place(route: Route, { width, height }: Size): void {
    const [x, y, ...rest] = route.path;
    const d = `M${x},${y} C${rest.join(",")}`;
    for (const line of this.#lines) line.setAttribute("d", d);
    this.#head.setAttribute("d", `M${x! + 1},${y} l8,-4.5 v9 z`);
    const box = { x: -width / 2, y: -height / 2, width, height, rx: height / 2 };
    for (const [name, size] of Object.entries(box)) this.#box.setAttribute(name, String(size));
    this.placePill(route.pill);
  }

  /** Where the number stands; nowhere if there is no room. */
  placePill(at: Point | undefined): void {
    setAttribute(this.#pill, "transform", at ? `translate(${at.x},${at.y})` : null);
    this.#pill.classList.toggle("agw-nowhere", at === undefined);
  }

  /** Show what this pass sent, relative to the largest. */
  update(largest: number): void {
    const flows = this.#state.flows(this.edge);
    const tracked = this.#state.graph.needsGrad[this.edge.producer] === 1;
    const sent = this.#state.contribution(this.edge);
    const share = Number.isNaN(sent) ? 1 : largest > 0 ? Math.min(1, Math.abs(sent) / largest) : 0;
    const width = flows && sent !== 0 ? THINNEST + (THICKEST - THINNEST) * share : THINNEST;
    const drawn = (sent < 0 && flows ? width + 1.6 : width).toFixed(2);
    setAttribute(this.#lines[0]!, "stroke-width", drawn);
    setAttribute(this.#lines[2]!, "stroke-width", drawn);
    this.#toggle("agw-untracked", !tracked);
    this.#toggle("agw-still", tracked && !flows);
    this.#toggle("agw-zero", flows && sent === 0);
    this.#toggle("agw-negative", flows && sent < 0);
    setText(this.#text, flows ? formatGradient(sent) : "");
    setAttribute(this.#text, "title", flows ? exact(sent) : null);
  }

  mark(lit: boolean, dimmed: boolean, near: boolean): void {
    this.#toggle("agw-lit", lit);
    this.#toggle("agw-dim", dimmed);
    this.#toggle("agw-near", near);
  }

  #toggle(name: string, on: boolean): void {
    this.lines.classList.toggle(name, on);
    this.element.classList.toggle(name, on);
  }
}
