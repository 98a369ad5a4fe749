/** Where the items and the links of a layout are: what of it is in a part of the drawing, and what is at a place. */

import type { Layout, Point, Size } from "../../layout/index.ts";
import { type Box, grown } from "../box.ts";

export class Field {
  /** Left, top, right and bottom of each. */
  readonly #items: Float64Array;
  readonly #links: Float64Array;

  constructor({ nodes, routes }: Layout, sizes: readonly Size[]) {
    this.#items = new Float64Array(4 * nodes.length);
    nodes.forEach(({ x, y }, i) => {
      this.#items.set([x, y, x + sizes[i]!.width, y + sizes[i]!.height], 4 * i);
    });
    this.#links = new Float64Array(4 * routes.length);
    // A Bézier curve is within the hull of its points.
    routes.forEach(({ path }, i) => {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (let k = 0; k < path.length; k++) {
        box[k % 2] = Math.min(box[k % 2]!, path[k]!);
        box[2 + (k % 2)] = Math.max(box[2 + (k % 2)]!, path[k]!);
      }
      this.#links.set(box, 4 * i);
    });
  }

  items(part: Box): number[] {
    return within(this.#items, part);
  }

  links(part: Box): number[] {
    return within(this.#links, part);
  }

  /** The item at a place, or the nearest within some distance. */
  at(place: Point, around: number): number | undefined {
    const distance = (item: number) => {
      const [left, top, right, bottom] = this.#items.subarray(4 * item);
      return Math.hypot(
        Math.max(left! - place.x, 0, place.x - right!),
        Math.max(top! - place.y, 0, place.y - bottom!),
      );
    };
    const near = this.items(grown({ ...place, width: 0, height: 0 }, around));
    return near.sort((a, b) => distance(a) - distance(b))[0];
  }
}

function within(boxes: Float64Array, { x, y, width, height }: Box): number[] {
  const [right, bottom] = [x + width, y + height];
  const found: number[] = [];
  for (let i = 0; i < boxes.length; i += 4) {
    if (boxes[i]! <= right && boxes[i + 2]! >= x && boxes[i + 1]! <= bottom && boxes[i + 3]! >= y)
      found.push(i / 4);
  }
  return found;
}
