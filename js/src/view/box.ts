/** Boxes: where something is, and how large; and about what a text takes in one. */

import type { Point, Size } from "../layout/index.ts";

const WIDE = 12.5; // a Chinese letter

export interface Box extends Point, Size {}

export function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

export function isSameBox(a: Box, b: Box | undefined): boolean {
  return a.x === b?.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

/** A box with so much more on each side. */
export function grown({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** The box around some points, given as x, y, x, y and so on. */
export function hullOf(points: readonly number[]): Box {
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export function middleOf({ x = 0, y = 0, width, height }: Size & Partial<Point>): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

export function clamp(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x));
}

/** About what a text takes of whose letters one takes so much; a Chinese one takes more. */
export function textWidth(text: string, letter: number): number {
  return [...text].reduce((sum, one) => sum + (one > "\u2e80" ? WIDE : letter), 0);
}
