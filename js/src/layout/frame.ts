/**
 * Sizes of cards and labels in the coordinates of the layout: along the flow and across it.
 */

import { countBy, endsOf } from "./edges.ts";
import { LABEL_CLEARANCE } from "./labels.ts";
import type { LayoutInput, Size } from "./types.ts";

const CORNER = 5; // between a line and the end of its card's side
const LEAST_SPACING = 14; // between the edges that enter a card, if there is room

export class Frame {
  /** Sizes along (`width`) and across (`height`). */
  readonly cards: readonly Size[];
  readonly labels: readonly (Size | undefined)[];
  /** Smallest size that holds any label. */
  readonly label: Size;
  /** Distance between the edges that enter a card. */
  readonly spacing: Float64Array;
  /** Half the height of a card with the labels before it. */
  readonly halfHeight: Float64Array;
  readonly #input: LayoutInput;

  constructor(input: LayoutInput) {
    const { sizes, edges, direction } = input;
    const turn = ({ width, height }: Size): Size =>
      direction === "LR" ? { width, height } : { width: height, height: width };
    this.#input = input;
    this.cards = sizes.map(turn);
    this.labels = edges.map(({ label }) => label && turn(label));
    this.label = largest(this.labels);
    const { height } = this.label;
    const operands = countBy(endsOf(edges)[1], sizes.length);
    const wanted = Math.max(LEAST_SPACING, height + 2 * LABEL_CLEARANCE);
    this.spacing = Float64Array.from(this.cards, (card, id) =>
      Math.min(wanted, card.height / (operands[id]! + 0.15)),
    );
    this.halfHeight = Float64Array.from(this.cards, (card, id) =>
      Math.max(
        card.height / 2 + this.sheets(id),
        operands[id]! && ((operands[id]! - 1) * this.spacing[id]! + height) / 2,
      ),
    );
  }

  /** Offset of the sheets of a stack under a card. */
  sheets(card: number): number {
    return this.#input.sizes[card]!.sheets ?? 0;
  }

  /** Distance of a card's side from its middle, at `over` across: less at round corners. */
  sideAt(card: number, over: number, leaves: boolean): number {
    const { width, height } = this.cards[card]!;
    const radius = this.#radius(card);
    const past = Math.max(0, Math.abs(over) - height / 2 + radius);
    const under = leaves && this.#input.direction !== "BT" ? this.sheets(card) : 0;
    return width / 2 - radius + Math.sqrt(radius * radius - past * past) + under;
  }

  /** Largest offset of a line from the middle of a card's side: a corner has receded there by a fifth of its radius. */
  reach(card: number): number {
    return this.cards[card]!.height / 2 - Math.max(CORNER, 0.4 * this.#radius(card));
  }

  /** Offset from a card's middle at which all lines leave it, if given. */
  exit(card: number): number | undefined {
    return this.#fromMiddle(card, this.#input.sizes[card]!.exit);
  }

  /** Offset from a card's middle at which an edge enters it, if given. */
  entry(edge: number, card: number): number | undefined {
    return this.#fromMiddle(card, this.#input.edges[edge]!.entry);
  }

  #fromMiddle(card: number, down: number | undefined): number | undefined {
    return this.#input.direction === "LR" && down !== undefined
      ? down - this.cards[card]!.height / 2
      : undefined;
  }

  #radius(card: number): number {
    const { width, height } = this.cards[card]!;
    return Math.min(this.#input.sizes[card]!.radius ?? 0, width / 2, height / 2);
  }
}

function largest(sizes: readonly (Size | undefined)[]): Size {
  const size = { width: 0, height: 0 };
  for (const one of sizes) {
    size.width = Math.max(size.width, one?.width ?? 0);
    size.height = Math.max(size.height, one?.height ?? 0);
  }
  return size;
}
