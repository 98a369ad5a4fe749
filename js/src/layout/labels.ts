/**
 * Phase 6, last part: edge labels on their curves, clear of cards and of other labels.
 */

import { pointOf } from "./curves.ts";
import type { Path, Size } from "./types.ts";

export const LABEL_CLEARANCE = 2;
export const ARROW = 10; // length of the arrowhead at the start of a line, which a label should leave visible
const LINE = 3; // half the width of the thickest line
const STEPS = 32; // candidate places on a curve

/** Box around a middle: half its length along, half its breadth across. */
export interface Box {
  along: number;
  across: number;
  length: number;
  breadth: number;
}

export function boxAround(along: number, across: number, { width, height }: Size): Box {
  return { along, across, length: width / 2, breadth: height / 2 };
}

const touch = (a: Box, b: Box, clearance = LABEL_CLEARANCE): boolean =>
  Math.abs(a.along - b.along) < a.length + b.length + clearance &&
  Math.abs(a.across - b.across) < a.breadth + b.breadth + clearance;

/**
 * Place each edge label on the last curve of its path, near the middle.
 *
 * A label keeps clear of other lines unless it may cover them, and of the dummy chain that its edge leaves. `fixed` are
 * labels with a place already. A label without room stays undefined.
 */
export function placeLabels(
  paths: Path[],
  sizes: readonly (Size | undefined)[],
  cards: Box[],
  fixed: (Box | undefined)[],
  isBranch: (e: number) => boolean,
  mayCover = false,
): (Box | undefined)[] {
  if (!sizes.some(Boolean)) return fixed;
  const arrow = { width: ARROW, height: 4 };
  const arrows = paths.map(([along, across]) => boxAround(along! + ARROW / 2, across!, arrow));
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
      const box = boxAround(along, across, size);
      const covers = leaves && Math.abs(across - level) < beside;
      if (covers || cards.some((card) => touch(box, card))) continue;
      const hides = arrows.some((arrow) => touch(box, arrow));
      boxes.push({ box, cost: Math.abs(i / STEPS - 0.5) + (hides ? 1 : 0) });
    }
    return [{ e, boxes: boxes.sort((a, b) => a.cost - b.cost) }];
  });
  // The label with the fewest choices goes first.
  choices.sort((a, b) => a.boxes.length - b.boxes.length);
  const lines = choices.length > 0 && !mayCover ? paths.map(piecesOf) : [];
  const placed = fixed.slice();
  for (const { e, boxes } of choices) {
    const reach = sizes[e]!.width / 2;
    const [start, end] = [paths[e]!.at(-8)! - reach, paths[e]!.at(-2)! + reach];
    const passing = lines.flatMap((line, other) =>
      other === e ? [] : line.filter(({ along, length }) => along + length >= start && along - length <= end),
    );
    const isFree = (box: Box) =>
      !taken.some((other) => touch(box, other)) && !passing.some((piece) => touch(box, piece, 0));
    const free = boxes.find(({ box }) => isFree(box));
    if (!free) continue;
    placed[e] = free.box;
    taken.push(free.box);
  }
  return placed;
}

/** Cover a line with boxes around short pieces. */
function piecesOf(path: Path): Box[] {
  const pieces: Box[] = [];
  let [along, across] = pointOf(path, 0, 0);
  for (let i = 1; i <= ((path.length - 2) / 6) * STEPS; i++) {
    const [to, over] = pointOf(path, Math.floor((i - 1) / STEPS), (((i - 1) % STEPS) + 1) / STEPS);
    pieces.push({
      along: (along + to) / 2,
      across: (across + over) / 2,
      length: (to - along) / 2,
      breadth: Math.abs(over - across) / 2,
    });
    [along, across] = [to, over];
  }
  return pieces;
}
