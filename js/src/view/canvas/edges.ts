/** The lines of the graph: what this pass sent along each link, its size as width, its sign as hue. */

import type { Point, Route } from "../../layout/index.ts";
import type { Link } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import type { Box } from "../box.ts";
import { edgeWords, showNumber } from "../card/face.ts";
import { hueIn, s, setAttribute, setAttributes, toggle } from "../dom.ts";
import { clipped } from "./clip.ts";
import { headOf, lineWidth, pathData } from "./paint.ts";
import { isOff, type Plan } from "./plan.ts";

export interface EdgeView {
  /** The part below all numbers. */
  readonly lines: SVGGElement;
  /** The edge as such: the arrowhead and the number, and its course without a colour. */
  readonly element: SVGGElement;
  readonly link: Link;
  /** Follow a route, of which only the part in a box is drawn, if one is given. */
  place(route: Route, plan: Plan, box?: Box): void;
  /** Place the number; nowhere if there is no room. */
  placeLabel(at: Point | undefined): void;
  /** Show what this pass sent. */
  update(): void;
  mark(lit: boolean, dimmed: boolean, near: boolean): void;
}

export function edgeView(state: State, link: Link): EdgeView {
  const name = nameOf(state, link);
  const [line, course] = [s("path", "line"), s("path", "course")];
  const head = s("polygon", "head");
  const box = s("rect", "edge-label-box");
  const text = s("text", "edge-label-text", { "text-anchor": "middle", y: 4, "data-edge-grad": true });
  const isSingle = link.slots.length === 1;
  // Of several slots there is no one product to explain.
  const [slot] = link.slots as [number];
  const explains = { "data-goto": state.adjacency.edge(slot).producer, "data-slot": slot };
  const label = s("g", "edge-label", isSingle ? explains : {}, box, text);
  const lines = s("g", "edge", {}, line);
  const data = isSingle ? "data-edge" : "data-link";
  const element = s("g", "edge", { [data]: name }, course, head, label);
  const dress = (classes: Readonly<Record<string, boolean>>) => {
    for (const [one, isOn] of Object.entries(classes))
      for (const part of [lines, element]) toggle(part, one, isOn);
  };
  const placeLabel = (at: Point | undefined) => {
    setAttribute(label, "transform", at ? `translate(${at.x},${at.y})` : null);
    toggle(label, "nowhere", at === undefined);
  };
  dress({ shared: state.isShared(link) });
  return {
    lines,
    element,
    link,
    place({ path, label: at }, { labelSize: { width, height }, direction }, part) {
      const d = (part ? clipped(path, part) : [path]).map(pathData).join("");
      for (const one of [line, course]) setAttribute(one, "d", d);
      setAttribute(head, "points", String(headOf(path, direction)));
      setAttributes(box, { x: -width / 2, y: -height / 2, width, height, rx: height / 2 });
      placeLabel(at);
    },
    placeLabel,
    update() {
      // Of all samples together no line has a number of its own.
      const sent = state.folds.stack?.isSum ? undefined : state.sentAlong(link);
      const tracked = state.tracks(link);
      const width = lineWidth(sent, state.largestSent).toFixed(2);
      for (const one of [line, course]) setAttribute(one, "stroke-width", width);
      const words = sent === undefined ? "" : edgeWords(state, link, sent);
      const hue = state.comesFromLeft(link.slots) ? " zero" : hueIn(words);
      dress({
        hair: isOff(state, state.picture.items[link.to]!),
        untracked: !tracked,
        still: tracked && sent === undefined,
        zero: hue === " zero",
        negative: hue === " negative",
        strange: hue === " strange",
      });
      showNumber(text, words, sent);
    },
    mark: (lit, dim, near) => dress({ lit, dim, near }),
  };
}

/** `<consumer>:<operand position>` of a single slot, `<from>><to>` of a bundle. */
function nameOf(state: State, { from, to, slots }: Link): string {
  const { consumer, slot } = state.adjacency.edge(slots[0]!);
  return slots.length === 1 ? `${consumer}:${slot}` : `${from}>${to}`;
}
