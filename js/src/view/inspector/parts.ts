/** The parts of the inspector: each answers one question about one node. */

import type { Edge } from "../../analysis/adjacency.ts";
import { formatShort, signed } from "../../analysis/format.ts";
import type { Path } from "../../analysis/paths.ts";
import { sum } from "../../analysis/spelling.ts";
import type { State } from "../../session/state.ts";
import { type Child, h, link, on, quiet, section } from "../dom.ts";
import { derivative, equation } from "../mathml.ts";
import { reason } from "../reasons.ts";
import { chainRule, factors, inNames, inNumbers, local, localDerivative, sumOverPaths } from "../written.ts";
import { cells, row, sumRow, table, text } from "./table.ts";

/** Limit of uses of a node that are listed; of more, the largest contributions. */
const MOST_USES = 12;
/** Of a longer path the first and the last stops are told, and so many of them. */
const LONG = 40;
const ENDS = 7;

/** Value of a node, and its formula. */
export function valuePart(state: State, id: number): HTMLElement {
  const { names, messages } = state;
  const formula = inNames(state, id);
  const isKnown = state.value(id) !== undefined;
  return section(
    names.of(id),
    messages.kinds[state.kind(id)],
    formula && line(formula),
    isKnown && line(inNumbers(state, id, formula ? "" : names.of(id))),
    isKnown && reason(state, id, "value"),
  );
}

/** Gradient of this pass: a line per consumer, upstream × local = contribution, and their sum. */
export function passPart(state: State, id: number): HTMLElement {
  const { names, messages } = state;
  const root = names.of(state.subject);
  const total = state.gradient(id);
  const isSeed = state.status(id) === "seed";
  const edges = state.adjacency.consumersOf(id).filter((edge) => state.flows(edge));
  const size = (edge: Edge) => {
    const amount = Math.abs(state.contribution(edge));
    return Number.isNaN(amount) ? Infinity : amount;
  };
  const told =
    edges.length > MOST_USES ? [...edges].sort((a, b) => size(b) - size(a) || 0).slice(0, MOST_USES) : edges;
  const rows = told.map((edge) => edgeRow(state, edge, edge.consumer));
  const more = edges.filter((edge) => !told.includes(edge));
  if (more.length > 0) {
    const rest = sum(more.map((edge) => state.contribution(edge)));
    rows.push(row(state, rest, [messages.more(String(more.length))]));
  }
  if (rows.length > 0) rows.push(sumRow(state, total!, [equation(derivative(root, names.of(id)))]));
  return section(
    state.isPreview ? messages.previewTitle : messages.pass,
    messages.upstreamTimesLocal,
    reason(state, id, "gradient"),
    state.status(id) === "not yet" && text(messages.diagnoses["not run yet"] as string),
    isSeed && text(messages.stepSeed(root)),
    // Of the root's own operands it would say ∂y/∂x = ∂y/∂y · ∂y/∂x.
    edges.some(({ consumer }) => consumer !== state.subject) && line(...chainRule(state, id, edges)),
    table(rows),
  );
}

/** Contributions that a node sends to its operands. */
export function sendsPart(state: State, id: number): HTMLElement {
  const { messages } = state;
  const edges = state.adjacency.operandsOf(id).filter(({ producer }) => state.kind(producer) !== "constant");
  const rows = edges.map((edge) => edgeRow(state, edge, edge.producer));
  return section(messages.sendsOn, messages.upstreamTimesLocal, table(rows));
}

/** Paths from the root to a node, each with its product. Pointing at one lights it up. */
export function pathsPart(
  state: State,
  id: number,
  onPoint: (slots: readonly number[]) => void,
): HTMLElement | undefined {
  const { messages, names, subject: root } = state;
  const found = state.paths(id);
  if (!found) return undefined;
  const { paths, rest, count, total } = found;
  const rows = paths.map((path) => pathRow(state, path, total, onPoint));
  const more = count - BigInt(paths.length);
  if (more > 0n) rows.push(row(state, rest, [messages.more(shortCount(more))]));
  rows.push(sumRow(state, total, [messages.pass]));
  const written = more > 0n ? [] : sumOverPaths(state, root, id, paths);
  return section(
    messages.paths,
    messages.everyPath(names.of(root), names.of(id)),
    written.length > 0 && line(...written),
    table(rows),
  );
}

/** Contribution along an edge to or from a node; of one that carries nothing, or nothing yet, the local derivative. */
function edgeRow(state: State, edge: Edge, node: number): HTMLElement {
  const { graph, messages, names } = state;
  const { consumer, producer, index } = edge;
  const what = [link(names.of(node), node), " ", quiet(localDerivative(state, edge))];
  const slope = local(state, edge);
  if (state.flows(edge)) {
    const how = [factors(state, [state.gradient(consumer)!, slope]), " ="];
    return row(state, state.contribution(edge), what, how, index === state.explained ? "explained" : "");
  }
  const isComputed = state.value(consumer) !== undefined; // in a replay, its operands may have no number yet
  const number = isComputed ? `= ${state.spelling.factor(slope)}` : "";
  return cells("", what, [number], graph.needsGrad[producer] ? "" : messages.notTracked);
}

function pathRow(
  state: State,
  path: Path,
  total: number,
  onPoint: (slots: readonly number[]) => void,
): HTMLElement {
  const stops = path.nodes.map((node) => state.names.of(node));
  const isLong = stops.length > LONG;
  if (isLong) stops.splice(3, stops.length - 6, "…");
  const share = (100 * path.product) / total;
  const how = [factors(state, path.factors.slice(0, isLong ? ENDS : LONG)), isLong ? " · … =" : " ="];
  const element = row(state, path.product, [stops.join(" → ")], how, "path");
  element.tabIndex = 0;
  element.title = Number.isFinite(share) ? `${formatShort(share)} %` : "";
  on(element, ["pointerenter", "focus"], () => onPoint(path.slots));
  on(element, ["pointerleave", "blur"], () => onPoint([]));
  return element;
}

function shortCount(count: bigint): string {
  return count < 1_000_000n ? String(count) : `≈ ${signed(Number(count).toExponential(1))}`;
}

function line(...children: Child[]): HTMLElement {
  return h("div", "equation", { tabindex: 0 }, ...children); // it scrolls where it is long
}
