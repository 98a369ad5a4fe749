/**
 * What is shown. The only place that decides: the views ask it and draw, they compute nothing.
 *
 * One state belongs to one view. It takes in traits, replays the graph (values forward, then every pass of the history
 * in order) and keeps what each pass added, so that the sum can be told apart again. How far a replay in steps has come
 * is the view's own, and no trait.
 */

import { Reasons } from "../analysis/diagnose.ts";
import { largestOf } from "../analysis/largest.ts";
import { type Kind, kindOf, Names } from "../analysis/names.ts";
import { type Progress, progressAfter, type Step, stepsOf } from "../analysis/steps.ts";
import { applyResults, type CustomResults, customDependence, isOutdated, LIVE } from "../engine/customs.ts";
import { Graph } from "../engine/graph.ts";
import { decodeNumber, encodeNumber } from "../engine/number.ts";
import type { Messages } from "../i18n/types.ts";
import { type Copies, Folds } from "../picture/folds.ts";
import type { Link, SceneGraph } from "../picture/picture.ts";
import { chosenRange, type Range, widened } from "./ranges.ts";
import type { Changes, Numbers, Traits } from "./traits.ts";

/** How a node stands to the gradients of the last pass. */
export type GradientStatus =
  | "reached"
  | "seed"
  | "not run yet"
  | "not reached"
  | "not tracked"
  /** In a replay: the pass has not come here yet. */
  | "not yet";

/** One operand slot: `consumer` uses `producer` as its operand number `slot`. */
export interface Edge {
  readonly producer: number;
  readonly consumer: number;
  readonly slot: number;
  /** Its place in the graph's `edgeGrads`. */
  readonly index: number;
}

/** A row of the ledger: a pass, by its root, or what was carried over. */
export interface Entry {
  readonly root: number | undefined;
  /** Undefined where the pass did not come. */
  readonly added: number | undefined;
}

export class State {
  readonly graph: Graph;
  readonly names: Names;
  readonly messages: Messages;
  readonly folds: Folds;
  readonly leaves: readonly number[];
  readonly readOnly: boolean;
  readonly notice: string;
  /** The leaf values that the document came with. */
  readonly firstValues: Numbers;

  passes: readonly number[] = [];
  selected: number | null = null;

  /** Those that the document gives. */
  readonly #givenRanges: ReadonlyMap<number, Range>;
  /** Whether the kernel has yet to compute something for the values that the leaves have now. */
  isWaiting = false;

  readonly #madeInto: Uint8Array;
  #isAlone = false;
  #customs: CustomResults | undefined;
  #ranges = new Map<number, Range>();
  /** By operand slot the node that it belongs to. */
  readonly #consumer: Int32Array;
  /** By node the first slot that uses it, and by slot the next one that uses the same; -1: there is none. */
  readonly #firstUse: Int32Array;
  readonly #nextUse: Int32Array;
  /**
   * By node, what is in `.grad` besides the passes. To the kernel: after `zero_grad()` and the passes, add this. To a
   * page: what the kernel can't tell as passes, such as a `p.grad` set by hand. Gradient descent that never zeroes
   * leaves here what its earlier passes gave, at the values that they had then.
   */
  carried: Numbers = {};
  /** Per pass what it added to each node. */
  #added: Float64Array[] = [];
  /** Per pass 1 where it came. */
  #came: Uint8Array[] = [];
  /** What was in `.grad` before the last pass. */
  readonly #before: Pick<Graph, "grads" | "reached">;
  /** The steps of a replay, once they are asked for. */
  #steps: readonly Step[] | undefined;
  /** The largest size of what the pass sent along a link, once it is asked for. */
  #largest: number | undefined;
  /** Why numbers are what they are, once somebody asks. */
  #reasons: Reasons | undefined;
  /** How many steps of a replay have been made; undefined: all, and nothing is replayed. */
  #step: number | undefined;
  #progress: Progress | undefined;

  /** Throws one sentence where the document is off. */
  constructor(traits: Traits, messages: Messages) {
    this.graph = Graph.fromJSON(traits.graph);
    this.#before = { grads: this.graph.grads.slice(), reached: this.graph.reached.slice() };
    this.messages = messages;
    this.names = new Names(this.graph, messages);
    this.readOnly = traits.read_only;
    this.notice = traits.notice;
    this.folds = new Folds(this.graph, this.names, (traits.graph as { groups?: unknown }).groups);
    this.leaves = [...this.graph.ops.keys()].filter((id) => this.graph.ops[id] === "leaf");
    const { size, offsets, operands } = this.graph;
    this.#consumer = new Int32Array(operands.length);
    this.#firstUse = new Int32Array(size).fill(-1);
    this.#nextUse = new Int32Array(operands.length);
    for (let id = 0; id < size; id++) this.#consumer.fill(id, offsets[id], offsets[id + 1]);
    for (let slot = operands.length - 1; slot >= 0; slot--) {
      this.#nextUse[slot] = this.#firstUse[operands[slot]!]!;
      this.#firstUse[operands[slot]!] = slot;
    }
    this.#madeInto = customDependence(this.graph);
    const { values } = this.graph;
    this.firstValues = Object.fromEntries(this.leaves.map((leaf) => [leaf, encodeNumber(values[leaf]!)]));
    this.#givenRanges = givenRanges(traits.graph, this.graph);
    this.update(traits);
    this.#ranges = new Map(this.#givenRanges);
  }

  /** Take in what changed, and compute everything that follows from it. */
  update(changes: Changes): void {
    const { values, passes, carried, frozen, customs, isSilent = false, selected, opened } = changes;
    const { graph } = this;
    this.#isAlone = isSilent || !customs;
    this.isWaiting = customs !== undefined && isOutdated(customs, values);
    if (customs && customs !== this.#customs) applyResults(graph, customs);
    this.#customs = customs;
    const still = frozen && new Set(frozen);
    let isOther = false;
    for (const leaf of this.leaves) {
      const value = decodeNumber(values[leaf]);
      if (value !== undefined && !Object.is(value, graph.values[leaf])) {
        this.#ranges.set(leaf, widened(this.#ranges.get(leaf) ?? this.range(leaf), value));
        graph.setLeaf(leaf, value);
      }
      if (still && still.has(leaf) === (graph.needsGrad[leaf] === 1)) {
        graph.setFrozen(leaf, still.has(leaf));
        isOther = true; // it is drawn as another kind
        this.#steps = undefined;
      }
    }
    const root = this.root;
    this.passes = passes.filter((pass) => pass >= 0 && pass < graph.size);
    if (this.root !== root) this.#steps = undefined;
    this.selected = selected !== null && selected >= 0 && selected < graph.size ? selected : null;
    this.carried = carried;
    this.folds.update(opened ?? null, isOther);
    graph.forward();
    graph.zeroGrad();
    this.#before.grads.fill(0);
    this.#before.reached.fill(0);
    this.#added.length = Math.min(this.#added.length, this.passes.length);
    this.passes.forEach((pass, i) => {
      this.#before.grads.set(graph.grads);
      this.#before.reached.set(graph.reached);
      graph.backward(pass);
      this.#added[i] ??= new Float64Array(graph.size);
      this.#added[i].set(graph.passGrads);
      this.#came[i] ??= new Uint8Array(graph.size);
      this.#came[i].set(graph.passReached);
    });
    this.replayTo(this.isReplaying ? this.#step : undefined);
  }

  // -- what it is about ----------------------------------------------------------------------------------------------

  /** The root of the last pass. */
  get root(): number | undefined {
    return this.passes.at(-1);
  }

  /** What the sentence above the graph is about: the root of the last pass, or the last result. */
  get subject(): number {
    return this.root ?? this.graph.outputs.at(-1)!;
  }

  /** What is drawn. A new one where that changes. */
  get picture(): SceneGraph {
    return this.folds.picture;
  }

  setCopies(copies: Copies): void {
    this.folds.copies = copies;
    this.#largest = undefined;
  }

  /** Whether a custom op is made of a node, so that the page can't tell what follows where it moves. */
  isOpaque(id: number): boolean {
    return this.#madeInto[id]! > 0;
  }

  /** Whether a leaf is not to be moved: what is made of it takes a kernel, and none answers. */
  isLocked(leaf: number): boolean {
    return this.#isAlone && (this.#madeInto[leaf]! & LIVE) > 0;
  }

  kind(id: number): Kind {
    return kindOf(this.graph, id);
  }

  /** Whether every leaf has the value that the document came with. */
  hasFirstValues(): boolean {
    return this.leaves.every((leaf) =>
      Object.is(this.graph.values[leaf], decodeNumber(this.firstValues[leaf])),
    );
  }

  range(leaf: number): Range {
    const value = this.graph.values[leaf]!;
    return widened(this.#ranges.get(leaf) ?? chosenRange(value), value);
  }

  /** Let a range that has widened on the way be what it was, as far as that holds the value. */
  setRange(leaf: number, range: Range, value: number): void {
    this.#ranges.set(leaf, widened(range, value));
  }

  /** Let ranges that have widened be what they were at first, with the next update. */
  narrow(): void {
    const first = (leaf: number) => chosenRange(decodeNumber(this.firstValues[leaf])!);
    this.#ranges = new Map(this.leaves.map((leaf) => [leaf, this.#givenRanges.get(leaf) ?? first(leaf)]));
  }

  // -- a replay in steps ---------------------------------------------------------------------------------------------

  get steps(): readonly Step[] {
    this.#steps ??= stepsOf(this.graph, this.root, this.graph.passReached);
    return this.#steps;
  }

  /** How many steps have been made: all of them where nothing is replayed. */
  get stepsMade(): number {
    return this.#step ?? this.steps.length;
  }

  /** The step that was made last, in a replay or at its end. */
  get currentStep(): Step | undefined {
    return this.#step === undefined ? undefined : this.steps[this.#step - 1];
  }

  get isReplaying(): boolean {
    return this.#step !== undefined && this.#step < this.steps.length;
  }

  /** Show what is known after so many steps, and say what the last one does; more than there are, or undefined, ends it. */
  replayTo(count: number | undefined): void {
    const ends = count === undefined || count > this.steps.length;
    this.#step = ends ? undefined : Math.max(0, count);
    this.#progress = this.isReplaying ? progressAfter(this.graph, this.steps, this.#step!) : undefined;
    this.#largest = undefined;
    this.#reasons = undefined;
  }

  // -- numbers of nodes ----------------------------------------------------------------------------------------------

  /** A value, once it is computed. */
  value(id: number): number | undefined {
    return this.#progress?.computed[id] === 0 ? undefined : this.graph.values[id];
  }

  status(id: number): GradientStatus {
    if (!this.graph.needsGrad[id]) return "not tracked";
    if (this.passes.length === 0) return "not run yet";
    if (!this.graph.passReached[id]) return "not reached";
    if (this.#progress?.arrived[id] === 0) return "not yet";
    return id === this.root ? "seed" : "reached";
  }

  /** The gradient of this pass; undefined where it did not come. */
  gradient(id: number): number | undefined {
    const status = this.status(id);
    if (status !== "reached" && status !== "seed") return undefined;
    return (this.#progress ?? this.graph).passGrads[id];
  }

  /** The largest size of a gradient of this pass among some nodes; undefined where none has come. */
  largestGradient(nodes: readonly number[]): number | undefined {
    const { passGrads } = this.#progress ?? this.graph;
    const came = this.#progress?.arrived ?? this.graph.passReached;
    let largest = -1;
    for (const id of nodes) {
      if (!came[id]) continue;
      const size = Math.abs(passGrads[id]!);
      if (Number.isNaN(size)) return size;
      if (size > largest) largest = size;
    }
    return largest === -1 ? undefined : largest;
  }

  /** `.grad`: all passes and what was carried over; undefined where nothing has come yet. */
  total(id: number): number | undefined {
    const carried = this.#carriedTo(id);
    const progress = this.#progress;
    const { grads, reached } = progress ? this.#before : this.graph;
    if (carried === undefined && !reached[id] && !progress?.arrived[id]) return undefined;
    return (carried ?? 0) + grads[id]! + (progress?.passGrads[id] ?? 0);
  }

  /** What is in a node's `.grad`, row by row, the oldest first. */
  ledger(id: number): Entry[] {
    const carried = this.#carriedTo(id);
    const passes = this.passes.map((root, i) => ({
      root,
      added: this.#came[i]![id] ? this.#added[i]![id]! : undefined,
    }));
    // The last pass is on its way: what has arrived of it, if anything has.
    const last = this.#progress && passes.pop();
    if (last && this.#progress?.arrived[id])
      passes.push({ root: last.root, added: this.#progress.passGrads[id]! });
    return carried === undefined ? passes : [{ root: undefined, added: carried }, ...passes];
  }

  /** Whether some `.grad` holds more than the passes. */
  get hasCarried(): boolean {
    return Object.keys(this.carried).length > 0;
  }

  /** Why gradients of the last pass and values are 0, not finite or not there. */
  get reasons(): Reasons {
    this.#reasons ??= new Reasons(this.graph, {
      root: this.root,
      reached: (id) => this.graph.passReached[id] === 1,
      usesOf: (id) => this.#usesOf(id).filter((slot) => this.#flows(slot)),
      consumerOf: (slot) => this.#consumer[slot]!,
    });
    return this.#reasons;
  }

  #carriedTo(id: number): number | undefined {
    return this.graph.needsGrad[id] ? decodeNumber(this.carried[id]) : undefined;
  }

  // -- edges and links -----------------------------------------------------------------------------------------------

  /** Whether this pass has sent something along an edge, be it 0. */
  flows({ index }: Pick<Edge, "index">): boolean {
    return this.#flows(index);
  }

  contribution({ index }: Pick<Edge, "index">): number {
    return this.graph.edgeGrads[index]!;
  }

  consumersOf(id: number): readonly Edge[] {
    return this.#usesOf(id).map((slot) => this.edge(slot));
  }

  /** The operand slots that a node is in, ascending. */
  #usesOf(id: number): number[] {
    const slots: number[] = [];
    for (let slot = this.#firstUse[id]!; slot >= 0; slot = this.#nextUse[slot]!) slots.push(slot);
    return slots;
  }

  operandsOf(id: number): readonly Edge[] {
    const { offsets } = this.graph;
    const edges: Edge[] = [];
    for (let slot = offsets[id]!; slot < offsets[id + 1]!; slot++) edges.push(this.edge(slot));
    return edges;
  }

  /** What this pass sent along a link; undefined where nothing flows. To several producers: the largest size. */
  sentAlong(link: Link): number | undefined {
    const { edgeGrads } = this.graph;
    const isShared = this.isShared(link);
    let sent: number | undefined;
    for (const slot of link.slots) {
      if (!this.#flows(slot)) continue;
      const one = edgeGrads[slot]!;
      sent = isShared ? Math.max(sent ?? 0, Math.abs(one)) : (sent ?? 0) + one;
    }
    return sent;
  }

  /** Whether a link leads to several producers: derivatives by different variables don't add up. */
  isShared({ slots }: Link): boolean {
    const { operands } = this.graph;
    return slots.some((slot) => operands[slot] !== operands[slots[0]!]);
  }

  /** The largest finite size that this pass sent along any link. */
  get largestSent(): number {
    this.#largest ??= largestOf(this.picture.links.map((link) => this.sentAlong(link)));
    return this.#largest;
  }

  /** Whether a gradient could flow along a link. */
  tracks({ slots }: Link): boolean {
    return slots.some((slot) => this.graph.needsGrad[this.graph.operands[slot]!]);
  }

  /** By slot 1 on the roads that the gradient takes from the root to a node, and from the node on. */
  roadsThrough(id: number): Uint8Array {
    const { offsets } = this.graph;
    const slots = this.#usedBy(id, (slot) => this.#flows(slot));
    return slots.fill(1, offsets[id], offsets[id + 1]);
  }

  /** By slot 1 between all that a node depends on, and between all that depends on it. */
  relatedTo(id: number): Uint8Array {
    const { size, offsets, operands } = this.graph;
    const slots = this.#usedBy(id, () => true);
    const needed = new Uint8Array(size);
    needed[id] = 1;
    for (let node = id; node >= 0; node--) {
      if (!needed[node]) continue;
      for (let slot = offsets[node]!; slot < offsets[node + 1]!; slot++) {
        slots[slot] = 1;
        needed[operands[slot]!] = 1;
      }
    }
    return slots;
  }

  /** By slot 1 where a node is used, and where what uses it is, along the slots that count. */
  #usedBy(id: number, counts: (slot: number) => boolean): Uint8Array {
    const { size, offsets, operands } = this.graph;
    const slots = new Uint8Array(operands.length);
    const uses = new Uint8Array(size);
    uses[id] = 1;
    for (let slot = offsets[id]!; slot < operands.length; slot++) {
      if (!uses[operands[slot]!] || !counts(slot)) continue;
      slots[slot] = 1;
      uses[this.#consumer[slot]!] = 1;
    }
    return slots;
  }

  #flows(slot: number): boolean {
    const { graph } = this;
    const consumer = this.#consumer[slot]!;
    if (!graph.passReached[consumer] || !graph.needsGrad[graph.operands[slot]!]) return false;
    return this.#progress?.sent[consumer] !== 0;
  }

  /** An operand slot as an edge. */
  edge(index: number): Edge {
    const consumer = this.#consumer[index]!;
    const { offsets, operands } = this.graph;
    return { producer: operands[index]!, consumer, slot: index - offsets[consumer]!, index };
  }
}

/** The optional `sliders` of a document: leaf id → [low, high, step]. One that makes no sense is left out. */
function givenRanges(document: unknown, graph: Graph): Map<number, Range> {
  const { sliders } = document as { sliders?: unknown };
  const ranges = new Map<number, Range>();
  for (const [key, given] of Object.entries<unknown>(Object(sliders))) {
    const leaf = Number(key);
    const [low, high, step] = Array.isArray(given) ? given.map(Number) : [];
    const fits = low !== undefined && high !== undefined && step !== undefined && low < high && step > 0;
    if (fits && graph.ops[leaf] === "leaf")
      ranges.set(leaf, widened({ low, high, step }, graph.values[leaf]!));
  }
  return ranges;
}
