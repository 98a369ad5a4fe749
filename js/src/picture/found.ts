/**
 * Groups that are found in the computation itself: its neurons, which are cards with their weights as rows, the steps of
 * a recurrence, of which the first and the last are drawn, and where nothing repeats, all that is far from the result.
 */

import { neuronsOf, usesOf } from "../analysis/neurons.ts";
import { recurrenceOf } from "../analysis/recurrence.ts";
import type { Graph } from "../engine/graph.ts";
import { type Group, groupOf } from "./picture.ts";

/** Up to so many nodes every operation is a card. */
export const ALL_SHOWN = 24;
/** Larger graphs are divided by what repeats. */
const LARGEST = 2000;

/** The groups with the neurons among them; where there is nothing of the kind, what is far from the result. */
export function foundGroups(graph: Graph, groups: readonly Group[]): Group[] {
  const found = withNeurons(graph, groups);
  return found.length > 0 || graph.size <= ALL_SHOWN ? found : startGroups(graph);
}

/** The groups, and a group for each neuron that is none of them yet. */
function withNeurons(graph: Graph, groups: readonly Group[]): Group[] {
  if (graph.size <= ALL_SHOWN || graph.size > LARGEST) return [...groups];
  const all = [...groups];
  const innermost = new Int32Array(graph.size).fill(-1);
  for (const { id, nodes } of groups) for (const node of nodes) innermost[node] = id;
  for (const neuron of neuronsOf(graph, usesOf(graph))) {
    const around = innermost[neuron.head]!;
    const own = all[around];
    // A group that is nothing but a neuron is its card.
    if (own && !own.neuron && String(own.nodes) === String(neuron.nodes)) {
      all[around] = { ...own, neuron };
      continue;
    }
    if (neuron.nodes.some((node) => innermost[node] !== around)) continue;
    const parent = around < 0 ? undefined : around;
    all.push(groupOf(all.length, neuron.nodes, { parent, neuron }));
  }
  return all;
}

/** Operations that stay open before the result where those before them are folded. */
const LEFT_OPEN = [4, 8, 14];

/** In a graph where nothing repeats, the operations furthest from the result: most of them, and within those fewer. */
function startGroups(graph: Graph): Group[] {
  const nodes = [...graph.ops.keys()].filter((id) => graph.ops[id] !== "leaf");
  const operations = nodes.filter((id) => graph.ops[id] !== "const");
  return LEFT_OPEN.map((count, id) => {
    const end = operations.at(-count)!;
    const parent = id > 0 ? id - 1 : undefined;
    const before = nodes.filter((node) => node < end);
    return groupOf(id, before, { parent, isStart: true });
  });
}

/** The steps of a recurrence in a graph that has no groups: the first, those between, which are alike, and the last. */
export function stepGroups(graph: Graph, title: (from: number, to: number) => string): Group[] {
  if (graph.size <= ALL_SHOWN) return [];
  const { states = [], cells = [] } = recurrenceOf(graph) ?? {};
  if (states.length === 0) return [];
  const last = states.length;
  const group = (id: number, from: number, to: number) =>
    groupOf(id, cells.slice(from - 1, to).flat(), { label: title(from, to) });
  const end = group(2, last, last);
  return [
    group(0, 1, 1),
    { ...group(1, 2, last - 1), steps: states },
    // The result is to be seen in any case.
    { ...end, nodes: end.nodes.filter((node) => !graph.outputs.includes(node)) },
  ];
}
