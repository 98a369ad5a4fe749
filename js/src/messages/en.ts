import type { Messages } from "./messages.ts";

const OPS: Readonly<Record<string, string>> = {
  "+": "sum",
  "-": "difference",
  "*": "product",
  "/": "quotient",
  "**": "power",
  neg: "negative",
};

const COUNTS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

export const en: Messages = {
  lang: "en",
  op: (op) => (Object.hasOwn(OPS, op) ? OPS[op]! : op),
  unnamed: (id) => `leaf ${id}`,

  root: (name, value) => `${name} = ${value}`,
  noPass: () => "No backward pass has run yet",
  thisPass: (gradients) => `This pass gives ${gradients}`,
  nothingReached: () => "This pass reaches nothing: its root needs no gradient",
  passesBefore: (count, name, total) =>
    `; with the ${count === 1 ? "pass" : `${COUNTS[count] ?? count} passes`} before it, ${name}.grad is ${total}`,
  list: (told, more) =>
    more > 0
      ? `${told.join(", ")} and ${more} more`
      : [told.slice(0, -1).join(", "), ...told.slice(-1)].filter(Boolean).join(" and "),
  sentences: (...sentences) => sentences.join(". ").concat("."),
  noDot: "Graphviz’s program dot is not installed, so the graph is shown without it.",

  run: "Run",
  reset: "Reset",
  values: "values",
  valuesHint: "Set every slider back to the value it had at first",
  zeroGradHint: "Forget the gradients of all passes",
  backwardHint: (root) => `Run one more backward pass from ${root}; its gradients are added to .grad`,

  seed: "seed",
  notTracked: "not tracked",
  notRunYet: "not run yet",
  notReached: "not in this pass",
  valuesFlow: "values flow right",
  gradientsFlow: "gradients flow left",
  sliderOf: (name) => `value of ${name}`,
  numberOf: (name) => `value of ${name}, as a number`,
  kinds: { parameter: "parameter", input: "input", constant: "constant", operation: "operation" },
  node: (name, kind, value, gradient) => `${name}, ${kind}, value ${value}, gradient ${gradient}`,

  close: "Close",
  computed: "value",
  leaf: (name, kind) => `${name} is a leaf (${kind}): it is given, not computed.`,
  otherwise: "otherwise",
  pass: "this pass",
  through: "through",
  upstreamTimesLocal: "upstream × local",
  sum: "sum",
  startsHere: (root) => `The pass starts at ${root}: its gradient is given, ∂${root}/∂${root} = 1.`,
  explainNotRunYet: "No backward pass has come here yet, so there is no gradient; that is not the same as 0.",
  explainNotTracked:
    "No gradient flows here: nothing it was computed from asks for one (requires_grad=False).",
  explainNotReached: (root) =>
    `${root} does not depend on this node, so the pass from it does not come here.`,
  passes: "sum of passes",
  sendsOn: "sends on",
  noOperandTracked: "Nothing further: no operand is tracked.",

  typeANumber: "Type a number, such as 0.5 or -1e-3.",
  cannotDraw: "The graph cannot be drawn:",
};
