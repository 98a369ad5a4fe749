/** Pointers and keys on the canvas. */

import type { Edge } from "../../analysis/adjacency.ts";
import { type Group, type Item, nodesOf } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { type At, on } from "../dom.ts";
import { type Camera, ZOOM } from "./camera.ts";
import type { Elements } from "./elements.ts";

/** Pixels that an arrow key moves the view by. */
const STRIDE = 80;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STRIDE, 0],
  ArrowRight: [STRIDE, 0],
  ArrowUp: [0, -STRIDE],
  ArrowDown: [0, STRIDE],
};

/** Acts of the canvas. */
export interface Acts {
  select(node: number): void;
  /** Open a group, or fold it. */
  fold(group: Group): void;
  /** Single out a node that is pointed at; undefined: none. */
  hover(node: number | undefined): void;
  search(): void;
  /** The item at an event. */
  itemAt(event: At<MouseEvent>): Item | undefined;
}

export function listenToActs(state: State, element: HTMLElement, elements: Elements, acts: Acts): void {
  const choose = (target: Element, item: Item | undefined) => {
    const node = elements.nodeOf(target);
    if (node !== undefined) acts.select(node);
    else if (item?.kind === "group") acts.fold(item.group);
    else if (item) acts.select(item.node);
  };
  const hover = (target: Element | null) => {
    const item = elements.itemOf(target);
    acts.hover(elements.nodeOf(target) ?? (item && nodesOf(item).at(-1)));
  };
  on(element, ["click"], (event) => {
    if (!isControl(event.target)) choose(event.target, acts.itemAt(event));
  });
  on(element, ["keydown"], (event) => {
    const { key, shiftKey, target } = event;
    if (key !== "Enter") return;
    const item = elements.itemOf(target);
    if (shiftKey) foldAround(state, item, acts);
    else if (isControl(target)) return;
    else choose(target, item);
    event.preventDefault(); // the focus may be on a button now, which the key would press
  });
  on(element, ["pointerover"], (event) => hover(event.target));
  on(element, ["pointerleave"], () => hover(null));
}

function isControl(target: Element): boolean {
  return target.closest("input, button") !== null;
}

/** Fold the innermost open group that an item is in. */
function foldAround({ folds }: State, item: Item | undefined, { fold }: Acts): void {
  const node = item ? nodesOf(item).at(-1)! : -1;
  const around = folds.groups.filter(({ id, nodes }) => folds.open.has(id) && nodes.includes(node));
  if (around.length > 0) fold(around.at(-1)!);
}

/** Do what a key is for; true if it is one of the canvas. */
export function actOnKey(
  state: State,
  camera: Camera,
  acts: Acts,
  { key, shiftKey }: KeyboardEvent,
): boolean {
  const { adjacency, selected, subject } = state;
  const at = selected ?? subject;
  /** To the node at the other end of the edge that carries most. */
  const jump = (edges: readonly Edge[], end: "producer" | "consumer") => {
    const size = (edge: Edge) => Math.abs(state.contribution(edge));
    const [first] = [...edges].sort((a, b) => size(b) - size(a));
    if (first) acts.select(first[end]);
  };
  const arrow = shiftKey ? ARROWS[key] : undefined;
  const actions: Readonly<Record<string, () => void>> = {
    "+": () => camera.zoom(ZOOM),
    "=": () => camera.zoom(ZOOM),
    "-": () => camera.zoom(1 / ZOOM),
    "0": () => camera.showAll(),
    "/": () => acts.search(),
    "[": () => jump(adjacency.operandsOf(at), "producer"),
    "]": () => jump(adjacency.consumersOf(at), "consumer"),
  };
  const action = arrow ? () => camera.pan(...arrow) : actions[key];
  action?.();
  return action !== undefined;
}
