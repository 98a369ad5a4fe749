/** The parts of the inspector: each answers one question about one node. */

import { exact, formatGradient, formatShort, formatValue } from "../format.ts";
import { derivative, equation } from "../formula.ts";
import { type Road, roadsTo } from "../roads.ts";
import type { Edge, State } from "../state.ts";
import { h } from "./dom.ts";
import { reason } from "./reasons.ts";
import { factor, factors, inNames, inNumbers, local, localDerivative } from "./written.ts";

/** How many roads are told one by one. */
const MOST_ROADS = 6;

/** What is its value, and how is it computed? */
export function valuePart(state: State, id: number): HTMLElement {
  const { names, messages } = state;
  const name = names.of(id);
  const part = section(name, messages.computed);
  const formula = inNames(state, id);
  if (formula) part.append(line(formula));
  if (state.value(id) === undefined) return part;
  const kind = state.kind(id);
  part.append(line(inNumbers(state, id, formula ? "" : name)));
  if (kind !== "operation") part.append(text(messages.leaf(name, messages.kinds[kind])));
  const why = reason(state, id, "value");
  if (why) part.append(why);
  return part;
}

/** What did this pass give it? One line per consumer: upstream × local = contribution, and their sum. */
export function passPart(state: State, id: number): HTMLElement {
  const { names, messages } = state;
  const root = names.of(state.subject);
  const part = section(messages.pass, messages.upstreamTimesLocal);
  const why = reason(state, id, "gradient");
  if (why) part.append(why);
  const total = state.gradient(id);
  if (total === undefined) return part;
  if (state.status(id) === "seed") part.append(text(messages.startsHere(root)));
  const edges = state.consumersOf(id).filter((edge) => state.flows(edge));
  if (edges.length === 0) return part;
  const rows = edges.map((edge) =>
    contributionRow(state, edge, `${messages.through} `, edge.consumer, state.gradient(edge.consumer)!),
  );
  const sum = h(
    "tr",
    "sum",
    {},
    h("td", "", {}, equation(derivative(root, names.of(id)))),
    h("td", ""),
    number(total),
  );
  part.append(h("table", "table", {}, ...rows, sum));
  return part;
}

/** What does it send on to its operands? */
export function sendsPart(state: State, id: number): HTMLElement {
  const { messages } = state;
  const part = section(messages.sendsOn, messages.upstreamTimesLocal);
  const gradient = state.gradient(id);
  const edges = state.operandsOf(id).filter((edge) => state.flows(edge));
  if (gradient === undefined || edges.length === 0) {
    part.append(...localsOnly(state, id));
    return part;
  }
  part.append(
    h(
      "table",
      "table",
      {},
      ...edges.map((edge) => contributionRow(state, edge, "→ ", edge.producer, gradient)),
    ),
  );
  return part;
}

/** Which roads lead from the root to it, and what did each bring? Pointing at a road lights it up. */
export function roadsPart(
  state: State,
  id: number,
  onPoint: (slots: readonly number[]) => void,
): HTMLElement | undefined {
  const { messages, names, root, graph } = state;
  if (root === undefined || state.gradient(id) === undefined || id === root || state.isReplaying)
    return undefined;
  const { roads, rest, count, total } = roadsTo(graph, root, id, MOST_ROADS);
  const part = section(messages.roads, messages.everyRoad(names.of(root), names.of(id)));
  const rows = roads.map((road) => roadRow(state, road, total, onPoint));
  const more = count - BigInt(roads.length);
  if (more > 0n)
    rows.push(
      h("tr", "", {}, h("td", "mute", { colspan: 2 }, messages.moreRoads(shortCount(more))), number(rest)),
    );
  const sum = h("tr", "sum", {}, h("td", "", { colspan: 2 }, messages.pass), number(total));
  part.append(h("table", "table", {}, ...rows, sum));
  return part;
}

/** What is in its `.grad`, pass by pass? */
export function ledgerPart(state: State, id: number): HTMLElement {
  const { names, messages } = state;
  const name = names.of(id);
  const part = section(`${name}.grad`, `= ${messages.passes}`);
  const total = state.total(id);
  if (total === undefined) {
    part.append(text(messages.why({ kind: "not run yet" }, String, "gradient")));
    return part;
  }
  const entries = state.ledger(id);
  const rows = entries.map(({ root, added }, i) => {
    const age = root === undefined ? 2 : Math.min(entries.length - 1 - i, 2);
    const who = root === undefined ? messages.carriedOver : `${names.of(root)}.backward()`;
    return h("tr", "", {}, h("td", "", {}, h("i", `key age-${age}`), who), number(added));
  });
  const sum = h("td", "number-cell", { title: exact(total) }, formatValue(total));
  part.append(h("table", "table", {}, ...rows, h("tr", "sum", {}, h("td", "", {}, `${name}.grad`), sum)));
  return part;
}

function contributionRow(
  state: State,
  edge: Edge,
  before: string,
  other: number,
  upstream: number,
): HTMLElement {
  const what = h("span", "mute local", {}, localDerivative(state, edge));
  const who = h("td", "", {}, before, linkTo(state, other), " ", what);
  const product = h("td", "factors", {}, factors(upstream, local(state, edge)), " =");
  return h("tr", "", {}, who, product, number(state.contribution(edge)));
}

function localsOnly(state: State, id: number): HTMLElement[] {
  const tracked = state.operandsOf(id).filter((edge) => state.graph.needsGrad[edge.producer]);
  if (tracked.length === 0) return [text(state.messages.noOperandTracked)];
  const isComputed = state.value(id) !== undefined; // in a replay, its operands may have no number yet
  return tracked.map((edge) =>
    line(localDerivative(state, edge), isComputed ? ` = ${factor(local(state, edge))}` : ""),
  );
}

function roadRow(
  state: State,
  road: Road,
  total: number,
  onPoint: (slots: readonly number[]) => void,
): HTMLElement {
  const { names } = state;
  const stops = road.nodes.map((node) => names.of(node));
  const shown = stops.length <= 7 ? stops : [...stops.slice(0, 3), "…", ...stops.slice(-3)];
  const numbers = road.factors.length <= 6 ? road.factors : [...road.factors.slice(0, 5)];
  const dots = road.factors.length <= 6 ? "" : " · …";
  const share =
    total !== 0 && Number.isFinite(road.product / total)
      ? `${formatShort((100 * road.product) / total)} %`
      : "";
  const row = h(
    "tr",
    "road",
    { tabindex: 0, title: share },
    h("td", "", {}, shown.join(" → ")),
    h("td", "factors", {}, factors(...numbers), `${dots} =`),
    number(road.product),
  );
  const point = () => onPoint(road.slots);
  const leave = () => onPoint([]);
  row.addEventListener("pointerenter", point);
  row.addEventListener("focus", point);
  row.addEventListener("pointerleave", leave);
  row.addEventListener("blur", leave);
  return row;
}

function shortCount(count: bigint): string {
  return count < 1_000_000n ? String(count) : `≈ ${Number(count).toExponential(1).replace("e+", "e")}`;
}

/** A name that leads to its node. */
export function linkTo(state: State, id: number): HTMLElement {
  return h("button", "link", { type: "button", "data-goto": id }, state.names.of(id));
}

function section(title: string, note: string): HTMLElement {
  return h("div", "part", {}, h("h3", "heading", {}, title, " ", h("span", "mute", {}, note)));
}

function text(words: string): HTMLElement {
  return h("p", "text", {}, words);
}

function line(...children: (Node | string)[]): HTMLElement {
  return h("div", "equation", {}, ...children);
}

function number(x: number): HTMLElement {
  return h("td", `number-cell grad${x < 0 ? " negative" : ""}`, { title: exact(x) }, formatGradient(x));
}
