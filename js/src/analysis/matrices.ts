/** Matrices and vectors among leaves, by their labels: `w[0,1]`, `w[0][1]`, `b[2]`. */

export interface Matrix {
  readonly name: string;
  readonly columns: number;
  /** Leaves by row, from the left. */
  readonly cells: readonly number[];
}

/** A larger one would be a blur. */
const LONGEST_SIDE = 32;

const ELEMENT = /^(.+?)\[(\d+)(?:(?:\]\[|, ?)(\d+))?\]$/;

/** Find matrices of which every element is there, the largest first. */
export function matricesIn(leaves: readonly number[], labelOf: (leaf: number) => string): Matrix[] {
  const elements = new Map<string, { readonly leaf: number; readonly at: readonly number[] }[]>();
  for (const leaf of leaves) {
    const [, name, first, second] = ELEMENT.exec(labelOf(leaf)) ?? [];
    if (!name) continue;
    const at = second === undefined ? [0, Number(first)] : [Number(first), Number(second)];
    elements.set(name, [...(elements.get(name) ?? []), { leaf, at }]);
  }
  const found = Array.from(elements, ([name, given]): Matrix => {
    const columns = 1 + Math.max(...given.map(({ at }) => at[1]!));
    const cells: number[] = [];
    for (const { leaf, at } of given) cells[at[0]! * columns + at[1]!] = leaf;
    return { name, columns, cells };
  });
  const isWhole = ({ columns, cells }: Matrix) =>
    cells.length > 1 &&
    Math.max(columns, cells.length / columns) <= LONGEST_SIDE &&
    cells.length % columns === 0 &&
    !Array.from(cells).includes(undefined!);
  return found.filter(isWhole).sort((a, b) => b.cells.length - a.cells.length);
}
