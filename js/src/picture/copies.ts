/**
 * Choice of leaves to draw as one small copy per use, instead of one card with long lines to all uses.
 */

import { latestLayers } from "../layout/layers.ts";

const SMALL = 60; // items up to which each leaf is drawn once
const FEW_USES = 3;
const FAR = 2; // average number of layers that lines pass, from which they are too long
const OVER = 40; // average number of lines that a line crosses in its gap, from which a fan is too dense

/**
 * Choose the leaves to copy.
 *
 * The lines of a leaf cost the layers that they pass, and the lines that they cross in the gap where they end, estimated
 * by the distance of its consumers' ids. Copies cost neither, so the average per line counts.
 */
export function copiedLeaves(
  items: number,
  edges: readonly { from: number; to: number }[],
  leaves: Iterable<number>,
): Set<number> {
  const copied = new Set<number>();
  if (items <= SMALL) return copied;
  const layer = latestLayers(items, edges);
  const uses: number[][] = Array.from({ length: items }, () => []);
  for (const { from, to } of edges) uses[from]!.push(to);
  for (const leaf of leaves) {
    const count = uses[leaf]!.length;
    if (count < FEW_USES) continue;
    const ids = uses[leaf]!;
    const passed = ids.reduce((sum, use) => sum + Math.abs(layer[use]! - layer[leaf]!) - 1, 0);
    ids.sort((a, b) => a - b);
    const spread = ids.at(-1)! - ids[0]!;
    if (passed >= FAR * count || spread >= OVER * count) copied.add(leaf);
  }
  return copied;
}
