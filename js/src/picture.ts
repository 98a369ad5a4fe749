/**
 * What is drawn of a graph: items, which the layout places and the view draws, and links between them. A node is an item;
 * so is a folded group, which stands for all nodes in it, and each copy of a leaf that is drawn once per use. Pure.
 */

import type { Graph } from "./graph.ts";

/** Nodes that can be folded into one card. */
export interface Group {
  /** Its place among all groups of the graph: a group comes after the one that it is in. */
  readonly id: number;
  readonly label: string;
  /** The group that it is in; undefined at the top. */
  readonly parent: number | undefined;
  /** All nodes in it and in the groups within it, in ascending order. */
  readonly nodes: readonly number[];
}

export type Item =
  | { readonly kind: "node"; readonly node: number }
  /** One of the small copies of a leaf that is used in many places; the leaf itself is an item of its own. */
  | { readonly kind: "copy"; readonly node: number }
  | { readonly kind: "group"; readonly group: Group };

/** What goes from one item to another: one operand slot, or all those that lead into or out of a folded group. */
export interface Link {
  /** Places in `items`: values go from one to the other. */
  readonly from: number;
  readonly to: number;
  /** Places in the graph's `operands`, ascending. */
  readonly slots: readonly number[];
}

export interface Picture {
  /** In the order of their last node, so that a link leads to a later item wherever groups allow it. */
  readonly items: readonly Item[];
  readonly links: readonly Link[];
  /** By node the item that shows it: its own, or the folded group's that it is in. */
  readonly itemOf: Int32Array;
}

/** Everything as it is: each node an item, each operand slot a link. */
export function wholePicture({ size, offsets, operands }: Graph): Picture {
  const links: Link[] = [];
  for (let to = 0; to < size; to++) {
    for (let slot = offsets[to]!; slot < offsets[to + 1]!; slot++)
      links.push({ from: operands[slot]!, to, slots: [slot] });
  }
  return {
    items: Array.from({ length: size }, (_, node) => ({ kind: "node", node })),
    links,
    itemOf: Int32Array.from({ length: size }, (_, node) => node),
  };
}
