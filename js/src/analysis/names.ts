/** Names of nodes: the label, else a short expression (`w·x2`), else the word for the op (`sum`). */

import type { Graph } from "../engine/graph.ts";
import type { Messages } from "../i18n/types.ts";
import { formatShort } from "./format.ts";

export type Kind = "parameter" | "input" | "constant" | "operation";

const LONGEST_EXPRESSION = 11;
const LONGEST_ON_CARD = 14;
/** In place of an operand that would be long. */
const DOTS = "…";
/** Precedence of an op's sign; one that is written as a function needs no brackets. */
const TIGHT: Readonly<Record<string, number>> = { "+": 1, "-": 1, neg: 2, "*": 3, "/": 3, "**": 5 };

/** Signs of infix and prefix ops; the others are written as functions. */
const SIGNS: ReadonlyMap<string, string> = new Map([
  ["+", " + "],
  ["-", " − "],
  ["*", "·"],
  ["/", "/"],
  ["**", "^"],
  ["%", " % "],
  ["//", " // "],
  [">", " > "],
  [">=", " ≥ "],
  ["<", " < "],
  ["<=", " ≤ "],
  ["==", " == "],
  ["!=", " ≠ "],
]);

export function kindOf(graph: Graph, id: number): Kind {
  const op = graph.ops[id];
  if (op === "const") return "constant";
  if (op !== "leaf") return "operation";
  return graph.needsGrad[id] ? "parameter" : "input";
}

export class Names {
  readonly #graph: Graph;
  readonly #messages: Messages;
  readonly #signs = new Map<number, string>();

  constructor(graph: Graph, messages: Messages) {
    this.#graph = graph;
    this.#messages = messages;
  }

  /** The label; empty if there is none. */
  label(id: number): string {
    return this.#graph.labels[id] ?? "";
  }

  /** Shortest name of a node, for a sentence. */
  of(id: number): string {
    return this.label(id) || this.expression(id);
  }

  /** Expression of a node in the names of its operands, if that is short; the number of a constant. */
  expression(id: number): string {
    const graph = this.#graph;
    const op = graph.customs.get(id)?.name ?? graph.ops[id]!;
    if (op === "const") return formatShort(graph.values[id]!);
    if (op === "leaf") return this.#messages.unnamed(id);
    const names = Array.from(graph.operandsOf(id), (operand) => this.#atom(operand));
    if (names.every((name) => name !== "")) {
      const text = written(op, names);
      if (text.length <= LONGEST_EXPRESSION) return text;
    }
    return this.word(id);
  }

  /** Some steps of a recurrence. */
  steps(from: number, to: number): string {
    return from === to ? `t = ${from}` : `t = ${from} … ${to}`;
  }

  /** A neuron that has no label. */
  neuron(index: number): string {
    return this.#messages.neuron(index);
  }

  /** An operation as its card writes it: in signs rather than words, `3·x²`, `… + b`. */
  inSigns(id: number): string {
    let text = this.#signs.get(id);
    if (text === undefined) {
      text = this.#inSigns(id) || this.expression(id);
      this.#signs.set(id, text);
    }
    return text;
  }

  /** Shorter form beside a label, where there is less room. */
  note(id: number): string {
    const signs = this.inSigns(id);
    return signs.length <= LONGEST_EXPRESSION ? signs : this.word(id);
  }

  #inSigns(id: number): string {
    const graph = this.#graph;
    const op = graph.customs.get(id)?.name ?? graph.ops[id]!;
    const operands = Array.from(graph.operandsOf(id));
    if (operands.length === 0) return this.of(id);
    const atoms = operands.map((operand, slot) => {
      const name = this.#atom(operand);
      if (name) return name;
      const inner = this.inSigns(operand);
      const own = TIGHT[graph.ops[operand]!] ?? 9;
      const isLoose = own < (TIGHT[op] ?? 0) + (slot > 0 && (op === "-" || op === "/") ? 1 : 0);
      if (inner === this.word(operand) || inner.includes(DOTS)) return DOTS;
      return isLoose ? `(${inner})` : inner;
    });
    const shorter = atoms.map((atom, i) => (this.#atom(operands[i]!) ? atom : DOTS));
    const told = [atoms, shorter].filter((all) => all.some((atom) => atom !== DOTS));
    const texts = told.map((all) => raised(op, all) ?? written(op, all));
    return texts.find((text) => text.length <= LONGEST_ON_CARD) ?? "";
  }

  /** The sign of an op for a small circle: ×, +, tanh. */
  symbol(id: number): string {
    return this.sign(this.#graph.customs.get(id)?.name ?? this.#graph.ops[id]!);
  }

  sign(op: string): string {
    return op === "*" ? "×" : op === "neg" ? "−" : (SIGNS.get(op)?.trim() ?? op);
  }

  /** The word for what a node does. */
  word(id: number): string {
    const op = this.#graph.customs.get(id)?.name ?? this.#graph.ops[id]!;
    const { ops } = this.#messages;
    return Object.hasOwn(ops, op) ? ops[op]! : op;
  }

  #atom(id: number): string {
    const op = this.#graph.ops[id];
    if (op === "const" || op === "leaf") return this.of(id);
    return this.label(id);
  }
}

/** A power of a whole number, with it raised: x². */
function raised(op: string, [base, exponent]: string[]): string | undefined {
  if (op !== "**" || !/^\d$/.test(exponent!)) return undefined;
  return base! + "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(exponent)]!;
}

function written(op: string, names: string[]): string {
  const sign = SIGNS.get(op);
  if (sign) return names.join(sign);
  return op === "neg" ? `−${names[0]}` : `${op}(${names.join(", ")})`;
}
