/**
 * Phase 5, last part: each edge's pill finds a place on its curve, clear of cards and of other pills.
 */

import type { Size } from "../layout.ts";
import { type Path, pointOf } from "./routes.ts";

export const PILL_CLEARANCE = 2;
export const ARROW = 10; // the arrowhead at the start of a line, which a pill should leave in sight
const LINE = 3; // half of what the thickest takes
const STEPS = 32; // places on a curve that are tried

/** Around a middle: half its length along and half its breadth across. */
export interface Box {
  along: number;
  across: number;
  length: number;
  breadth: number;
}

const touch = (a: Box, b: Box): boolean =>
  Math.abs(a.along - b.along) < a.length + b.length + PILL_CLEARANCE &&
  Math.abs(a.across - b.across) < a.breadth + b.breadth + PILL_CLEARANCE;

/**
 * Pills on the last curve of each path, best near its middle, where no other line passes (if they may not cover one), and
 * beside the lanes that a branch leaves. `fixed` are those that have their place already. What finds no room stays undefined.
 */
export function placePills(
  paths: Path[],
  sizes: (Size | undefined)[],
  cards: Box[],
  fixed: (Box | undefined)[],
  isBranch: (e: number) => boolean,
  mayCover = false,
): (Box | undefined)[] {
  const arrows = paths.map(([along, across]) => ({
    along: along! + ARROW / 2,
    across: across!,
    length: ARROW / 2,
    breadth: 2,
  }));
  const taken = fixed.filter((box) => box !== undefined);
  const choices = paths.flatMap((path, e) => {
    const size = sizes[e];
    if (!size || fixed[e]) return [];
    const curves = (path.length - 2) / 6;
    const boxes: { box: Box; cost: number }[] = [];
    const level = path[6 * curves - 5]!;
    const beside = size.height / 2 + LINE;
    const leaves = !mayCover && isBranch(e) && Math.abs(path.at(-1)! - level) > beside;
    for (let i = 1; i < STEPS; i++) {
      const [along, across] = pointOf(path, curves - 1, i / STEPS);
      const box = { along, across, length: size.width / 2, breadth: size.height / 2 };
      const covers = leaves && Math.abs(across - level) < beside;
      if (covers || cards.some((card) => touch(box, card))) continue;
      const hides = arrows.some((arrow) => touch(box, arrow));
      boxes.push({ box, cost: Math.abs(i / STEPS - 0.5) + (hides ? 1 : 0) });
    }
    return [{ e, boxes: boxes.sort((a, b) => a.cost - b.cost) }];
  });
  // Who has the least choice chooses first.
  choices.sort((a, b) => a.boxes.length - b.boxes.length);
  const lines = (choices.length > 0 ? paths : []).map((path) =>
    Array.from({ length: ((path.length - 2) / 6) * STEPS }, (_, i) =>
      pointOf(path, Math.floor(i / STEPS), (i % STEPS) / STEPS),
    ),
  );
  const placed = fixed.slice();
  for (const { e, boxes } of choices) {
    const end = paths[e]!.at(-2)!;
    const start = paths[e]!.at(-8)!;
    const passing = lines.flatMap((line, other) =>
      mayCover || other === e || line[0]![0] > end || line.at(-1)![0] < start
        ? []
        : line.filter(([along]) => along >= start && along <= end),
    );
    const isFree = (box: Box) =>
      !taken.some((other) => touch(box, other)) &&
      !passing.some(
        ([along, across]) =>
          Math.abs(along - box.along) < box.length && Math.abs(across - box.across) < box.breadth,
      );
    const free = boxes.find(({ box }) => isFree(box));
    if (!free) continue;
    placed[e] = free.box;
    taken.push(free.box);
  }
  return placed;
}
