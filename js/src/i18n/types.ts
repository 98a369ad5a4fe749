/** Every text that a person sees, per language. `en.ts` and `zh.ts` are the two tables. */

/** The kinds of causes that `analysis/diagnose.ts` finds. */
type Cause =
  | "not run yet"
  | "frozen"
  | "not tracked"
  | "not connected"
  | "dead relu"
  | "zero factor"
  | "not taken"
  | "flat"
  | "cancels"
  | "underflow"
  | "first nan"
  | "first inf";

export interface Messages {
  /** BCP 47, for the `lang` attribute. */
  readonly lang: string;
  /** The words for ops, where an expression would be too long; of the others the names do. */
  readonly ops: Readonly<Record<string, string>>;
  /** A leaf without a name. */
  unnamed(id: number): string;

  // The sentence above the graph.
  readonly noPass: string;
  thisPass(gradients: string): string;
  readonly nothingReached: string;
  /** What is in `.grad` besides this pass: earlier passes, and what was carried over. */
  passesBefore(count: number, residual: boolean, name: string, total: string): string;
  /** The gradients displayed, and how many more there are. */
  list(displayed: readonly string[], more: number): string;
  /** What ends a sentence, and what parts it from the next. */
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
  diverged(steps: number): string;
  readonly run: string;
  readonly reset: string;
  readonly values: string;
  readonly valuesHint: string;
  readonly zeroGradHint: string;
  backwardHint(root: string): string;
  readonly save: string;

  // A step of the replay
  readonly stepNone: string;
  /** After that, where passes before this one have left something in `.grad`. */
  readonly stepEarlier: string;
  readonly stepForward: string;
  stepSeed(root: string): string;
  stepBackward(name: string, gradient: string, sent: readonly string[]): string;
  /** What an operand gets: a product, and its value set off; and what it has now, if it had something before. */
  stepSent(name: string, product: string, contribution: string, total: string): string;

  // Cards
  /** Of a custom op. */
  readonly computedBy: Readonly<Record<"kernel" | "asked" | "nobody", string>>;
  /** Why a slider can't be moved. */
  readonly locked: string;
  freeze(name: string): string;
  unfreeze(name: string): string;
  /** Where a number comes from that is not finite. */
  from(name: string): string;
  readonly seed: string;
  readonly notTracked: string;
  readonly notRunYet: string;
  readonly notReached: string;
  /** Which way values flow, and which way gradients do. */
  flow(direction: "LR" | "TB" | "BT"): readonly [string, string];
  sliderOf(name: string): string;
  readonly kinds: Readonly<Record<"parameter" | "input" | "constant" | "operation", string>>;
  node(name: string, kind: string, value: string, gradient: string): string;

  /** A folded group, for those who listen. */
  folded(title: string, parts: string, inputs: string, outputs: string, gradient: string): string;
  open(group: string): string;
  fold(group: string): string;
  /** What leads into a group, and out of it: so many values. */
  into(count: number): string;
  outOf(count: number): string;
  leaves(count: number): string;
  /** How leaves that are used in many places are drawn. */
  readonly copies: Readonly<Record<"auto" | "never" | "all", string>>;
  readonly copiesHint: string;
  copyOf(name: string, value: string): string;

  // The canvas
  readonly graph: string;
  layingOut(items: number): string;
  readonly cancel: string;
  readonly search: string;
  readonly searchHint: string;
  found(place: number, all: number): string;
  readonly previous: string;
  readonly next: string;
  readonly fit: string;
  readonly fitHint: string;
  readonly closer: string;
  readonly farther: string;
  readonly map: string;
  /** What colours tell: gradients or values; and that a press changes it. */
  colours(gradients: boolean): string;
  readonly coloursHint: string;

  // The inspector
  readonly close: string;
  readonly otherwise: string;
  readonly pass: string;
  readonly notYet: string;
  readonly upstreamTimesLocal: string;
  /**
   * Why a value or a gradient is no ordinary number: `at` is the node that causes it, `other` the root or a factor. And
   * the same in a word or two for the card, unless it has words of its own, where there is no number.
   */
  readonly diagnosis: Readonly<
    Record<Cause, readonly [sentence: (at: string, other: string) => string, short?: string]>
  >;
  goTo(name: string): string;
  readonly paths: string;
  everyPath(root: string, name: string): string;
  /** Of paths, or of contributions. */
  more(count: string): string;
  readonly carriedOver: string;
  slope(root: string, name: string): string;
  readonly slopeIs: string;
  finiteDifference(agrees: boolean, slope: string): string;
  readonly kink: string;
  checkDetail(step: string, difference: string): string;
  readonly dock: string;
  readonly passes: string;
  readonly sendsOn: string;

  // What went wrong
  readonly typeANumber: string;
  readonly cannotDraw: string;
}
