/** The titles of open groups: above which item each stands, and what it may take there. */

import { grouped } from "../../analysis/grouped.ts";
import type { Direction } from "../../layout/index.ts";
import type { Group, SceneGraph } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { type Box, middleOf, overlaps, textWidth } from "../box.ts";

/** Margin of the shade of an open group around its items. */
export const AROUND = 9;
/** Distance of a title above its item. */
const ABOVE = 31;
const HEIGHT = 24;
/** Width of a title besides its letters, and the most of a letter. */
const BESIDE = 32;
const LETTER = 7;

/** The titles of some groups, the outermost first, side by side. */
export interface Titles {
  readonly groups: readonly Group[];
  readonly box: Box;
}

/** The items of an open group. */
export function insideOf({ nodes }: Group, { itemOf }: SceneGraph): Set<number> {
  return new Set(nodes.map((node) => itemOf[node]!));
}

/**
 * Each above the first item of its group: the highest of those whose middle is furthest left, or where values flow up or
 * down the leftmost of the highest. It ends before what stands to its right.
 */
export function titlesOf(
  { folds }: State,
  picture: SceneGraph,
  direction: Direction,
  boxes: readonly Box[],
): Titles[] {
  const lies = direction === "LR";
  const isBefore = (one: number, other: number) => {
    const [a, b] = [middleOf(boxes[one]!), middleOf(boxes[other]!)];
    const [along, across] = lies ? [a.x - b.x, a.y - b.y] : [a.y - b.y, a.x - b.x];
    return Math.abs(along) < 1 ? across < 0 : along < 0;
  };
  const firstOf = (group: Group) =>
    [...insideOf(group, picture)].reduce((one, other) => (isBefore(other, one) ? other : one));
  const byItem = grouped(folds.framed, firstOf);
  return [...byItem].map(([item, groups]) => {
    const { x, y } = boxes[item]!;
    const wished = groups.reduce((sum, group) => sum + textWidth(folds.title(group), LETTER) + BESIDE, 0);
    const box = { x: x - AROUND, y: y - ABOVE, width: wished, height: HEIGHT };
    const ends = boxes
      .filter((other) => other.x > x && overlaps(other, box))
      .map((other) => other.x - AROUND);
    return { groups, box: { ...box, width: Math.min(wished, ...ends.map((end) => end - box.x)) } };
  });
}
