/** Messages of a language. Their parameters are the places `{0}`, `{1}`, … in its file, in this order. */

/** The kinds of causes that `analysis/diagnose.ts` finds. */
type Cause =
  | "not run yet"
  | "frozen"
  | "not tracked"
  | "cut off"
  | "not connected"
  | "dead relu"
  | "zero factor"
  | "not taken"
  | "flat"
  | "cancels"
  | "underflow"
  | "first nan"
  | "first inf";

/** A text, or a function where values stand in it. */
type Message<Values extends unknown[]> = string | ((...values: Values) => string);

export interface Messages {
  /** BCP 47, for the `lang` attribute. */
  readonly lang: string;
  /** Words for ops, where an expression would be too long; other ops go by their names. */
  readonly ops: Readonly<Record<string, string>>;
  /** Name of a leaf without a label. */
  unnamed(id: number): string;
  /** Sentences about invalid expressions, by what is off. */
  readonly faults: Readonly<Record<string, Message<unknown[]>>>;

  // Steps, samples and neurons that are found in the graph.
  perStep(factor: string): string;
  reluOff(got: string): string;
  opens(relu: string, leaf: string, above: string): string;
  sample(number: number, count: number): string;
  allSamples(count: number): string;
  readonly all: string;
  input(number: number): string;
  readonly adds: string;
  neuron(index: number): string;
  readonly earlier: string;

  /** Name of the field for one. */
  readonly expression: string;

  // The sentence above the graph.
  /** The root's value is of a branch that the program would leave now. */
  otherWay(root: string, comparison: string, was: string, now: string): string;
  thisPass(gradients: string): string;
  readonly nothingReached: string;
  /** Advice to turn a leaf up or down, for a gradient below 0 (`sign` 1) or above: of a loss, and of any other result. */
  toLower(sign: number, leaf: string, root: string): string;
  raising(sign: number, leaf: string, root: string): string;
  /** Gradients of calls that nobody has made. */
  wouldGive(calls: string, gradients: string): string;
  readonly stillZero: string;
  /** Contents of `.grad` besides this pass: `parts` are made of the four below. */
  besides(parts: string, name: string, total: string): string;
  passBefore(count: number): string;
  atOtherValues(count: number): string;
  fromElsewhere(count: number): string;
  setByHand(amount: string): string;
  /** Change of a `.grad` by this pass. */
  addedTo(name: string, was: string, now: string): string;
  /** Change of the root that the slope foretold. */
  foretold(slope: string, by: string, change: string): string;
  /** A value is what it was; it had another one. */
  isAgain(name: string, value: string, was: string): string;

  // Results in Python that are older than its leaves
  setAfter(count: number, leaves: string, root: string): string;
  showsFor(root: string, leaves: string, value: string): string;
  forwardHint(root: string): string;
  readonly inPython: string;
  pythonNow(root: string, was: string, now: string): string;

  readonly notConnected: string;

  // Undo
  undo(what: string): string;
  redo(what: string): string;
  learnSteps(steps: number): string;
  readonly comma: string;
  and(all: string, last: string): string;
  andMore(all: string, more: number, count: number): string;
  /** End of a sentence, with the space before the next. */
  readonly stop: string;
  readonly noDot: string;

  // The bar
  readonly replay: string;
  readonly step: string;
  readonly play: string;
  readonly pause: string;
  readonly learn: string;
  readonly loss: string;
  readonly rate: string;
  readonly learnHint: string;
  readonly momentum: string;
  readonly momentumHint: string;
  readonly zeroes: string;
  readonly zeroesHint: string;
  readonly backToStart: string;
  readonly lossPlot: string;
  learned(steps: number, loss: string): string;
  noMinimum(loss: string, leaf: string): string;
  diverged(steps: number): string;
  readonly run: string;
  readonly values: string;
  readonly valuesHint: string;
  readonly zeroGradHint: string;
  backwardHint(root: string): string;
  readonly save: string;
  readonly copyPicture: string;

  // A step of the replay
  readonly stepNone: string;
  /** Addition if passes before this one left gradients in `.grad`. */
  readonly stepEarlier: string;
  readonly stepForward: string;
  stepSeed(root: string): string;
  stepBackward(name: string, gradient: string, sent: string): string;
  readonly sendsNothing: string;
  /** Contribution to an operand as a product and its value. */
  stepSent(name: string, product: string, contribution: string): string;
  /** The new sum, if there was one before. */
  nowHas(total: string): string;

  // Cards
  /** Computation of a custom op. */
  readonly computedBy: Readonly<Record<"kernel" | "asked" | "nobody", string>>;
  /** Reason for a locked slider. */
  readonly locked: string;
  freeze(name: string): string;
  unfreeze(name: string): string;
  /** Origin of a number that is not finite. */
  from(name: string): string;
  readonly seed: string;
  readonly notTracked: string;
  readonly notRunYet: string;
  readonly notReached: string;
  /** Directions in words; then sentences with one: of values, of gradients, and of gradients in a preview. */
  readonly ways: Readonly<Record<"→" | "←" | "↓" | "↑", string>>;
  flow(way: string): string;
  gradientsFlow(way: string): string;
  wouldFlow(way: string): string;
  sliderOf(name: string): string;
  readonly kinds: Readonly<Record<"parameter" | "input" | "constant" | "operation", string>>;
  node(name: string, kind: string, value: string, gradient: string): string;

  /** Folded group, for screen readers. */
  folded(title: string, parts: string, inputs: string, outputs: string, gradient: string): string;
  open(group: string): string;
  fold(group: string): string;
  /** Number of values into a group, and out of it. */
  into(count: number): string;
  outOf(count: number): string;
  leaves(count: number): string;

  // The canvas
  readonly graph: string;
  layingOut(items: string): string;
  readonly cancel: string;
  readonly search: string;
  readonly searchHint: string;
  found(place: number, all: number): string;
  readonly nothingFound: string;
  readonly previous: string;
  readonly next: string;
  readonly fit: string;
  readonly fitHint: string;
  readonly closer: string;
  readonly farther: string;
  readonly map: string;
  /** Meaning of colours. */
  readonly gradient: string;
  readonly value: string;

  // The inspector
  readonly close: string;
  readonly otherwise: string;
  readonly pass: string;
  readonly upstreamTimesLocal: string;
  /**
   * Diagnoses of values and gradients that are no ordinary numbers: `at` is the node that causes it, `other` the root or
   * a factor.
   */
  readonly diagnoses: Readonly<Record<Cause, Message<[at: string, other: string]>>>;
  /** Short form for the card; diagnoses without a number have none. */
  readonly short: Readonly<Partial<Record<Cause, string>>>;
  readonly paths: string;
  everyPath(root: string, name: string): string;
  /** Number of unlisted paths or contributions. */
  more(count: string): string;
  readonly preview: string;
  readonly previewTitle: string;
  /** About a `.grad` that nobody has run a pass for. */
  previewHint(name: string): string;
  readonly byHand: string;
  /** The root of a pass that is not in this graph, and has no name. */
  readonly elsewhere: string;
  earlierPasses(count: number): string;
  at(name: string, value: string): string;
  readonly rowsThatStay: string;
  readonly rowsThatMove: string;
  slope(root: string, name: string): string;
  readonly slopeIs: string;
  finiteDifference(slope: string): string;
  readonly kink: string;
  checkDetail(step: string, difference: string): string;
  readonly dock: string;
  readonly passes: string;
  readonly sendsOn: string;

  // What went wrong
  readonly typeANumber: string;
  readonly cannotDraw: string;
}
