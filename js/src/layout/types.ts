/** Input and result of the layout, and what its phases hand on. */

export interface Size {
  width: number;
  height: number;
}

export interface Card extends Size {
  /** Of its corners. */
  radius?: number;
  /** How far the sheets of a stack reach out under it, to the right and down. */
  sheets?: number;
}

/** From producer to consumer. `x * x` has two edges. */
export interface LayoutEdge {
  from: number;
  to: number;
  pill?: Size | undefined;
}

export type Direction = "LR" | "TB" | "BT";

export interface LayoutInput {
  sizes: Card[];
  /** Producers have lower numbers than their consumers. */
  edges: LayoutEdge[];
  direction?: Direction;
  layerGap?: number;
  nodeGap?: number;
  /** A wish: gaps shrink where that is enough to meet it, cards and pills don't. */
  maxWidth?: number;
  /** Whether pills may stand on lines of others, which takes less width. */
  mayCover?: boolean;
  /** Where titles stand, by the top left corners of the cards: numbers keep clear of them, and lines pass over them. */
  titles?: ((corners: readonly Point[]) => (Point & Size)[]) | undefined;
  /** Where a card stood before, across: the middle of its y, or of its x where values flow up or down. */
  before?: ((card: number) => number | undefined) | undefined;
  /** Of a layout of the same cards and edges in other sizes, which need not be found again. */
  order?: Rows | undefined;
}

export interface Point {
  x: number;
  y: number;
}

/** Cubic Bézier curves end to end: x0, y0, then six numbers per curve (two control points and the end). */
export interface Route {
  path: number[];
  pill?: Point | undefined;
}

export interface Layout {
  width: number;
  height: number;
  /** Top left corners. */
  nodes: Point[];
  /** In the order of the edges. */
  routes: Route[];
  /** Cards and lanes of each layer, for the same graph in other sizes. */
  order: Rows;
}

/** Items of each layer, first to last. */
export type Rows = Int32Array[];

/** Curves end to end: along, across, then six numbers for each. */
export type Path = number[];
