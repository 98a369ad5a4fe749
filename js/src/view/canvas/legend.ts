/** The legend, which way values and gradients flow: in the emptiest corner, or where none is empty beneath the canvas. */

import { type Direction, pointOf, type Size } from "../../layout/index.ts";
import type { State } from "../../session/state.ts";
import { type Box, grown, overlaps, textWidth } from "../box.ts";
import { h, prefixed, setText } from "../dom.ts";
import { boxesOf, type Plan } from "./plan.ts";

const LETTER = 6.6;
const LINE = 16.5;
/** From the border of the canvas, and what it keeps clear of what is drawn. */
const INSET = { x: 14, y: 8 };
const CLEAR = 4;
/** Points of a curve that are looked at. */
const POINTS = 12;
/** Arrows of values and of gradients, whose head is hollow in a preview. */
const ARROWS = { LR: ["→", "←", "◁"], TB: ["↓", "↑", "△"], BT: ["↑", "↓", "▽"] } as const;
const CORNERS = ["right top", "right bottom", "left top", "left bottom"];

export interface Legend {
  readonly element: HTMLElement;
  update(direction: Direction): void;
  /** Stand in a corner of the canvas in which nothing is drawn, as the camera sees it; false if there is none. */
  place(plan: Plan, room: Size, toSeen: (box: Box) => Box): boolean;
}

export function legendOf(state: State): Legend {
  const lines = [h("span", ""), h("span", "")] as const;
  const element = h("div", "legend", { "data-overlay": true }, lines[0], h("br", ""), " ", lines[1]);
  return {
    element,
    update(direction) {
      const { messages, isPreview } = state;
      const [there, back, would] = ARROWS[direction];
      const { ways, flow, gradientsFlow, wouldFlow } = messages;
      setText(lines[0], `${flow(ways[there])} ${there}`);
      const gradients = isPreview
        ? `${would} ${wouldFlow(ways[back])}`
        : `${back} ${gradientsFlow(ways[back])}`;
      setText(lines[1], gradients);
    },
    place(plan, room, toSeen) {
      const width = Math.max(...lines.map((line) => textWidth(line.textContent!, LETTER)));
      const height = lines.length * LINE;
      const taken = takenBy(plan).map(toSeen);
      const free = CORNERS.find((corner) => {
        const x = corner.startsWith("right") ? room.width - width - INSET.x : INSET.x;
        const y = corner.endsWith("top") ? INSET.y : room.height - height - INSET.y;
        const box = grown({ x, y, width, height }, CLEAR);
        return !taken.some((other) => overlaps(other, box));
      });
      element.className = prefixed(`legend ${free ?? "beneath"}`);
      return free !== undefined;
    },
  };
}

/** Cards, numbers, and points of lines. */
function takenBy(plan: Plan): Box[] {
  const { width, height } = plan.labelSize;
  const boxes = boxesOf(plan);
  for (const { path, label } of plan.layout.routes) {
    if (label) boxes.push({ x: label.x - width / 2, y: label.y - height / 2, width, height });
    for (let i = 0; i <= ((path.length - 2) / 6) * POINTS; i++) {
      const curve = Math.min(Math.floor(i / POINTS), (path.length - 8) / 6);
      const [x, y] = pointOf(path, curve, i / POINTS - curve);
      boxes.push({ x, y, width: 0, height: 0 });
    }
  }
  return boxes;
}
