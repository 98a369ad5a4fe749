/**
 * Phase 5, second half: each edge's pill finds a place on its curve, clear of cards and of other pills.
 */

import type { Drawing } from "./places.ts";
import { type Bands, cardStart, type Path, type Spot } from "./routes.ts";

export const PILL_CLEARANCE = 2;
export const ARROW = 10; // the arrowhead at the producer, which a pill should leave in sight
const CROWDED = 800; // with more edges than this, pills look only near the consumer, and not out for other edges

const MANY = 16;

export interface Box extends Spot {
  halfLength: number;
  halfBreadth: number;
}

export interface Pills {
  spots: (Spot | undefined)[];
  /** Edges whose pill found no place. */
  missing: number[];
  /** Edges whose pill lies on an arrowhead. */
  covering: number[];
}

/** `boxes` has each edge's pill, its place still to be found. */
export function placePills(drawing: Drawing, bands: Bands, paths: Path[], boxes: (Box | undefined)[]): Pills {
  const pills: Pills = { spots: paths.map(() => undefined), missing: [], covering: [] };
  if (!boxes.some((box) => box)) return pills;
  const lines = new Points();
  const arrows = new Boxes();
  const crowded = paths.length > CROWDED;
  const samples = paths.map((path) => (crowded ? sampled(path.slice(-14), 12) : sampled(path, 5)));
  samples.forEach((spots, e) => {
    if (!crowded) lines.add(spots, e);
    const [along, across] = paths[e] as [number, number];
    arrows.add({ along: along + ARROW / 2, across, halfLength: ARROW / 2, halfBreadth: 3 });
  });
  const cards = cardsByPlace(drawing);
  const choices: { e: number; ranked: Choice[] }[] = [];
  boxes.forEach((box, e) => {
    if (box)
      choices.push({ e, ranked: rankedChoices(drawing, bands, cards, samples[e]!, box, lines, arrows, e) });
  });
  // Who has the least choice chooses first.
  choices.sort((a, b) => a.ranked.length - b.ranked.length || a.e - b.e);
  const taken = new Boxes();
  for (const { e, ranked } of choices) {
    const choice = ranked.find(({ box }) => !taken.hit(box));
    if (!choice) {
      pills.missing.push(e);
      continue;
    }
    if (choice.onArrow) pills.covering.push(e);
    taken.add(choice.box);
    pills.spots[e] = { along: choice.box.along, across: choice.box.across };
  }
  return pills;
}

interface Choice {
  box: Box;
  cost: number;
  onArrow: boolean;
}

/** Places for a pill on its curve that keep clear of cards, best first. */
function rankedChoices(
  drawing: Drawing,
  bands: Bands,
  cards: Int32Array[],
  spots: Spot[],
  pill: Box,
  lines: Points,
  arrows: Boxes,
  e: number,
): Choice[] {
  const ranked: Choice[] = [];
  const distance = distances(spots);
  const whole = distance[distance.length - 1]!;
  spots.forEach((spot, i) => {
    const box = { ...pill, along: spot.along, across: spot.across };
    if (hitsCard(drawing, bands, cards, box)) return;
    const onArrow = arrows.hit(box, 0);
    const offMiddle = Math.abs(distance[i]! / whole - 0.5) * Math.min(whole, 240);
    ranked.push({ box, onArrow, cost: offMiddle + 6 * lines.foreign(box, e) + (onArrow ? 200 : 0) });
  });
  return ranked.sort((a, b) => a.cost - b.cost);
}

function distances(spots: Spot[]): Float64Array {
  const distance = new Float64Array(spots.length);
  for (let i = 1; i < spots.length; i++) {
    const a = spots[i - 1]!;
    const b = spots[i]!;
    distance[i] = distance[i - 1]! + Math.hypot(b.along - a.along, b.across - a.across);
  }
  return distance;
}

function cardsByPlace({ net, rows }: Drawing): Int32Array[] {
  return rows.map((row) => row.filter((item) => item < net.cards));
}

function hitsCard(drawing: Drawing, bands: Bands, cards: Int32Array[], box: Box): boolean {
  const { net, across } = drawing;
  const near = box.along - box.halfLength - PILL_CLEARANCE;
  const far = box.along + box.halfLength + PILL_CLEARANCE;
  const reach = box.halfBreadth + PILL_CLEARANCE;
  for (let k = firstWhere(bands.end.length, (i) => bands.end[i]! > near); k < net.layers; k++) {
    if (bands.start[k]! >= far) break;
    const row = cards[k]!;
    const bottom = (i: number) => across[row[i]!]! + net.breadth[row[i]!]! / 2;
    for (let i = firstWhere(row.length, (j) => bottom(j) > box.across - reach); i < row.length; i++) {
      const card = row[i]!;
      if (across[card]! - net.breadth[card]! / 2 >= box.across + reach) break;
      const start = cardStart(drawing, bands, card);
      if (start < far && start + net.length[card]! > near) return true;
    }
  }
  return false;
}

/** The first index for which a test holds that, once true, stays true. */
function firstWhere(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Points along a path, about `step` apart; farther apart on very long pieces. */
function sampled(path: Path, step: number): Spot[] {
  const spots: Spot[] = [{ along: path[0]!, across: path[1]! }];
  for (let i = 2; i < path.length; i += 6) {
    const [x0, y0, x1, y1] = [path[i - 2]!, path[i - 1]!, path[i]!, path[i + 1]!];
    const [x2, y2, x3, y3] = [path[i + 2]!, path[i + 3]!, path[i + 4]!, path[i + 5]!];
    const count = Math.max(2, Math.min(80, Math.ceil((x3 - x0 + Math.abs(y3 - y0)) / step)));
    for (let j = 1; j <= count; j++) {
      const t = j / count;
      const s = 1 - t;
      spots.push({
        along: s * s * s * x0 + 3 * s * s * t * x1 + 3 * s * t * t * x2 + t * t * t * x3,
        across: s * s * s * y0 + 3 * s * s * t * y1 + 3 * s * t * t * y2 + t * t * t * y3,
      });
    }
  }
  return spots;
}

const CELL = 48;
const cellOf = (along: number, across: number): number =>
  Math.floor(along / CELL) * 1_048_576 + Math.floor(across / CELL) + 524_288;

/** Points of all edges, found by place. */
class Points {
  readonly #cells = new Map<number, { spot: Spot; edge: number }[]>();

  add(spots: Spot[], edge: number): void {
    for (const spot of spots) {
      const key = cellOf(spot.along, spot.across);
      const cell = this.#cells.get(key);
      if (cell) cell.push({ spot, edge });
      else this.#cells.set(key, [{ spot, edge }]);
    }
  }

  /** How many points of other edges lie under a box; there may be more than the many it counts to. */
  foreign(box: Box, edge: number): number {
    let count = 0;
    const reach = box.halfBreadth + 1;
    const lastAlong = Math.floor((box.along + box.halfLength) / CELL);
    const lastAcross = Math.floor((box.across + reach) / CELL);
    for (let a = Math.floor((box.along - box.halfLength) / CELL); a <= lastAlong; a++) {
      for (let c = Math.floor((box.across - reach) / CELL); c <= lastAcross; c++) {
        for (const other of this.#cells.get(cellOf(a * CELL, c * CELL)) ?? []) {
          if (other.edge === edge) continue;
          if (Math.abs(other.spot.along - box.along) > box.halfLength) continue;
          if (Math.abs(other.spot.across - box.across) <= reach && ++count === MANY) return count;
        }
      }
    }
    return count;
  }
}

/** Boxes placed so far, found by place. */
class Boxes {
  readonly #cells = new Map<number, Box[]>();
  #longest = 0;
  #broadest = 0;

  add(box: Box): void {
    const key = cellOf(box.along, box.across);
    const cell = this.#cells.get(key);
    if (cell) cell.push(box);
    else this.#cells.set(key, [box]);
    this.#longest = Math.max(this.#longest, box.halfLength);
    this.#broadest = Math.max(this.#broadest, box.halfBreadth);
  }

  hit(box: Box, clearance = PILL_CLEARANCE): boolean {
    const along = box.halfLength + this.#longest + clearance;
    const across = box.halfBreadth + this.#broadest + clearance;
    const lastAlong = Math.floor((box.along + along) / CELL);
    const lastAcross = Math.floor((box.across + across) / CELL);
    for (let a = Math.floor((box.along - along) / CELL); a <= lastAlong; a++) {
      for (let c = Math.floor((box.across - across) / CELL); c <= lastAcross; c++) {
        for (const other of this.#cells.get(cellOf(a * CELL, c * CELL)) ?? []) {
          const near = Math.abs(box.along - other.along) < box.halfLength + other.halfLength + clearance;
          const beside =
            Math.abs(box.across - other.across) < box.halfBreadth + other.halfBreadth + clearance;
          if (near && beside) return true;
        }
      }
    }
    return false;
  }
}
