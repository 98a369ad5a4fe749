/** The painter's pen for a canvas. */

import type { Letters, Look, Pen } from "./paint.ts";

const FONT = `system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans SC", "Noto Sans CJK SC", sans-serif`;

export class CanvasPen implements Pen {
  readonly #context: CanvasRenderingContext2D;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  rect(x: number, y: number, width: number, height: number, radius: number, look: Look): void {
    const context = this.#context;
    if (radius === 0 && look.fill && !look.stroke) {
      context.fillStyle = look.fill;
      context.fillRect(x, y, width, height);
      return;
    }
    context.beginPath();
    context.roundRect(x, y, width, height, radius);
    this.#draw(look);
  }

  curves(paths: Iterable<readonly number[]>, look: Look): void {
    const context = this.#context;
    context.beginPath();
    for (const path of paths) {
      context.moveTo(path[0]!, path[1]!);
      for (let i = 2; i < path.length; i += 6)
        context.bezierCurveTo(path[i]!, path[i + 1]!, path[i + 2]!, path[i + 3]!, path[i + 4]!, path[i + 5]!);
    }
    this.#draw(look);
  }

  polygon(points: readonly number[], fill: string): void {
    const context = this.#context;
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
    this.#draw({ fill });
  }

  text(text: string, x: number, y: number, { size, fill, bold, anchor }: Letters): void {
    const context = this.#context;
    context.font = fontOf(size, bold === true);
    context.fillStyle = fill;
    context.textAlign = anchor === "middle" ? "center" : (anchor ?? "left");
    context.fillText(text, x, y);
  }

  measure(text: string, size: number, bold: boolean): number {
    this.#context.font = fontOf(size, bold);
    return this.#context.measureText(text).width;
  }

  #draw({ fill, stroke, width, dashed }: Look): void {
    const context = this.#context;
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    if (!stroke) return;
    context.strokeStyle = stroke;
    context.lineWidth = width ?? 1;
    context.setLineDash(dashed ? [4, 4] : []);
    context.stroke();
  }
}

function fontOf(size: number, bold: boolean): string {
  return `${bold ? "600 " : ""}${size}px ${FONT}`;
}
