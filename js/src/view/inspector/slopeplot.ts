/** The root as one node moves: the curve, the point, and the tangent whose slope is the gradient. */

import { formatShort, signed } from "../../analysis/format.ts";
import { check, curve, pointsFor, Sweep } from "../../analysis/slope.ts";
import { chosenRange, type Range } from "../../session/ranges.ts";
import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { type Child, h, hueOf, quiet, s, section } from "../dom.ts";

const WIDTH = 270;
const HEIGHT = 110;
const PAD = 10;
/** Place of the axis. */
const FLOOR = HEIGHT - 16;
/** Half the length of the tangent. */
const REACH = 42;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The part of the inspector; undefined where there is nothing to plot. */
export function slopePart(
  state: State,
  id: number,
  trailOf: (leaf: number) => Point[],
): HTMLElement | undefined {
  const { graph, names, messages, subject } = state;
  const gradient = state.gradient(id);
  const [x, y] = [graph.values[id]!, graph.values[subject]!];
  if (gradient === undefined || id === subject || state.isReplaying || !hasPlace(x)) return undefined;
  if (state.isOpaque(id)) return undefined;
  const sweep = new Sweep(graph, id, subject);
  const range = state.leaves.includes(id) ? state.range(id) : chosenRange(x);
  const { xs, ys } = curve(sweep, range.low, range.high, pointsFor(graph.size));
  const points = Array.from(xs, (at, i) => ({ x: at, y: ys[i]! }));
  if (!points.some(isFinitePoint)) return undefined;
  return section(
    messages.slope(names.of(subject), names.of(id)),
    `${messages.slopeIs} ${state.spelling.gradient(gradient)}`,
    drawn(state, range, points, { x, y }, gradient, trailOf(id)),
    h("div", "verdict", {}, ...verdict(state, sweep, x, gradient)),
  );
}

function verdict({ messages }: State, sweep: Sweep, x: number, gradient: number): Child[] {
  const { verdict, numeric, step, difference } = check(sweep, x, gradient);
  if (verdict === "not finite") return [];
  if (verdict === "kink") return [quiet(messages.kink)];
  const agrees = verdict === "agrees";
  const words = messages.finiteDifference(signed(numeric.toPrecision(5)));
  const detail = messages.checkDetail(tiny(step), tiny(difference));
  const mark = h("b", agrees ? "ok" : "alert", {}, agrees ? "✓" : "✗");
  return [mark, ` ${words} `, quiet(detail)];
}

function drawn(
  { spelling }: State,
  { low, high }: Range,
  curve: readonly Point[],
  at: Point,
  gradient: number,
  trail: readonly Point[],
): SVGSVGElement {
  const heights = [...curve, at].filter(isFinitePoint).map(({ y }) => y);
  const [bottom, top] = spread(Math.min(...heights), Math.max(...heights));
  const wide = (WIDTH - 2 * PAD) / (high - low);
  const tall = (FLOOR - PAD) / (top - bottom);
  const px = (x: number) => PAD + (x - low) * wide;
  const py = (y: number) => FLOOR - (y - bottom) * tall;
  // A line across a gap would be one that nobody computed; a point between two gaps is seen by its round ends.
  const d = curve
    .map((point, i) => {
      const at = `${px(point.x).toFixed(1)},${py(point.y).toFixed(1)}`;
      return !isFinitePoint(point) ? "" : i > 0 && isFinitePoint(curve[i - 1]!) ? `L${at}` : `M${at}h0`;
    })
    .join("");
  const passed = trail.filter(({ x, y }) => x >= low && x <= high && y >= bottom && y <= top);
  const dot = ({ x, y }: Point, name: string, r: number) => s("circle", name, { cx: px(x), cy: py(y), r });
  const line = (name: string, x1: number, y1: number, x2: number, y2: number) =>
    s("line", name, { x1, y1, x2, y2 });
  const label = (text: string, x: number, y: number, anchor: string) =>
    s("text", "plot-text", { x, y, "text-anchor": anchor }, text);
  const shapes: SVGElement[] = [
    line("axis", PAD, FLOOR, WIDTH - PAD, FLOOR),
    label(formatShort(low), PAD, HEIGHT - 3, "start"),
    label(formatShort(high), WIDTH - PAD, HEIGHT - 3, "end"),
  ];
  if (low < 0 && high > 0) shapes.push(line("axis", px(0), PAD, px(0), FLOOR));
  shapes.push(s("path", "curve", { d }));
  shapes.push(...passed.map((point) => dot(point, "trail", 2)));
  if (hasPlace(at.y) && hasPlace(gradient)) {
    // A piece of the tangent of one length whatever its slope.
    const share = REACH / Math.hypot(wide, gradient * tall);
    const [x, y, ux, uy] = [px(at.x), py(at.y), wide * share, -gradient * tall * share];
    shapes.push(line("tangent", x - ux, y - uy, x + ux, y + uy), dot(at, "here", 4.5));
    // On the side of the falling or rising line where there is room.
    const isLeft = at.x > (low + high) / 2;
    const above = y + (isLeft === gradient > 0 ? -9 : 15);
    const words = `${spelling.write(at.x)}, ${spelling.write(at.y)}`;
    shapes.push(label(words, x + (isLeft ? -6 : 6), clamp(above, PAD, FLOOR - 3), isLeft ? "end" : "start"));
  }
  const view = `0 0 ${WIDTH} ${HEIGHT}`;
  return s("svg", `plot${hueOf(gradient)}`, { viewBox: view, width: WIDTH, height: HEIGHT }, ...shapes);
}

function isFinitePoint({ y }: Point): boolean {
  return hasPlace(y);
}

/** Check for a number that a plot can have; near the largest, differences overflow. */
function hasPlace(x: number): boolean {
  return Math.abs(x) < 1e300;
}

/** A number of which only the size matters. */
function tiny(x: number): string {
  return x === 0 ? "0" : signed(Math.abs(x).toExponential(0));
}

function spread(bottom: number, top: number): [number, number] {
  const margin = (top - bottom) * 0.06 || Math.abs(top) * 0.1 || 1;
  return [bottom - margin, top + margin];
}
