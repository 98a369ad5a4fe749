/** Types of the layout: its input, its result, and the data between its phases. */

export interface Size {
  width: number;
  height: number;
}

export interface Card extends Size {
  /** Of its corners. */
  radius?: number;
  /** Offset of the sheets of a stack under it, to the right and down. */
  sheets?: number;
  /** Distance from its top at which lines leave it, where values flow to the right; the middle if not given. */
  exit?: number | undefined;
}

/** From producer to consumer. `x * x` has two edges. */
export interface LayoutEdge {
  from: number;
  to: number;
  label?: Size | undefined;
  /** Distance from the top of its consumer at which it enters, where values flow to the right. */
  entry?: number | undefined;
}

export type Direction = "LR" | "TB" | "BT";

export interface LayoutInput {
  sizes: Card[];
  /** Producers have lower numbers than their consumers. */
  edges: LayoutEdge[];
  direction: Direction;
  layerGap: number;
  nodeGap: number;
  /** Preferred width: gaps shrink if that is enough to meet it; cards and labels don't. */
  maxWidth: number;
  /** Allow edge labels on other lines, which takes less width. */
  mayCover?: boolean;
  /** Room for titles above the drawing; cards and lines keep clear of titles if there is some. */
  top?: number;
  /** Boxes of titles for the top left corners of the cards: labels keep clear of them, lines pass over them. */
  titles?: ((corners: readonly Point[]) => (Point & Size)[]) | undefined;
  /** Earlier middle of a card, across the flow: its y, or its x where values flow up or down. */
  before?: ((card: number) => number | undefined) | undefined;
  /** Leave out what takes long: orders and places as they come, straight lines. */
  isRough?: boolean | undefined;
  /** Order of a layout of the same cards and edges in other sizes, to reuse. */
  order?: Rows | undefined;
}

export interface Point {
  x: number;
  y: number;
}

/** Cubic Bézier curves end to end: x0, y0, then six numbers per curve (two control points and the end). */
export interface Route {
  path: number[];
  label?: Point | undefined;
}

export interface Layout {
  width: number;
  height: number;
  /** Top left corners. */
  nodes: Point[];
  /** In the order of the edges. */
  routes: Route[];
  /** Cards and dummies of each layer, to reuse for the same graph in other sizes. */
  order: Rows;
}

/** Items of each layer, first to last. */
export type Rows = Int32Array[];

/** Curves end to end: along, across, then six numbers for each. */
export type Path = number[];
