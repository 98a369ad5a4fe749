/** Where the items and the links of a layout are: what of it is in a part of the drawing, and what is at a place. */

import type { Layout, Point, Size } from "../layout.ts";

type Box = Point & Size;

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

  items(part: Box, around = 0): number[] {
    return within(this.#items, part, around);
  }

  links(part: Box, around = 0): number[] {
    return within(this.#links, part, around);
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
    const near = this.items({ ...place, width: 0, height: 0 }, around);
    return near.sort((a, b) => distance(a) - distance(b))[0];
  }
}

function within(boxes: Float64Array, { x, y, width, height }: Box, around: number): number[] {
  const [left, top, right, bottom] = [x - around, y - around, x + width + around, y + height + around];
  const found: number[] = [];
  for (let i = 0; i < boxes.length; i += 4) {
    if (boxes[i]! <= right && boxes[i + 2]! >= left && boxes[i + 1]! <= bottom && boxes[i + 3]! >= top)
      found.push(i / 4);
  }
  return found;
}
