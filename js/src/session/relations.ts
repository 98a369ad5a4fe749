/** Sums and products that are shown of a state, and hold for the digits shown. */

import { type Adjacency, type Edge, localDerivativeAlong } from "../analysis/adjacency.ts";
import type { Paths } from "../analysis/paths.ts";
import { productOf, type Relation, sum, sumOf } from "../analysis/spelling.ts";
import type { Graph } from "../engine/graph.ts";
import { OPS } from "../engine/ops.ts";
import type { LedgerRow } from "./passes.ts";

/** The part of a state that is told in sums and products. */
export interface Told {
  readonly graph: Graph;
  readonly adjacency: Adjacency;
  readonly selected: number | null;
  flows(edge: Edge): boolean;
  paths(id: number): Paths | undefined;
  ledger(id: number): LedgerRow[];
}

/** Of more nodes, only the one in the inspector is made to hold. */
const MOST_NODES = 150;

export function relationsOf(told: Told): Relation[] {
  const { graph, selected } = told;
  const about = selected === null ? [] : [selected];
  const nodes = graph.size <= MOST_NODES ? graph.ops.keys() : about;
  return [
    ...Array.from(nodes, (id) => [...valueRelation(told, id), ...gradientRelations(told, id)]).flat(),
    ...about.flatMap((id) => pathRelations(told, id)),
  ];
}

/** The value of a node from those of its operands. */
function valueRelation({ graph, adjacency }: Told, id: number): Relation[] {
  const op = OPS.get(graph.ops[id]!);
  const parts = adjacency.operandsOf(id).map(({ producer }) => graph.values[producer]!);
  if (!op) return [];
  const isSum = ["+", "-", "sum"].includes(op.name);
  return [{ parts, result: graph.values[id]!, isSum, of: (xs) => op.forward(...xs) }];
}

/** Upstream times local derivative along each edge, and the sum of what came. */
function gradientRelations(told: Told, id: number): Relation[] {
  const { graph, adjacency } = told;
  const uses = adjacency.consumersOf(id).filter((edge) => told.flows(edge));
  const sent = adjacency.operandsOf(id).filter((edge) => told.flows(edge));
  const parts = uses.map(({ index }) => graph.edgeGrads[index]!);
  return [
    ...[...sent, ...(id === told.selected ? uses : [])].map(({ consumer, index }) => {
      const local = localDerivativeAlong(graph, consumer, index);
      return productOf([graph.passGrads[consumer]!, local], graph.edgeGrads[index]!);
    }),
    sumOf(parts, graph.passGrads[id]!),
  ];
}

/** Every path as a product, and their sum; the passes that make up `.grad`. */
function pathRelations(told: Told, id: number): Relation[] {
  const { paths, rest, total } = told.paths(id) ?? { paths: [], rest: 0, total: 0 };
  const rows = told.ledger(id).flatMap(({ added }) => added ?? []);
  return [
    sumOf(rows, sum(rows)),
    ...paths.map(({ factors, product }) => productOf(factors, product)),
    sumOf([...paths.map(({ product }) => product), rest], total),
  ];
}
