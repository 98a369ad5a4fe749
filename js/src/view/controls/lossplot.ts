/** The curve of the loss by step, with its ends in numbers; grey: the run before, to compare. */

import { formatShort } from "../../analysis/format.ts";
import type { Point } from "../../session/descent.ts";
import { s, setAttribute, setText } from "../dom.ts";

const WIDTH = 160;
const HEIGHT = 34;
/** Start of the curve; before it stand the largest and the smallest loss. */
const LEFT = 50;

export interface LossPlot {
  readonly element: Element;
  update(trail: readonly Point[], earlier: readonly Point[]): void;
}

export function lossPlot(): LossPlot {
  const line = s("polyline", "curve");
  const before = s("polyline", "curve earlier");
  const size = { width: WIDTH, height: HEIGHT, "aria-hidden": "true" };
  const axis = s("path", "axis", { d: `M${LEFT} 0V${HEIGHT - 1}H${WIDTH}`, fill: "none" });
  const [top, bottom] = [11, HEIGHT - 1].map((y) =>
    s("text", "plot-text", { x: LEFT - 4, y, "text-anchor": "end" }),
  );
  return {
    element: s("svg", "loss", size, axis, top!, bottom!, before, line),
    update(trail, earlier) {
      const all = finite([...trail, ...earlier]);
      const [low, high] = [Math.min(...all), Math.max(...all)];
      const last = Math.max(trail.length, earlier.length) - 1;
      setAttribute(line, "points", lossLine(trail, low, high, last));
      setAttribute(before, "points", lossLine(earlier, low, high, last));
      setText(top!, written(high));
      setText(bottom!, written(low));
    },
  };
}

/** Losses as a line, the lowest at the bottom, in a frame that may hold another line too. */
function lossLine(trail: readonly Point[], low: number, high: number, last: number): string {
  return finite(trail)
    .map((loss, i) => {
      const x = LEFT + 2 + ((WIDTH - LEFT - 4) * i) / (last || 1);
      const y = 3 + ((HEIGHT - 6) * (high - loss)) / (high - low || 1);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

function finite(trail: readonly Point[]): number[] {
  return trail.map(({ loss }) => loss).filter(Number.isFinite);
}

/** A loss with three digits, also where it is small. */
export function written(loss: number): string {
  return formatShort(Number(loss.toPrecision(3)));
}
