/** The part of a route that is near what is seen: whoever draws a line of a hundred thousand pixels pays for them all. */

import { type Box, hullOf, overlaps } from "../box.ts";

const TILE = 1024;

/** The tiles that a part of the drawing touches, and those next to them. */
export function tilesAround({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.floor(x / TILE) - 1, Math.floor(y / TILE) - 1];
  const right = Math.ceil((x + width) / TILE) + 1;
  const bottom = Math.ceil((y + height) / TILE) + 1;
  return { x: left * TILE, y: top * TILE, width: (right - left) * TILE, height: (bottom - top) * TILE };
}

/** Parts of a route, as routes: the curves that come into a box. */
export function clipped(path: readonly number[], box: Box): number[][] {
  const parts: number[][] = [];
  let end = -1;
  for (let i = 0; i + 8 <= path.length; i += 6) {
    const curve = path.slice(i, i + 8);
    if (!overlaps(hullOf(curve), box)) continue;
    if (end === i) parts.at(-1)!.push(...curve.slice(2));
    else parts.push(curve);
    end = i + 6;
  }
  return parts;
}
