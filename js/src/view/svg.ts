/** The painter's pen for an SVG file. It measures as a canvas does. */

import type { Letters, Look } from "./paint.ts";
import { CanvasPen } from "./pen.ts";

export class SvgPen extends CanvasPen {
  /** What is drawn so far. */
  svg = "";

  override rect(x: number, y: number, width: number, height: number, rx: number, look: Look): void {
    this.#add("rect", { x, y, width, height, rx }, look);
  }

  override curves(paths: Iterable<readonly number[]>, look: Look): void {
    for (const path of paths) this.#add("path", { d: `M${path.slice(0, 2)}C${path.slice(2)}` }, look);
  }

  override polygon(points: readonly number[], fill: string): void {
    this.#add("polygon", { points }, { fill });
  }

  override text(text: string, x: number, y: number, { size, fill, bold, anchor }: Letters): void {
    const look = { "font-size": size, "font-weight": bold ? 600 : 400, "text-anchor": anchor ?? "start" };
    this.#add("text", { x, y, ...look }, { fill }, escaped(text));
  }

  #add(tag: string, shape: object, { fill, stroke, width, dashed }: Look, text = ""): void {
    const look = { fill: fill ?? "none", ...(stroke && { stroke, "stroke-width": width }) };
    const all = Object.entries({ ...shape, ...look, ...(dashed && { "stroke-dasharray": 4 }) });
    this.svg += `<${tag}${all.map(([name, value]) => ` ${name}="${value}"`).join("")}>${text}</${tag}>\n`;
  }
}

/** For XML, which has no control characters. */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}&<>"\ufffe\uffff]/gu, (sign) => {
    return /[&<>"]/.test(sign) ? `&#${sign.charCodeAt(0)};` : "\ufffd";
  });
}
