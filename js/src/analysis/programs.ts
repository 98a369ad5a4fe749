/**
 * Export of a graph as a program for PyTorch or micrograd, which computes the same numbers there. The twin of
 * `programs.py`, which documents the details.
 */

import type { Graph } from "../engine/graph.ts";
import { decodeNumber } from "../engine/number.ts";
import { OPS } from "../engine/ops.ts";
import { exact } from "./format.ts";

/** Labels that can be variables. No keyword or name of the programs ends in a digit or underscore; the short ones are excluded. */
const NAME = /^(?!(as|i[fns]|o[pr]|n\d+)$)[a-z](\w?|\w*[\d_])$/i;

const MICROGRAD = `import math
import sys

from micrograd.engine import Value

sys.setrecursionlimit(10**5)


def op(value, slopes, *x):
    y = Value(value(*[a.data for a in x]), x)

    def send():
        for a, slope in zip(x, slopes(y.data, *[a.data for a in x])):
            a.grad += slope * y.grad

    y._backward = send
    return y

`;

/** Write a number in Python, always as a float. */
function number(x: number): string {
  const text = exact(x);
  return Number.isFinite(x) ? text.replace(/^-?\d+$/, "$&.0") : `float("${text}")`;
}

/** Write a formula of the table in Python. */
function python(formula: string): string {
  return formula
    .replaceAll("^", "**")
    .replace("sign(a)", "(a > 0) - (a < 0)")
    .replace(/\b((?!abs|m[ai][nx]|round)[a-z]\w+\(|pi\b)/g, "math.$&");
}

/** A backward pass: where it starts, and the gradient that it starts with. */
export interface RunPass {
  readonly root: number;
  readonly gradient: number;
}

/** Write the program, for PyTorch or else for micrograd. It prints values and gradients. `grads`: where `.grad` is not what these passes give. */
export function programOf(
  graph: Graph,
  passes: readonly RunPass[],
  grads: ReadonlyMap<number, number>,
  torch: boolean,
): string {
  const { ops, labels, values, needsGrad, outputs } = graph;
  const { custom } = graph.toJSON();
  const names: string[] = [];
  const lines = [torch ? "import torch\n" : MICROGRAD];
  const prints: string[] = [];
  const used = new Set(ops.flatMap((_, id) => [...graph.operandsOf(id)]));
  const given = (x: number, wanted = 0) =>
    torch
      ? `torch.tensor(${number(x)}, dtype=torch.float64${wanted ? ", requires_grad=True" : ""})`
      : `Value(${number(x)})`;

  const computed = (id: number, op: string, x: string[], of: number[]): string => {
    const [a, b] = x;
    const all = x.join(", ");
    const sum = ["0.0", ...x].join(" + ");
    const row = OPS.get(op);
    if (op === "neg") return `-${a}`;
    if (op === "sum") return sum;
    if (op === "mean") return `(${sum}) / ${x.length}.0`;
    if (op === "prod") return ["1.0", ...x].join(" * ");
    if (!row) {
      // A custom op is linearised at the recorded value.
      const moved = custom![id]!.partials.map(
        (slope, i) => ` + ${number(decodeNumber(slope)!)} * (${x[i]} - ${number(values[of[i]!]!)})`,
      );
      return number(values[id]!) + moved.join("");
    }
    if (!torch && op === "relu") return `${a}.relu()`;
    const isPlainPower = op === "**" && !needsGrad[of[1]!];
    if (/^[-+*/]$/.test(op) || (op === "**" && (torch || isPlainPower)))
      return `${a} ${op} ${b}${!torch && isPlainPower ? ".data" : ""}`;
    if (torch) {
      if (!row.arity) return `torch.stack([${all}]).${op}()`;
      if (op === "%") return `${a} % ${b}`;
      if (op === "//") return `torch.div(${all}, rounding_mode="floor")`;
      if (op === "where") return `torch.where(${a} != 0, ${b}, ${x[2]})`;
      if (!/\w/.test(op)) return `(${a} ${op} ${b}).double()`;
      return `torch.${/lu|soft|logs|hard/.test(op) ? "nn.functional." : ""}${op}(${all})`;
    }
    const [taken, value, slope] = row.arity
      ? ["a, b, c".slice(0, 3 * row.arity - 2), python(row.formula), row.partials.map(python).join(", ")]
      : ["*a", `${op}(a)`, "(x == y) / a.count(y) for x in a"];
    return `op(lambda ${taken}: ${value}, lambda y, ${taken}: [${slope}], ${all})`;
  };

  labels.forEach((label, id) => {
    const op = ops[id]!;
    const wanted = /^[a-z]\w*$/i.test(label ?? "") ? (NAME.test(label!) ? label! : `${label}_`) : "";
    const name = wanted && !names.includes(wanted) ? wanted : `n${id}`;
    names.push(name);
    // Constants that scalars were only compared with have no line.
    if (op === "const" && !used.has(id) && !label && !outputs.includes(id)) return;
    const of = [...graph.operandsOf(id)];
    const x = of.map((operand) => names[operand]!);
    const text = x[0] ? computed(id, op, x, of) : given(values[id]!, needsGrad[id]);
    lines.push(`${name} = ${text}${label && label !== name ? `  # ${JSON.stringify(label)}` : ""}`);
    if (label || op === "leaf" || outputs.includes(id)) {
      if (torch && x[0] && needsGrad[id]) lines.push(`${name}.retain_grad()`);
      prints.push(
        `print("${name}", ${name}.${torch ? "item()" : "data"}${needsGrad[id] ? `, ${name}.grad` : ""})`,
      );
    }
  });
  const run = passes.filter(({ root }) => needsGrad[root]);
  if (torch)
    for (const { root, gradient } of run)
      lines.push(`${names[root]}.backward(${gradient === 1 ? "" : `${given(gradient)}, `}retain_graph=True)`);
  // A second pass of micrograd's would send on again what the first one left.
  else if (run.length > 0) {
    const terms = run.map(
      ({ root, gradient }) => names[root] + (gradient === 1 ? "" : ` * ${number(gradient)}`),
    );
    lines.push(`(${terms.join(" + ")}).backward()`);
  }
  for (const [id, total] of grads) lines.push(`${names[id]}.grad = ${torch ? given(total) : number(total)}`);
  return [...lines, ...prints, ""].join("\n");
}
