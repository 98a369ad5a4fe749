/** Where a node's value and its gradient come from, with the numbers in. */

import { exact, formatGradient, formatShort, formatValue } from "../format.ts";
import {
  type Atom,
  derivative,
  equation,
  type Formula,
  mathWord,
  parse,
  product,
  spelledOut,
  toMathML,
} from "../formula.ts";
import { OPS } from "../ops.ts";
import type { Edge, State } from "../state.ts";
import { h } from "./dom.ts";

export class Inspector {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #onSelect: (node: number | null) => void;

  constructor(state: State, onSelect: (node: number | null) => void) {
    this.#state = state;
    this.#onSelect = onSelect;
    this.element = h("section", "agw-inspector", { hidden: true });
    this.element.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-goto]") : null;
      if (link) onSelect(Number(link.dataset.goto));
    });
  }

  update(): void {
    const { selected } = this.#state;
    this.element.hidden = selected === null;
    if (selected === null) {
      this.element.removeAttribute("data-inspector");
      this.element.replaceChildren();
      return;
    }
    const focused = this.element.contains(focusedIn(this.element))
      ? this.element.querySelector(":focus")
      : null;
    const wasOnClose = focused?.classList.contains("agw-close") ?? false;
    this.element.setAttribute("data-inspector", String(selected));
    this.element.replaceChildren(
      this.#value(selected),
      this.#gradient(selected),
      this.#third(selected),
      this.#close(),
    );
    if (wasOnClose) this.element.querySelector<HTMLElement>(".agw-close")?.focus();
  }

  #close(): HTMLElement {
    const label = this.#state.messages.close;
    const button = h(
      "button",
      "agw-close",
      { type: "button", title: `${label} (Esc)`, "aria-label": label },
      "×",
    );
    button.addEventListener("click", () => this.#onSelect(null));
    return button;
  }

  // -- the value -------------------------------------------------------------------------------------------------

  #value(id: number): HTMLElement {
    const { graph, names, messages } = this.#state;
    const name = names.of(id);
    const part = section(name, messages.computed);
    const op = OPS.get(graph.ops[id]!);
    if (!op) {
      part.append(line(equation(mathWord(name), mathWord(formatValue(graph.values[id]!)))));
      part.append(h("p", "agw-text", {}, messages.leaf(name, messages.kinds[this.#state.kind(id)])));
      return part;
    }
    const formula = parse(spelledOut(op.formula, this.#state.operandsOf(id).length));
    const label = names.label(id);
    const inNames = this.#written(formula, id, "name");
    part.append(line(label ? equation(mathWord(label), inNames) : equation(inNames)));
    part.append(
      line(
        equation(
          mathWord(""),
          this.#written(formula, id, "number"),
          mathWord(formatValue(graph.values[id]!)),
        ),
      ),
    );
    return part;
  }

  /** A formula of a node with the names or the numbers of its operands in. */
  #written(formula: Formula, id: number, as: "name" | "number", operand?: number): MathMLElement {
    const { graph, names, messages } = this.#state;
    const operands = this.#state.operandsOf(id).map((edge) => edge.producer);
    const nodeOf = (symbol: string): number | undefined => {
      if (symbol === "y") return id;
      if (symbol === "a") return operands[0];
      if (symbol === "b") return operands[1];
      const index = /^a_(\d+)$/.exec(symbol)?.[1];
      return index ? operands[Number(index) - 1] : symbol === "a_i" ? operand : undefined;
    };
    const atom: Atom = (symbol) => {
      const node = nodeOf(symbol);
      if (symbol === "n") return { text: String(operands.length), number: true };
      if (node === undefined) return { text: symbol };
      if (as === "name") {
        const name = names.of(node);
        // An expression in a product would read as a longer product or sum.
        return { text: name, negative: /[ +−]/.test(name) };
      }
      const text = formatValue(graph.values[node]!);
      return { text, negative: text.startsWith("−"), number: true };
    };
    return toMathML(formula, atom, messages.otherwise);
  }

  // -- the gradient of this pass -----------------------------------------------------------------------------------

  #gradient(id: number): HTMLElement {
    const state = this.#state;
    const { graph, names, messages } = state;
    const root = names.of(state.subject);
    const part = section(messages.pass, messages.upstreamTimesLocal);
    const status = state.status(id);
    if (status !== "reached" && status !== "seed") {
      const why = {
        "not tracked": messages.explainNotTracked,
        "not run yet": messages.explainNotRunYet,
        "not reached": messages.explainNotReached(root),
      }[status];
      part.append(h("p", "agw-text", {}, why));
      return part;
    }
    const total = graph.passGrads[id]!;
    const rows = state
      .consumersOf(id)
      .filter((edge) => state.flows(edge))
      .map((edge) => this.#roadOf(edge));
    if (status === "seed") {
      part.append(h("p", "agw-text", {}, messages.startsHere(root)));
      if (rows.length === 0) return part;
    }
    const sum = h(
      "tr",
      "agw-sum",
      {},
      h("td", "", {}, equation(derivative(root, names.of(id)))),
      h("td", ""),
      number(total),
    );
    part.append(h("table", "agw-table", {}, ...rows, sum));
    return part;
  }

  /** One consumer: upstream gradient × local derivative = contribution. */
  #roadOf(edge: Edge): HTMLElement {
    const { graph, names } = this.#state;
    const upstream = graph.passGrads[edge.consumer]!;
    const factors = product(formatShortGradient(upstream), formatShortGradient(this.#local(edge)));
    const name = names.of(edge.consumer);
    const via = h("button", "agw-link", { type: "button", "data-goto": edge.consumer }, name);
    const what = equation(this.#localFormula(edge));
    return h(
      "tr",
      "",
      {},
      h("td", "", {}, `${this.#state.messages.through} `, via, h("span", "agw-mute agw-local", {}, what)),
      h("td", "agw-factors", {}, equation(factors), " ="),
      number(this.#state.contribution(edge)),
    );
  }

  #local(edge: Edge): number {
    const { graph } = this.#state;
    const operands = this.#state.operandsOf(edge.consumer).map((each) => graph.values[each.producer]!);
    return OPS.get(graph.ops[edge.consumer]!)!.backward(1, graph.values[edge.consumer]!, ...operands)[
      edge.slot
    ]!;
  }

  /** `∂(w·x1)/∂w = x1`. */
  #localFormula(edge: Edge): MathMLElement {
    const { graph, names } = this.#state;
    const { partials } = OPS.get(graph.ops[edge.consumer]!)!;
    const formula = parse(partials[edge.slot] ?? partials[0]!);
    const side = document.createElementNS("http://www.w3.org/1998/Math/MathML", "mrow");
    side.append(
      derivative(names.of(edge.consumer), names.of(edge.producer)),
      equals(),
      this.#written(formula, edge.consumer, "name", edge.producer),
    );
    return side;
  }

  // -- a leaf's passes, or what an operation sends on --------------------------------------------------------------

  #third(id: number): HTMLElement {
    const kind = this.#state.kind(id);
    if (kind === "operation") return this.#sent(id);
    if (kind !== "parameter") return h("div", "agw-part agw-empty");
    return this.#ledger(id);
  }

  #ledger(leaf: number): HTMLElement {
    const { graph, names, messages, passes } = this.#state;
    const name = names.of(leaf);
    const part = section(`${name}.grad`, `= ${messages.passes}`);
    if (passes.length === 0) {
      part.append(h("p", "agw-text", {}, messages.explainNotRunYet));
      return part;
    }
    const rows = this.#state.addedTo(leaf).map((added, i) => {
      const age = Math.min(passes.length - 1 - i, 2);
      const key = h("i", `agw-key agw-age-${age}`);
      return h("tr", "", {}, h("td", "", {}, key, `${names.of(passes[i]!)}.backward()`), number(added));
    });
    const total = h(
      "td",
      "agw-number-cell",
      { title: exact(graph.grads[leaf]!) },
      formatValue(graph.grads[leaf]!),
    );
    part.append(
      h("table", "agw-table", {}, ...rows, h("tr", "agw-sum", {}, h("td", "", {}, `${name}.grad`), total)),
    );
    return part;
  }

  #sent(id: number): HTMLElement {
    const { graph, names, messages } = this.#state;
    const part = section(messages.sendsOn, messages.upstreamTimesLocal);
    const edges = this.#state.operandsOf(id).filter((edge) => this.#state.flows(edge));
    if (edges.length === 0) {
      part.append(h("p", "agw-text", {}, messages.noOperandTracked));
      return part;
    }
    const rows = edges.map((edge) => {
      const to = h(
        "button",
        "agw-link",
        { type: "button", "data-goto": edge.producer },
        names.of(edge.producer),
      );
      const factors = product(
        formatShortGradient(graph.passGrads[id]!),
        formatShortGradient(this.#local(edge)),
      );
      return h(
        "tr",
        "",
        {},
        h("td", "", {}, "→ ", to),
        h("td", "agw-factors", {}, equation(factors), " ="),
        number(this.#state.contribution(edge)),
      );
    });
    part.append(h("table", "agw-table", {}, ...rows));
    return part;
  }
}

function section(title: string, note: string): HTMLElement {
  return h("div", "agw-part", {}, h("h3", "agw-heading", {}, title, " ", h("span", "agw-mute", {}, note)));
}

function line(...children: Node[]): HTMLElement {
  return h("div", "agw-equation", {}, ...children);
}

function number(x: number): HTMLElement {
  return h(
    "td",
    `agw-number-cell agw-grad${x < 0 ? " agw-negative" : ""}`,
    { title: exact(x) },
    formatGradient(x),
  );
}

function equals(): MathMLElement {
  const sign = document.createElementNS("http://www.w3.org/1998/Math/MathML", "mo");
  sign.textContent = "=";
  return sign;
}

/** A factor: 1 is 1, and not 1.00, so that the others are seen. */
function formatShortGradient(x: number): string {
  return Number.isInteger(x) && Math.abs(x) < 1000 ? formatShort(x) : formatValue(x);
}

function focusedIn(element: HTMLElement): Element | null {
  const root = element.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
}
