/**
 * Names of nodes: the label, else a short expression in signs (`w·x2 + b`), else the word for the op (`sum`). The twin of
 * `names.py`.
 */

import type { Graph } from "../engine/graph.ts";
import { BINDS, UNARY } from "../engine/syntax.ts";
import type { Messages } from "../i18n/types.ts";
import { formatShort } from "./format.ts";

export type Kind = "parameter" | "input" | "constant" | "operation";

const LONGEST = 24;
const LONGEST_ON_CARD = 14;
const LONGEST_NOTE = 11;
const DEEPEST = 5;
const MOST_OPERANDS = 4;
/** In place of an operand that would be long. */
const DOTS = "…";

/** Precedence of a function or a name. */
const HIGHEST = 9;

/** Signs of ops that differ from their names. */
export const SIGNS: ReadonlyMap<string, string> = new Map([
  ["-", "−"],
  ["neg", "−"],
  ["*", "·"],
  ["**", "^"],
  [">=", "≥"],
  ["<=", "≤"],
  ["!=", "≠"],
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
  readonly #names = new Map<number, string>();

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
    let name = this.#names.get(id);
    if (name === undefined) {
      name = this.#atom(id) || this.#inSigns(id, DEEPEST, LONGEST) || this.word(id);
      this.#names.set(id, name);
    }
    return name;
  }

  /** Some steps of a recurrence. */
  steps(from: number, to: number): string {
    return from === to ? `t = ${from}` : `t = ${from} … ${to}`;
  }

  /** A part far from the result. */
  get earlier(): string {
    return this.#messages.earlier;
  }

  /** A neuron that has no label. */
  neuron(index: number): string {
    return this.#messages.neuron(index);
  }

  /** An operation as its card writes it, also with a label: in signs rather than words, `3·x²`, `… + b`. */
  inSigns(id: number): string {
    const short = (depth: number) => this.#inSigns(id, depth, LONGEST_ON_CARD, DOTS);
    return short(DEEPEST) || short(0) || this.word(id);
  }

  /** Shorter form beside a label, where there is less room. */
  note(id: number): string {
    const signs = this.inSigns(id);
    return signs.length <= LONGEST_NOTE ? signs : this.word(id);
  }

  /** Expression in the names of leaves, with `dots` for operands that would be long; empty if it is long itself. */
  #inSigns(id: number, depth: number, limit: number, dots = ""): string {
    const op = this.op(id);
    const operands = this.#graph.operandsOf(id);
    if (operands.length > MOST_OPERANDS) return "";
    const parts = Array.from(operands, (operand, slot) => {
      const atom = this.#atom(operand);
      const text = atom || (depth && this.#inSigns(operand, depth - 1, limit)) || dots;
      const isMinus = text[0] === "−";
      const binds =
        isMinus && (slot || op === "neg") ? 0 : atom ? level(isMinus ? "neg" : "") : level(this.op(operand));
      return text !== dots && binds < least(op, slot) ? `(${text})` : text;
    });
    const text = written(op, parts);
    return parts.every(Boolean) && parts.some((part) => part !== dots) && text.length <= limit ? text : "";
  }

  /** The sign of an op by itself: ×, +, tanh. */
  sign(op: string): string {
    return op === "*" ? "×" : (SIGNS.get(op) ?? op);
  }

  /** The word for what a node does. */
  word(id: number): string {
    const op = this.op(id);
    const { ops } = this.#messages;
    return Object.hasOwn(ops, op) ? ops[op]! : op;
  }

  /** The op, or the name of one that is not in the table. */
  op(id: number): string {
    return this.#graph.customs.get(id)?.name ?? this.#graph.ops[id]!;
  }

  /** The label; the number of a constant or of a leaf that has none; empty for other operations. */
  #atom(id: number): string {
    const label = this.label(id);
    const op = this.#graph.ops[id];
    if (label) return label;
    if (op === "const") return formatShort(this.#graph.values[id]!);
    return op === "leaf" ? this.#messages.unnamed(id) : "";
  }
}

/** Precedence of an infix or prefix op; the others are written as functions. */
function level(op: string): number {
  return op === "neg" ? UNARY : (BINDS.get(op) ?? HIGHEST);
}

/** Precedence that an operand needs to stand without brackets. Powers associate to the right, comparisons not at all. */
function least(op: string, slot: number): number {
  const own = level(op);
  if (own === HIGHEST) return 0;
  return own + Number(slot ? !"+**".includes(op) : own === BINDS.get("<") || op === "**");
}

function written(op: string, parts: string[]): string {
  const sign = SIGNS.get(op) ?? op;
  if (op === "neg") return sign + parts[0]!;
  if (level(op) === HIGHEST || parts.length !== 2) return `${op}(${parts.join(", ")})`;
  const [left, right] = parts;
  if (op === "**" && /^\d$/.test(right!)) return left! + "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(right)]!;
  return parts.join(/^(\*.?|\/)$/.test(op) ? sign : ` ${sign} `);
}
