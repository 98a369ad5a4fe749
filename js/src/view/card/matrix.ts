/** A matrix as two small heat maps: its values, and its gradients. */

import { largestOf } from "../../analysis/largest.ts";
import type { Matrix } from "../../analysis/matrices.ts";
import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { h, hueOf, prefixed, quiet, s, setAttributes, setText } from "../dom.ts";

/** Pixels of the line with its name, and of the space around it. */
const AROUND = 22;
/** Pixels of a row of cells, of which two stand side by side. */
const WIDEST = 72;

/** Side of a cell in pixels. */
function sideOf({ columns }: Matrix): number {
  return clamp(Math.floor(WIDEST / columns), 2, 9);
}

/** Height of a matrix in a card, in pixels. */
export function matrixHeight(matrix: Matrix): number {
  return AROUND + (matrix.cells.length / matrix.columns) * sideOf(matrix);
}

/** Rows of a card for a matrix, and the function that shows the state in them. */
export function matrixRows(state: State, matrix: Matrix): readonly [HTMLElement, () => void] {
  const { name, columns, cells } = matrix;
  const size = `${cells.length / columns}×${columns}`;
  const maps = [
    heatMap(state, matrix, "", (leaf) => state.value(leaf) ?? 0),
    heatMap(state, matrix, "∂ ", (leaf) => state.gradient(leaf) ?? 0),
  ];
  const element = h(
    "div",
    "",
    { "data-matrix": name },
    h(
      "div",
      "row",
      {},
      h("span", "title", { title: name }, `${name} ${size}`),
      quiet(`${state.messages.value} · ∂`),
    ),
    h("div", "row", {}, ...maps.map(({ element }) => element)),
  );
  const show = () => {
    for (const map of maps) map.update();
  };
  return [element, show];
}

/** A cell per leaf: its hue is the sign, and its strength the size beside the largest one. */
function heatMap(state: State, matrix: Matrix, of: string, numberOf: (leaf: number) => number) {
  const side = sideOf(matrix);
  const { cells, columns } = matrix;
  const [width, height] = [columns * side, (cells.length / columns) * side];
  const drawn = cells.map((leaf, i) => {
    const title = s("title", "");
    const place = { x: (i % columns) * side, y: Math.floor(i / columns) * side, width: side, height: side };
    return { leaf, title, cell: s("rect", "", place, title) };
  });
  return {
    element: s("svg", "heat", { width, height }, ...drawn.map(({ cell }) => cell)),
    update() {
      const { spelling } = state;
      const largest = largestOf(cells.map(numberOf)) || 1;
      for (const { leaf, title, cell } of drawn) {
        const x = numberOf(leaf);
        const strength = Math.min(1, Math.abs(x) / largest) || 0;
        setAttributes(cell, { class: prefixed(`cell${hueOf(x)}`), "fill-opacity": strength.toFixed(2) });
        setText(title, `${of}${state.names.of(leaf)} = ${of ? spelling.gradient(x) : spelling.write(x)}`);
      }
    },
  };
}
