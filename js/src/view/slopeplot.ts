/** The root as one node moves: the curve, the point, and the tangent whose slope is the gradient. */

import { formatGradient, formatShort } from "../format.ts";
import { chosenRange } from "../ranges.ts";
import { check, curve, pointsFor, Sweep } from "../slope.ts";
import type { State } from "../state.ts";
import { h, s } from "./dom.ts";

const WIDTH = 270;
const HEIGHT = 110;
const PAD = { left: 10, right: 10, top: 8, bottom: 16 };

interface Point {
  readonly x: number;
  readonly y: number;
}

export class SlopePlot {
  readonly #state: State;
  readonly #trail: (leaf: number) => Point[];

  constructor(state: State, trail: (leaf: number) => Point[]) {
    this.#state = state;
    this.#trail = trail;
  }

  /** The part of the inspector; undefined where there is nothing to plot. */
  part(id: number): HTMLElement | undefined {
    const { graph, names, messages, subject } = this.#state;
    const gradient = this.#state.gradient(id);
    const x = graph.values[id]!;
    const { isReplaying } = this.#state;
    if (gradient === undefined || id === subject || isReplaying || !Number.isFinite(x)) return undefined;
    if (this.#state.isOpaque(id)) return undefined;
    const sweep = new Sweep(graph, id, subject);
    const { low, high } = this.#state.leaves.includes(id) ? this.#state.range(id) : chosenRange(x);
    const { xs, ys } = curve(sweep, low, high, pointsFor(graph.size));
    const heading = h("h3", "heading", {}, messages.slope(names.of(subject), names.of(id)), " ");
    heading.append(h("span", "mute", {}, `${messages.slopeIs} ${formatGradient(gradient)}`));
    const plot = drawn({
      xs,
      ys,
      low,
      high,
      at: { x, y: graph.values[subject]! },
      gradient,
      trail: this.#trail(id),
    });
    return h("div", "part slope", {}, heading, plot, this.#verdict(sweep, x, gradient));
  }

  #verdict(sweep: Sweep, x: number, gradient: number): HTMLElement {
    const { messages } = this.#state;
    const { verdict, numeric, step, difference } = check(sweep, x, gradient);
    if (verdict === "kink" || verdict === "not finite") return h("div", "mute");
    const agrees = verdict === "agrees";
    const words = messages.finiteDifference(agrees, numeric.toFixed(4).replace("-", "−"));
    const detail = messages.checkDetail(tiny(step), tiny(difference));
    return h(
      "div",
      "",
      {},
      h("span", agrees ? "ok" : "alert", {}, agrees ? "✓" : "✗"),
      ` ${words} `,
      h("span", "mute", {}, detail),
    );
  }
}

interface Plot {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly low: number;
  readonly high: number;
  readonly at: Point;
  readonly gradient: number;
  readonly trail: readonly Point[];
}

function drawn({ xs, ys, low, high, at, gradient, trail }: Plot): SVGSVGElement {
  const heights = [...ys, at.y].filter(Number.isFinite);
  const [bottom, top] = spread(Math.min(...heights), Math.max(...heights));
  const px = (x: number) => PAD.left + ((x - low) / (high - low)) * (WIDTH - PAD.left - PAD.right);
  const py = (y: number) =>
    HEIGHT - PAD.bottom - ((y - bottom) / (top - bottom)) * (HEIGHT - PAD.top - PAD.bottom);
  const place = ({ x, y }: Point) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`;
  const frame = [
    s("line", "axis", {
      x1: PAD.left,
      x2: WIDTH - PAD.right,
      y1: HEIGHT - PAD.bottom,
      y2: HEIGHT - PAD.bottom,
    }),
    ...(low < 0 && high > 0
      ? [s("line", "axis", { x1: px(0), x2: px(0), y1: PAD.top, y2: HEIGHT - PAD.bottom })]
      : []),
    label(px(low), "start", formatShort(low)),
    label(px(high), "end", formatShort(high)),
  ];
  const line = [...xs].map((x, i) => ({ x, y: ys[i]! })).filter(({ y }) => Number.isFinite(y));
  const shapes = [s("polyline", "curve", { points: line.map(place).join(" ") })];
  const passed = trail.filter(
    ({ x, y }) => Number.isFinite(y) && x >= low && x <= high && y >= bottom && y <= top,
  );
  const trace = passed.map((point) => s("circle", "trail", { cx: px(point.x), cy: py(point.y), r: 2 }));
  const here = Number.isFinite(at.y) && Number.isFinite(gradient) ? tangent(at, gradient, px, py) : [];
  const view = `0 0 ${WIDTH} ${HEIGHT}`;
  return s(
    "svg",
    "plot",
    { viewBox: view, width: WIDTH, height: HEIGHT },
    ...frame,
    ...shapes,
    ...trace,
    ...here,
  );
}

/** The point, and a piece of the tangent of one length whatever its slope. */
function tangent(
  at: Point,
  gradient: number,
  px: (x: number) => number,
  py: (y: number) => number,
): SVGElement[] {
  const dx = px(at.x + 1) - px(at.x);
  const dy = py(at.y + gradient) - py(at.y);
  const scale = 42 / Math.hypot(dx, dy);
  const [x, y] = [px(at.x), py(at.y)];
  const [ux, uy] = [dx * scale, dy * scale];
  return [
    s("line", "tangent", { x1: x - ux, y1: y - uy, x2: x + ux, y2: y + uy }),
    s("circle", "here", { cx: x, cy: y, r: 4.5 }),
  ];
}

/** A number of which only the size matters. */
function tiny(x: number): string {
  return x === 0 ? "0" : Math.abs(x).toExponential(0).replace("e-", "e−").replace("e+", "e");
}

function spread(bottom: number, top: number): [number, number] {
  if (!Number.isFinite(bottom)) return [-1, 1];
  const margin = (top - bottom) * 0.06 || Math.abs(top) * 0.1 || 1;
  return [bottom - margin, top + margin];
}

function label(x: number, anchor: string, text: string): SVGTextElement {
  const node = s("text", "plot-text", { x, y: HEIGHT - 3, "text-anchor": anchor });
  node.textContent = text;
  return node;
}
