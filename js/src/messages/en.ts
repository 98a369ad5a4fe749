import type { Why } from "../why.ts";
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

const WAYS = { LR: ["right", "left"], TB: ["down", "up"], BT: ["up", "down"] };

/** Also where nothing is said: an ordinary 'not run yet' has its own words on the card. */
const SHORT: Readonly<Partial<Record<Why["kind"], string>>> = {
  "dead relu": "dead relu",
  "zero factor": "times 0",
  flat: "flat",
  cancels: "cancels",
  underflow: "underflow",
  "first nan": "nan",
  "first inf": "inf",
};

export const en: Messages = {
  lang: "en",
  op: (op) => (Object.hasOwn(OPS, op) ? OPS[op]! : op),
  unnamed: (id) => `leaf ${id}`,

  root: (name, value) => `${name} = ${value}`,
  noPass: () => "No backward pass has run yet",
  thisPass: (gradients) => `This pass gives ${gradients}`,
  nothingReached: () => "This pass reaches nothing: its root needs no gradient",
  passesBefore: (count, carried, name, total) => {
    const passes = count === 1 ? "the pass before it" : `the ${COUNTS[count] ?? count} passes before it`;
    const before = [...(count > 0 ? [passes] : []), ...(carried ? ["what was carried over"] : [])];
    return `; with ${before.join(" and ")}, ${name}.grad is ${total}`;
  },
  list: (told, more) =>
    more > 0
      ? `${told.join(", ")} and ${more} more`
      : [told.slice(0, -1).join(", "), ...told.slice(-1)].filter(Boolean).join(" and "),
  sentences: (...sentences) => sentences.join(". ").concat("."),
  noDot: "Graphviz’s program dot is not installed, so the graph is shown without it.",

  replay: "Replay",
  step: "step",
  stepHint: "One step on (→)",
  stepBackHint: "One step back (←)",
  play: "play",
  pause: "pause",
  stepOf: (made, all) => `${made} of ${all}`,
  learn: "Learn",
  loss: "the loss: the root that is made smaller",
  rate: "learning rate (lr)",
  learnHint: "One step of gradient descent: every parameter moves against its gradient",
  momentum: "momentum",
  momentumHint: "Keep nine tenths of the last step",
  zeroes: "zero first",
  zeroesHint: "Call zero_grad() before each pass; without it, gradients of earlier steps pile up",
  backToStart: "back to start",
  learned: (steps, loss) => `${steps} ${steps === 1 ? "step" : "steps"}, loss ${loss}`,
  diverged: (steps) => `diverged after ${steps} steps: the steps are too long`,

  stepNone: "Nothing is computed yet; the leaves are given.",
  stepForward: "Forward:",
  stepSeed: (root) => `Backward starts at ${root}: its gradient is ∂${root}/∂${root} = 1.`,
  stepBackward: (name, gradient, sent) =>
    sent.length > 0
      ? `Backward: ${name} has ${gradient} and sends ${sent.join(", ")}`
      : `Backward: ${name} has ${gradient} and sends nothing on`,
  stepSent: (name, product, contribution) => `${product} = ${contribution} to ${name}`,

  run: "Run",
  reset: "Reset",
  values: "values",
  valuesHint: "Set every slider back to the value it had at first",
  zeroGradHint: "Forget the gradients of all passes",
  backwardHint: (root) => `Run one more backward pass from ${root}; its gradients are added to .grad`,

  save: "Save",

  freeze: (name) => `Freeze ${name}: requires_grad = False`,
  thaw: (name) => `Thaw ${name}: requires_grad = True`,
  whyShort: (why) => SHORT[why.kind] ?? "",
  seed: "seed",
  notTracked: "not tracked",
  notRunYet: "not run yet",
  notReached: "not in this pass",
  flow: (direction) => [`values flow ${WAYS[direction][0]}`, `gradients flow ${WAYS[direction][1]}`],
  sliderOf: (name) => `value of ${name}`,
  kinds: { parameter: "parameter", input: "input", constant: "constant", operation: "operation" },
  node: (name, kind, value, gradient) => `${name}, ${kind}, value ${value}, gradient ${gradient}`,

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
  computed: "value",
  leaf: (name, kind) => `${name} is a leaf (${kind}): it is given, not computed.`,
  otherwise: "otherwise",
  pass: "this pass",
  through: "through",
  upstreamTimesLocal: "upstream × local",
  sum: "sum",
  startsHere: (root) => `The pass starts at ${root}: its gradient is given, ∂${root}/∂${root} = 1.`,
  why: (why, name, of) => {
    switch (why.kind) {
      case "not run yet":
        return "No backward pass has come here yet, so there is no gradient; that is not the same as 0.";
      case "frozen":
        return "Frozen: no gradient is wanted here (requires_grad=False).";
      case "not tracked":
        return "No gradient flows here: nothing it was computed from asks for one.";
      case "not connected":
        return `${name(why.root)} does not depend on this node, so the pass from it does not come here.`;
      case "dead relu":
        return `0, because the relu ${name(why.at)} is off: its operand is not positive, so it lets no gradient through.`;
      case "zero factor":
        return `0, because in ${name(why.at)} it is multiplied by ${name(why.factor)}, which is 0.`;
      case "flat":
        return `0, because ${name(why.at)} is flat here: its local derivative is 0.`;
      case "cancels":
        return "0, because the contributions cancel: they add up to 0.";
      case "underflow":
        return `0, because a product at ${name(why.at)} is too small for a double: it underflowed.`;
      case "first nan":
        return `nan (not a number): first made at ${name(why.at)}.`;
      case "first inf":
        return of === "value"
          ? `Infinite: first made at ${name(why.at)}.`
          : `Infinite gradient: first made at ${name(why.at)}.`;
    }
  },
  goTo: (name) => `go to ${name}`,
  roads: "roads",
  everyRoad: (root, name) => `every road from ${root} to ${name}`,
  moreRoads: (count) => `and ${count} more roads, together`,
  carriedOver: "carried over",
  slope: (root, name) => `${root} as ${name} moves`,
  slopeIs: "slope",
  finiteDifference: (agrees, slope) =>
    agrees ? `finite difference agrees: ${slope}` : `finite difference says ${slope}`,
  checkDetail: (step, difference) => `(step ${step}, off by ${difference})`,
  dock: "Put the inspector on the other side",
  passes: "sum of passes",
  sendsOn: "sends on",
  noOperandTracked: "Nothing further: no operand is tracked.",

  typeANumber: "Type a number, such as 0.5 or -1e-3.",
  cannotDraw: "The graph cannot be drawn:",
};
