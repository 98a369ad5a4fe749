/** Places of the items and the links of a layout: those in a part of the drawing, and the item at a place. */

import type { Layout, Point, Size } from "../../layout/index.ts";
import type { Link } from "../../picture/picture.ts";
import { type Box, grown, hullOf, overlaps } from "../box.ts";

/** Distance from a part within which the end of a link is drawn too. */
const AROUND = 400;

export class Field {
  readonly #items: readonly Box[];
  readonly #routes: readonly Box[];
  readonly #links: readonly Link[];

  constructor({ nodes, routes }: Layout, sizes: readonly Size[], links: readonly Link[]) {
    this.#links = links;
    this.#items = nodes.map((corner, i) => ({ ...sizes[i]!, ...corner }));
    // A Bézier curve is within the hull of its points.
    this.#routes = routes.map(({ path }) => hullOf(path));
  }

  items(part: Box): number[] {
    return within(this.#items, part);
  }

  /** The links in a part, and of those that only pass through it, one for each card that they come from: they share a trunk. */
  links(part: Box): number[] {
    const found = within(this.#routes, part);
    const ends = new Set(this.items(grown(part, AROUND)));
    const last = new Map(found.map((link) => [this.#links[link]!.from, link]));
    return found.filter((link) => {
      const { from, to } = this.#links[link]!;
      return ends.has(to) || last.get(from) === link;
    });
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
