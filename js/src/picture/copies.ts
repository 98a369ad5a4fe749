/**
 * Which leaves of a large graph are better drawn as one small copy per use than as one card with long lines to all uses.
 */

import { latestLayers } from "../layout/layers.ts";

const SMALL = 60; // a graph of up to as many items shows every leaf once
const FEW_USES = 3;
const FAR = 2; // layers that the lines of a leaf pass, on average, from where they get too long
const OVER = 40; // and lines that a fan within one layer runs over, on average, from where it gets too dense

/**
 * Of the given leaves those to copy. A leaf's lines cost the layers they pass, and the other lines that they run over
 * in the gap where they end: estimated from how far apart its consumers were made. Copies cost neither, so what counts
 * is each line's share.
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
    const passed = uses[leaf]!.reduce((sum, use) => sum + Math.abs(layer[use]! - layer[leaf]!) - 1, 0);
    const ids = uses[leaf]!;
    const spread =
      ids.reduce((most, use) => Math.max(most, use), 0) -
      ids.reduce((least, use) => Math.min(least, use), items);
    if (passed >= FAR * count || spread >= OVER * count) copied.add(leaf);
  }
  return copied;
}
