/**
 * Extents of the layers along the flow, and the gaps between them.
 *
 * A gap with a label without room becomes a runway: lines run level there, and each label has its place.
 */

import type { Frame } from "./frame.ts";
import { ARROW, LABEL_CLEARANCE } from "./labels.ts";
import type { Net } from "./net.ts";
import type { LayoutInput } from "./types.ts";

const TITLE = 28; // height of a title above its card
const LEVEL = 3; // a line runs level this far past its layer, or it would cut its neighbours' corners
const LEAST_GAP = 16; // to which gaps may shrink for a preferred width
const BEFORE_RUNWAY = 24; // from the arrowhead to the runway

export class Bands {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Length of the runway before each layer; 0 for none. */
  readonly runway: Float64Array;
  /** Columns of labels that the runway before a layer needs, so that none covers another. */
  readonly #columns: Int32Array;
  /** Length of such a column. */
  readonly #column: number;
  /** Room for titles at the end of a runway. */
  readonly #titles: number;
  readonly #widths: Float64Array;
  readonly #gaps: Float64Array;

  constructor(input: LayoutInput, frame: Frame, net: Net) {
    const { cards, label, spacing } = frame;
    const perLayer = () => new Float64Array(net.layers);
    [this.start, this.end, this.runway, this.#widths] = [perLayer(), perLayer(), perLayer(), perLayer()];
    this.#columns = new Int32Array(net.layers).fill(1);
    for (const [card, { width }] of cards.entries()) {
      const k = net.layer[card]!;
      const columns = Math.ceil((label.height + LABEL_CLEARANCE) / spacing[card]! - 1e-9);
      this.#widths[k] = Math.max(this.#widths[k]!, width + 2 * frame.sheets(card));
      this.#columns[k] = Math.max(this.#columns[k]!, columns);
    }
    this.#column = label.width && label.width + 2 * LABEL_CLEARANCE;
    this.#titles = input.top && input.direction === "TB" ? TITLE : 0;
    this.#gaps = perLayer().fill(this.#gap(input));
    this.#place();
  }

  /** Middle of a layer. */
  middle(layer: number): number {
    return (this.start[layer]! + this.end[layer]!) / 2;
  }

  /** Begin of a layer's runway, if it has one: lines to it are level from there. */
  entry(layer: number): number {
    return this.start[layer]! - this.runway[layer]!;
  }

  /** Middle of the label that is the `nth` on the runway before a layer. */
  onRunway(layer: number, nth: number): number {
    return this.start[layer]! - this.#titles - ((nth % this.#columns[layer]!) + 0.5) * this.#column;
  }

  /** Give these layers a runway. */
  addRunways(layers: Iterable<number>): void {
    for (const k of layers) {
      this.runway[k] = this.#columns[k]! * this.#column + this.#titles;
      this.#gaps[k - 1] = Math.max(this.#gaps[k - 1]!, this.runway[k]! + ARROW + BEFORE_RUNWAY);
    }
    this.#place();
  }

  /** Width of a gap: as wished, or less if that meets the preferred width. */
  #gap({ direction, layerGap, maxWidth }: LayoutInput): number {
    const wished = Math.max(layerGap, this.#column && this.#column + ARROW);
    if (direction !== "LR") return wished;
    const left = maxWidth - this.#widths.reduce((sum, width) => sum + width, 0);
    const fitting = left / (this.#widths.length - 1);
    return fitting < wished && fitting >= Math.max(this.#column, LEAST_GAP) ? fitting : wished;
  }

  #place(): void {
    let along = 0;
    this.#widths.forEach((width, k) => {
      this.start[k] = along - LEVEL;
      this.end[k] = along + width + LEVEL;
      along += width + this.#gaps[k]!;
    });
  }
}
