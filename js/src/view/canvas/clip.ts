/** The part of a route that is near what is seen: whoever draws a line of a hundred thousand pixels pays for them all. */

import { type Box, hullOf, overlaps } from "../box.ts";

/** A multiple of the dashes' length, so that they stand still when a line is cut elsewhere. */
const TILE = 1024;

/** The tiles that a part of the drawing touches, and those next to them. */
export function tilesAround({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.floor(x / TILE) - 1, Math.floor(y / TILE) - 1];
  const right = Math.ceil((x + width) / TILE) + 1;
  const bottom = Math.ceil((y + height) / TILE) + 1;
  return { x: left * TILE, y: top * TILE, width: (right - left) * TILE, height: (bottom - top) * TILE };
}

/** Parts of a route in a box, as routes: curves outside are left out, long ones cut. */
export function clipped(path: readonly number[], box: Box): number[][] {
  const parts: number[][] = [];
  let open: number[] | undefined;
  for (let i = 2; i < path.length; i += 6) {
    const curve = within(path.slice(i - 2, i + 6), box);
    if (curve && open?.at(-2) === curve[0] && open?.at(-1) === curve[1]) open?.push(...curve.slice(2));
    else if (curve) parts.push(curve);
    open = curve && parts.at(-1);
  }
  return parts;
}

function within(curve: number[], box: Box): number[] | undefined {
  const hull = hullOf(curve);
  if (!overlaps(hull, box)) return undefined;
  const lies = hull.width > hull.height;
  const [low, high] = lies ? [box.x, box.x + box.width] : [box.y, box.y + box.height];
  const way = curve.filter((_, i) => i % 2 === Number(!lies));
  // Along its greater extent a route never turns back, so each bound is passed at most once.
  const ends = [whenAt(way, low), whenAt(way, high)].sort((a, b) => a - b);
  return cut(curve, ends[0]!, ends[1]!);
}

/** Time, between 0 and 1, at which a coordinate that only rises or only falls is at a place. */
function whenAt([a, b, c, d]: number[], place: number): number {
  const rises = d! >= a!;
  if (rises ? place <= a! : place >= a!) return 0;
  if (rises ? place >= d! : place <= d!) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const t = (low + high) / 2;
    const u = 1 - t;
    const at = u * u * u * a! + 3 * u * u * t * b! + 3 * u * t * t * c! + t * t * t * d!;
    if (at < place === rises) low = t;
    else high = t;
  }
  return low;
}

/** The part of a cubic curve between two times, by its polar form (de Casteljau). */
function cut(curve: number[], from: number, to: number): number[] {
  if (from === 0 && to === 1) return curve;
  const polar = (axis: number, r: number, s: number, t: number) => {
    const mix = (a: number, b: number, at: number) => a + (b - a) * at;
    const [p, q, v, w] = [0, 2, 4, 6].map((i) => curve[i + axis]!) as [number, number, number, number];
    const [a, b, c] = [mix(p, q, r), mix(q, v, r), mix(v, w, r)];
    return mix(mix(a, b, s), mix(b, c, s), t);
  };
  const times = [
    [from, from, from],
    [from, from, to],
    [from, to, to],
    [to, to, to],
  ] as const;
  return times.flatMap((time) => [polar(0, ...time), polar(1, ...time)]);
}
