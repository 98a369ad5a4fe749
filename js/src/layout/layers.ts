/** Phase 1: in which layer each card stands: as late as its consumers allow, so that a leaf is next to its first use. */

/** From the lower to the higher number: an edge that leads backwards is reversed here. */
interface Edge {
  from: number;
  to: number;
}

/** A card goes just before its first consumer; a result goes where its longest chain ends. */
export function latestLayers(cards: number, edges: readonly Edge[]): Int32Array {
  const earliest = new Int32Array(cards);
  const ahead = edges.map(({ from, to }) => (from < to ? { from, to } : { from: to, to: from }));
  const byConsumer = ahead.slice().sort((a, b) => a.to - b.to);
  for (const { from, to } of byConsumer) earliest[to] = Math.max(earliest[to]!, earliest[from]! + 1);
  const latest = earliest.slice();
  const byProducer = ahead.slice().sort((a, b) => b.from - a.from);
  byProducer.forEach(({ from, to }, i) => {
    const first = i === 0 || byProducer[i - 1]!.from !== from;
    latest[from] = first ? latest[to]! - 1 : Math.min(latest[from]!, latest[to]! - 1);
  });
  const first = latest.reduce((least, k) => Math.min(least, k), Infinity);
  return latest.map((k) => k - first);
}
