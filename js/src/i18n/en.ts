import type { Messages } from "./types.ts";

const COUNTS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

const WAYS = { LR: ["right", "left"], TB: ["down", "up"], BT: ["up", "down"] };

export const en: Messages = {
  lang: "en",
  ops: {
    "+": "sum",
    "-": "difference",
    "*": "product",
    "/": "quotient",
    "**": "power",
    "%": "remainder",
    "//": "whole quotient",
    ">": "comparison",
    ">=": "comparison",
    "<": "comparison",
    "<=": "comparison",
    "==": "comparison",
    "!=": "comparison",
    neg: "negative",
  },
  unnamed: (id) => `leaf ${id}`,

  thisPass: (gradients) => `This pass gives ${gradients}`,
  nothingReached: "This pass reaches nothing: its root needs no gradient",
  wouldGive: (calls, gradients) => `Preview: ${calls} would give ${gradients}`,
  stillZero: (name) => `; in Python ${name ? `${name}.grad` : "every .grad"} is still 0.0`,
  besides: ({ live, others, elsewhere, byHand }, name, total) => {
    const passes = (count: number, where: string) =>
      count > 0 && `${COUNTS[count] ?? count} ${count === 1 ? "pass" : "passes"} ${where}`;
    const before =
      live > 0 && (live === 1 ? "the pass before it" : `the ${COUNTS[live] ?? live} passes before it`);
    const parts = [
      before,
      passes(others, "at other values"),
      passes(elsewhere, "from elsewhere"),
      byHand && `${byHand} set by hand`,
    ].filter((part) => part !== false && part !== "");
    return `; with ${[parts.slice(0, -1).join(", "), ...parts.slice(-1)].filter(Boolean).join(" and ")}, ${name}.grad is ${total}`;
  },
  addedTo: (name, was, now) => `, and added them: ${name}.grad was ${was}, now ${now}`,
  moved: (leaf, by, root, change) => `${leaf} ${by} → ${root} ${change}`,
  foretold: (slope, by, change) => `(slope ${slope} · ${by} = ${change})`,
  undone: (what) => `Undone: ${what}`,
  redone: (what) => `Redone: ${what}`,
  isAgain: (name, value, was) => `${name} is ${value} again; it was ${was}`,
  setAfter: (leaves, root) =>
    `${en.list(leaves, 0)} ${leaves.length === 1 ? "was" : "were"} set after ${root} was computed.`,
  showsFor: (root, leaves, value) => `The page shows ${root} for ${leaves}; in Python it is still ${value}.`,
  forwardHint: (root) => `Compute ${root} in Python again, for its leaves as they are`,
  inPython: "in Python",
  pythonNow: (root, was, now) => `Python’s ${root} was ${was}, and is ${now} now`,
  undo: (what) => `undo: ${what}`,
  redo: (what) => `redo: ${what}`,
  deeds: {
    move: (leaf, from, to) => `${leaf} ${from} → ${to}`,
    run: (root) => `${root}.backward()`,
    zero: "zero_grad()",
    reset: "values reset",
    start: "Learn: back to start",
    forward: "forward()",
    freeze: (leaf) => `${leaf} frozen`,
    unfreeze: (leaf) => `${leaf} unfrozen`,
    learn: (steps) => `Learn: ${steps} ${steps === 1 ? "step" : "steps"}`,
  },
  list: (displayed, more) =>
    more > 0
      ? `${displayed.join(", ")} and ${more} more`
      : [displayed.slice(0, -1).join(", "), ...displayed.slice(-1)].filter(Boolean).join(" and "),
  stop: ". ",
  noDot: "Shown live, because Graphviz’s program dot is not installed.",

  replay: "Replay",
  step: "step",
  play: "play",
  pause: "pause",
  learn: "Learn",
  loss: "loss to make smaller",
  rate: "learning rate",
  learnHint: "Move each parameter against its gradient",
  momentum: "momentum",
  momentumHint: "Keep nine tenths of the last step",
  zeroes: "zero first",
  zeroesHint: "zero_grad() before each pass; else gradients pile up",
  backToStart: "back to start",
  lossPlot: "Loss by step; grey: the way before",
  learned: (steps, loss) => `${steps} ${steps === 1 ? "step" : "steps"}, loss ${loss}`,
  diverged: (steps) => `diverged after ${steps} steps: the steps are too long`,

  stepNone: "Nothing is computed yet; the leaves are given.",
  stepEarlier: " Their .grad is from before this pass.",
  stepForward: "Forward:",
  stepSeed: (root) => `Backward starts at ${root}: its gradient is ∂${root}/∂${root} = 1.`,
  stepBackward: (name, gradient, sent) =>
    `Backward: ${name} has ${gradient} and sends ${sent.join(", ") || "nothing on"}`,
  stepSent: (name, product, contribution, total) =>
    `${product} = ${contribution} to ${name}${total && `, which now has ${total}`}`,

  run: "Run",
  reset: "Reset",
  values: "values",
  valuesHint: "Back to the first values",
  zeroGradHint: "Forget the gradients of all passes",
  backwardHint: (root) => `One more pass from ${root}, added to .grad`,

  save: "Save",

  computedBy: { kernel: "in the kernel", asked: "asking kernel…", nobody: "recorded" },
  locked: "Locked: an op made of this is computed in the kernel, and no kernel answers.",
  freeze: (name) => `Freeze ${name}: requires_grad = False`,
  unfreeze: (name) => `Unfreeze ${name}: requires_grad = True`,
  from: (name) => `from ${name}`,
  seed: "seed",
  notTracked: "not tracked",
  notRunYet: "not run yet",
  notReached: "not in this pass",
  flow: (direction) => [`values flow ${WAYS[direction][0]}`, `gradients flow ${WAYS[direction][1]}`],
  wouldFlow: (direction) => `gradients would flow ${WAYS[direction][1]}`,
  sliderOf: (name) => `value of ${name}`,
  kinds: { parameter: "parameter", input: "input", constant: "constant", operation: "operation" },
  node: (name, kind, value, gradient) => `${name}, ${kind}, value ${value}, gradient ${gradient}`,

  folded: (title, parts, inputs, outputs, gradient) =>
    `${title}, folded: ${parts}; in ${inputs}; out ${outputs}; largest gradient ${gradient}`,
  open: (group) => `Open ${group} (Enter)`,
  fold: (group) => `Fold ${group} (shift Enter)`,
  into: (count) => (count > 1 ? `${count} in` : "in"),
  outOf: (count) => (count > 1 ? `${count} out` : "out"),
  leaves: (count) => (count === 1 ? "1 leaf" : `${count} leaves`),
  copies: { auto: "leaves: auto", never: "leaves: once", all: "leaves: per use" },
  copiesHint: "Draw a leaf once, or a copy for each use",
  copyOf: (name, value) => `${name}, copy, value ${value}`,

  graph: "graph: + and − zoom, shift and arrows move, 0 shows all",
  layingOut: (items) => `Laying out ${items.toLocaleString("en")} nodes…`,
  cancel: "Draw it roughly",
  search: "Search",
  searchHint: "a name, an op, grad > 1, value < 0, nan, inf",
  found: (place, all) => (all === 0 ? "nothing" : `${place} of ${all}`),
  previous: "Previous (shift Enter)",
  next: "Next (Enter)",
  fit: "fit",
  fitHint: "Show all (0)",
  closer: "Closer (+)",
  farther: "Farther (−)",
  map: "map",
  colours: (gradients) => (gradients ? "∂ gradient" : "value"),
  coloursHint: "Colour by gradient or by value",

  close: "Close",
  otherwise: "otherwise",
  pass: "This pass",
  notYet: "It has not come here yet.",
  upstreamTimesLocal: "upstream × local",
  diagnosis: {
    "not run yet": [
      () => "No backward pass has come here yet, so there is no gradient; that is not the same as 0.",
    ],
    frozen: [() => "Frozen: no gradient is wanted here (requires_grad=False)."],
    "not tracked": [() => "No gradient flows here: nothing it was computed from asks for one."],
    "cut off": [(at) => `No gradient goes through ${at}: its result counts as a constant.`],
    "not connected": [
      (_, root) => `${root} does not depend on this node, so the pass from it does not come here.`,
    ],
    "dead relu": [
      (at) => `0, because ${at} is off: a relu whose operand is not positive lets no gradient through.`,
      "relu off",
    ],
    "zero factor": [
      (at, factor) => `0, because in ${at} it is multiplied by ${factor}, which is 0.`,
      "times 0",
    ],
    flat: [(at) => `0, because ${at} is flat here: its local derivative is 0.`, "flat"],
    cancels: [(at) => `0, because the contributions to ${at} cancel: they add up to 0.`, "cancels"],
    "not taken": [(at, other) => `0, because ${at} takes another operand than ${other} here.`, "not taken"],
    underflow: [
      (at) => `0, because a product at ${at} is too small for a double: it underflowed.`,
      "underflow",
    ],
    "first nan": [(at) => `nan (not a number): first made at ${at}.`, "nan here"],
    "first inf": [(at) => `Infinite: first made at ${at}.`, "inf here"],
  },
  goTo: (name) => `go to ${name}`,
  paths: "Paths",
  everyPath: (root, name) => `every path from ${root} to ${name}`,
  more: (count) => `and ${count} more, together`,
  preview: "preview",
  previewTitle: "Preview",
  previewHint: (name) => `not run yet: Python’s ${name}.grad is 0.0`,
  byHand: "set by hand",
  elsewhere: "a root elsewhere",
  earlierPasses: (count) => `and ${count} earlier passes, together`,
  at: (name, value) => `at ${name} = ${value}`,
  rowsThatStay: "stay: set by hand, or run at other values than those shown",
  rowsThatMove: "moves with the sliders: run at the values shown",
  wouldAdd: (calls, amount, grad) => `${calls} would add ${amount}. Python’s ${grad} is 0.0 until it is run.`,
  slope: (root, name) => `${root} as ${name} moves`,
  slopeIs: "slope",
  finiteDifference: (agrees, slope) =>
    agrees ? `finite difference agrees: ${slope}` : `finite difference says ${slope}`,
  kink: "the slopes on the two sides differ: at a corner the gradient is a convention",
  checkDetail: (step, difference) => `(step ${step}, off by ${difference})`,
  dock: "Put the inspector on the other side",
  passes: "sum of passes",
  sendsOn: "Sends on",

  typeANumber: "Type a number, such as 0.5 or -1e-3.",
  cannotDraw: "The graph cannot be drawn:",
};
