/**
 * Points on the curves of a path.
 */

import type { Path } from "./types.ts";

/** Point of curve `k` of a path, at its parameter `t`. */
export function pointOf(path: Path, k: number, t: number): [along: number, across: number] {
  const at = (i: number) => path[6 * k + i]!;
  const s = 1 - t;
  const bezier = (i: number) =>
    s * s * s * at(i) + 3 * s * s * t * at(i + 2) + 3 * s * t * t * at(i + 4) + t * t * t * at(i + 6);
  return [bezier(0), bezier(1)];
}
