/** Places of the items and the links of a layout: those in a part of the drawing, and the item at a place. */

import type { Layout, Point, Size } from "../../layout/index.ts";
import { type Box, grown, hullOf, overlaps } from "../box.ts";

export class Field {
  readonly #items: readonly Box[];
  readonly #links: readonly Box[];

  constructor({ nodes, routes }: Layout, sizes: readonly Size[]) {
    this.#items = nodes.map((corner, i) => ({ ...sizes[i]!, ...corner }));
    // A Bézier curve is within the hull of its points.
    this.#links = routes.map(({ path }) => hullOf(path));
  }

  items(part: Box): number[] {
    return within(this.#items, part);
  }

  links(part: Box): number[] {
    return within(this.#links, part);
  }

  /** The item at a place, or the nearest within some distance. */
  at({ x, y }: Point, around: number): number | undefined {
    const distance = (item: number) => {
      const box = this.#items[item]!;
      return Math.hypot(
        Math.max(box.x - x, 0, x - box.x - box.width),
        Math.max(box.y - y, 0, y - box.y - box.height),
      );
    };
    const near = this.items(grown({ x, y, width: 0, height: 0 }, around));
    return near.sort((a, b) => distance(a) - distance(b))[0];
  }
}

function within(boxes: readonly Box[], part: Box): number[] {
  return [...boxes.keys()].filter((i) => overlaps(boxes[i]!, part));
}
