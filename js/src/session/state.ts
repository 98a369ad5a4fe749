/**
 * State of one view. The only place that decides: the views ask it and draw, they compute nothing.
 *
 * One state belongs to one view. It takes in traits, computes the values and the passes that it shows, and keeps what
 * each pass added, so that the sum can be told apart again.
 */

import { Adjacency, type Edge } from "../analysis/adjacency.ts";
import { leftBranch } from "../analysis/branches.ts";
import { Reasons } from "../analysis/diagnose.ts";
import { largestOf } from "../analysis/largest.ts";
import { type Kind, kindOf, Names } from "../analysis/names.ts";
import { type Opening, openingBy } from "../analysis/opens.ts";
import { type Paths, pathsTo } from "../analysis/paths.ts";
import { type Spelling, spellingOf } from "../analysis/spelling.ts";
import type { Step } from "../analysis/steps.ts";
import { applyResults, type CustomResults, customDependence, isOutdated, LIVE } from "../engine/customs.ts";
import { isId } from "../engine/found.ts";
import { Graph } from "../engine/graph.ts";
import { decodeNumber, encodeMoved } from "../engine/number.ts";
import type { Messages } from "../i18n/types.ts";
import { Folds } from "../picture/folds.ts";
import type { GivenGroups } from "../picture/groups.ts";
import type { Link, SceneGraph } from "../picture/picture.ts";
import { type LedgerRow, Passes } from "./passes.ts";
import { chosenRange, type Range, STEPS, widened } from "./ranges.ts";
import { limitedRecords, readRecords, settledRecord, type WireRecord } from "./records.ts";
import { relationsOf } from "./relations.ts";
import { Steps } from "./replay.ts";
import type { Changes, Numbers, Stale, Traits } from "./traits.ts";

/** The document's key `check`: findings about an engine of one's own, in the kernel's words. */
export interface Check {
  /** In place of the usual sentence. */
  readonly said?: string;
  /** By node the gradient that their own pass left. */
  readonly yours?: Readonly<Record<number, string>>;
  /** Their gradient beside the chain rule's, in words. */
  readonly beside?: Readonly<Record<number, string>>;
  /** The first node that is off. */
  readonly first?: number | null;
  /** From a question to the answer. */
  readonly hints?: readonly string[];
}

/** The keys of a document that a view needs and engines only check. */
interface Given {
  readonly groups?: GivenGroups;
  /** Range of a leaf's slider. */
  readonly sliders?: Readonly<Record<string, readonly [low: number, high: number, step?: number]>> | null;
  /** The nodes from which the passes of a preview start; one from each output without it. */
  readonly preview?: readonly number[] | null;
  readonly check?: Check;
  /** Python runs the function that made the graph again after each change. */
  readonly explored?: boolean | null;
}

/** Status of a node in the last pass. */
export type GradientStatus =
  | "reached"
  | "seed"
  | "not reached"
  | "not tracked"
  /** In a replay: the pass has not come here yet. */
  | "not yet";

/** As many paths are told one by one. */
const MOST_PATHS = 6;

export class State {
  readonly graph: Graph;
  readonly adjacency: Adjacency;
  readonly passes: Passes;
  readonly replay: Steps;
  readonly names: Names;
  readonly messages: Messages;
  readonly folds: Folds;
  readonly leaves: readonly number[];
  readonly readOnly: boolean;
  /** The document's keys for views. */
  readonly given: Given;
  readonly notice: string;
  /** The leaf values that the document came with. */
  readonly firstValues: Numbers;

  selected: number | null = null;
  /** The operand slot whose product a reader asked for. */
  explained: number | undefined;
  /** Leaves that were set in Python after the result was computed there, and the results that it still has. */
  stale: Stale = {};
  /** Findings about somebody's own engine, at the values that it ran at. */
  check: Check | undefined;
  /** The kernel has yet to compute something for the values that the leaves have now. */
  isWaiting = false;

  /** Those that the document gives. */
  readonly #givenRanges: ReadonlyMap<number, Range>;
  readonly #madeInto: Uint8Array;
  #isAlone = false;
  #customs: CustomResults | undefined;
  #ranges = new Map<number, Range>();
  /** Results that follow from the numbers of now, once they are asked for. */
  #derived: { largestSent?: number; reasons?: Reasons; spelling?: Spelling; paths?: Paths } = {};
  /** Per node 1 if it may belong to a branch that the program would not take now; undefined if there is none. */
  #left: Uint8Array | undefined;

  /** Throws one sentence where the document is off. */
  constructor(traits: Traits, messages: Messages) {
    this.graph = Graph.fromJSON(traits.graph);
    const given = traits.graph as Given;
    this.given = given;
    this.adjacency = new Adjacency(this.graph);
    this.passes = new Passes(this.graph, given.preview ?? this.graph.outputs);
    this.replay = new Steps(this.graph);
    this.messages = messages;
    this.names = new Names(this.graph, messages);
    this.readOnly = traits.read_only;
    this.notice = traits.notice;
    this.folds = new Folds(this.graph, this.names, given.groups);
    this.leaves = [...this.graph.ops.keys()].filter((id) => this.graph.ops[id] === "leaf");
    this.#madeInto = customDependence(this.graph);
    this.firstValues = this.leafValues;
    this.check = given.check;
    this.#givenRanges = givenRanges(given.sliders, this.graph);
    this.update(traits);
    this.#ranges = new Map(this.#givenRanges);
  }

  /** Take in what changed, and compute everything that follows from it. */
  update(changes: Changes): void {
    const { values, passes, frozen, stale, customs, isSilent = false, selected, opened } = changes;
    const { graph } = this;
    this.#isAlone = isSilent || !customs;
    this.isWaiting = customs !== undefined && isOutdated(customs, values);
    if (customs && customs !== this.#customs) applyResults(graph, customs);
    this.#customs = customs;
    this.#moveLeaves(values);
    const isOther = this.#turnLeaves(frozen); // drawn as another kind
    this.stale = stale ?? {};
    this.selected = isId(selected, graph.size) ? selected : null;
    this.folds.update(opened ?? null, isOther);
    graph.forward();
    this.#left = leftBranch(graph);
    this.passes.run(readRecords(passes, graph));
    this.replay.follow(this.root, isOther);
    this.#derived = {};
  }

  #moveLeaves(values: Numbers): void {
    const { graph } = this;
    for (const leaf of this.leaves) {
      const value = decodeNumber(values[leaf]);
      if (value === undefined || Object.is(value, graph.values[leaf])) continue;
      this.#ranges.set(leaf, widened(this.#ranges.get(leaf) ?? this.range(leaf), value));
      graph.setLeaf(leaf, value);
      this.check = undefined;
    }
  }

  /** Freeze leaves and unfreeze others; true if any is turned. */
  #turnLeaves(frozen: readonly number[] | undefined): boolean {
    if (!frozen) return false;
    const { graph } = this;
    const still = new Set(frozen);
    const turned = this.leaves.filter((leaf) => still.has(leaf) === (graph.needsGrad[leaf] === 1));
    for (const leaf of turned) graph.setFrozen(leaf, still.has(leaf));
    return turned.length > 0;
  }

  // -- what it is about ----------------------------------------------------------------------------------------------

  /** The root of the pass on the canvas: of the last one. */
  get root(): number | undefined {
    return this.passes.roots.at(-1);
  }

  /** The gradients on the canvas are those that a pass would give. */
  get isPreview(): boolean {
    return this.passes.isPreview;
  }

  /** The leaves that were moved in Python after the result was computed there. */
  get isStale(): boolean {
    return (this.stale.leaves?.length ?? 0) > 0;
  }

  /** Subject of the sentence above the graph: the root of the last pass, or the last result. */
  get subject(): number {
    return this.root ?? this.graph.outputs.at(-1)!;
  }

  /** Scene graph, a new one where it changes. */
  get picture(): SceneGraph {
    return this.folds.picture;
  }

  /** A custom op depends on a node, so that the page can't tell what follows where it moves. */
  isOpaque(id: number): boolean {
    return this.#madeInto[id]! > 0;
  }

  opening(leaf: number): Opening | undefined {
    return openingBy(this.graph, this.adjacency, leaf);
  }

  /** A leaf is locked: what is made of it takes a kernel, and none answers. */
  isLocked(leaf: number): boolean {
    return this.#isAlone && (this.#madeInto[leaf]! & LIVE) > 0;
  }

  kind(id: number): Kind {
    return kindOf(this.graph, id);
  }

  /** Python says by itself which way its program takes. */
  get asksPython(): boolean {
    return !this.#isAlone && this.given.explored === true;
  }

  /** Every leaf has the value that the document came with. */
  hasFirstValues(): boolean {
    return this.leaves.every((leaf) => encodeMoved(this.graph.values[leaf]!) === this.firstValues[leaf]);
  }

  /** The values of the leaves, as the wire has them. */
  get leafValues(): Numbers {
    const { values } = this.graph;
    return Object.fromEntries(this.leaves.map((leaf) => [leaf, encodeMoved(values[leaf]!)]));
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

  get isReplaying(): boolean {
    return this.replay.isReplaying;
  }

  /** The step that was made last, in a replay or at its end. */
  get currentStep(): Step | undefined {
    return this.replay.current;
  }

  /** Show what is known after so many steps; more than there are, or undefined, ends it. */
  replayTo(count: number | undefined): void {
    this.replay.goTo(count);
    this.#derived = {};
  }

  // -- numbers of nodes ----------------------------------------------------------------------------------------------

  /** A value, once it is computed. */
  value(id: number): number | undefined {
    return this.replay.progress?.computed[id] === 0 ? undefined : this.graph.values[id];
  }

  status(id: number): GradientStatus {
    if (!this.graph.needsGrad[id]) return "not tracked";
    if (!this.graph.passReached[id]) return "not reached";
    if (this.replay.progress?.arrived[id] === 0) return "not yet";
    return id === this.root ? "seed" : "reached";
  }

  /** The gradient of this pass; undefined where it did not come. */
  gradient(id: number): number | undefined {
    const status = this.status(id);
    if (status !== "reached" && status !== "seed") return undefined;
    return (this.replay.progress ?? this.graph).passGrads[id];
  }

  /** The largest size of a gradient of this pass among some nodes; undefined where none has come. */
  largestGradient(nodes: readonly number[]): number | undefined {
    const { passGrads } = this.replay.progress ?? this.graph;
    const came = this.replay.progress?.arrived ?? this.graph.passReached;
    let largest = -1;
    for (const id of nodes) {
      if (!came[id]) continue;
      const size = Math.abs(passGrads[id]!);
      if (Number.isNaN(size)) return size;
      if (size > largest) largest = size;
    }
    return largest === -1 ? undefined : largest;
  }

  /** `.grad` as Python has it, or would have it: undefined where nothing has come yet. */
  total(id: number): number | undefined {
    const rows = this.ledger(id).filter(({ record, added }) => record && added !== undefined);
    return rows.length === 0 ? undefined : rows.reduce((sum, { added }) => sum + added!, 0);
  }

  /** Rows of a node's `.grad`, the oldest first; at last what the passes of a preview would add. */
  ledger(id: number): LedgerRow[] {
    if (!this.graph.needsGrad[id]) return [];
    const rows = this.passes.rowsOf(id);
    const { progress } = this.replay;
    const last = rows.map(({ record }) => !record || record.isLive).lastIndexOf(true);
    if (!progress || last < 0) return rows;
    // The last pass is on its way: what has arrived of it, if anything has.
    if (progress.arrived[id]) rows[last] = { ...rows[last]!, added: progress.passGrads[id]! };
    else rows.splice(last, 1);
    return rows;
  }

  /** The records as they are once the leaves move on: each live pass stays with what it added, if it added anything. */
  settledRecords(): readonly WireRecord[] {
    const settled = this.passes.records.flatMap((record) => {
      const added = this.passes.addedBy(record, this.leaves);
      if (!record.isLive) return record.wire;
      return added.size > 0 ? settledRecord(record, added, this.graph.values) : [];
    });
    return limitedRecords(settled);
  }

  /** The digits of all numbers that are shown now. */
  get spelling(): Spelling {
    this.#derived.spelling ??= spellingOf(relationsOf(this));
    return this.#derived.spelling;
  }

  /** The largest paths from the root to what is selected; undefined where none is told. */
  paths(id: number): Paths | undefined {
    const { root } = this;
    const isTold = root !== undefined && id !== root && this.gradient(id) !== undefined && !this.isReplaying;
    if (!isTold) return undefined;
    this.#derived.paths ??= pathsTo(this.graph, root, id, MOST_PATHS);
    return this.#derived.paths;
  }

  /** Why gradients of the last pass and values are 0, not finite or not there. */
  get reasons(): Reasons {
    this.#derived.reasons ??= new Reasons(this.graph, {
      root: this.root,
      reached: (id) => this.graph.passReached[id] === 1,
      usesOf: (id) => this.adjacency.usesOf(id).filter((slot) => this.#flows(slot)),
      consumerOf: (slot) => this.adjacency.consumerOf(slot),
    });
    return this.#derived.reasons;
  }

  /** Test whether a value may belong to a branch that the program would not take now. */
  isLeft(id: number): boolean {
    return this.#left?.[id] === 1;
  }

  /** Test whether a flow along some slots may belong to such a branch. */
  comesFromLeft(slots: readonly number[]): boolean {
    return slots.some((slot) => this.isLeft(this.adjacency.consumerOf(slot)));
  }

  // -- edges and links -----------------------------------------------------------------------------------------------

  /** This pass has sent something along an edge, be it 0. */
  flows({ index }: Pick<Edge, "index">): boolean {
    return this.#flows(index);
  }

  contribution({ index }: Pick<Edge, "index">): number {
    return this.graph.edgeGrads[index]!;
  }

  /** Contribution of this pass along a link; undefined where nothing flows. To several producers: the largest size. */
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

  /** A link leads to several producers: derivatives by different variables don't add up. */
  isShared({ slots }: Link): boolean {
    const { operands } = this.graph;
    return slots.some((slot) => operands[slot] !== operands[slots[0]!]);
  }

  /** The largest finite size that this pass sent along any link. */
  get largestSent(): number {
    this.#derived.largestSent ??= largestOf(this.picture.links.map((link) => this.sentAlong(link)));
    return this.#derived.largestSent;
  }

  /** A gradient could flow along a link. */
  tracks({ slots }: Link): boolean {
    const { needsGrad } = this.graph;
    return slots.some((slot) => {
      const { producer, consumer } = this.adjacency.edge(slot);
      return needsGrad[producer] && needsGrad[consumer];
    });
  }

  /** By slot 1 on the paths that the gradient takes from the root to a node, and from the node on. */
  pathsThrough(id: number): Uint8Array {
    const { offsets } = this.graph;
    const slots = this.adjacency.above(id, (slot) => this.#flows(slot));
    return slots.fill(1, offsets[id], offsets[id + 1]);
  }

  #flows(slot: number): boolean {
    const { graph } = this;
    const consumer = this.adjacency.consumerOf(slot);
    if (!graph.passReached[consumer] || !graph.needsGrad[graph.operands[slot]!]) return false;
    return this.replay.progress?.sent[consumer] !== 0;
  }
}

/** The optional `sliders` of a document: leaf id → [low, high, step]. */
function givenRanges(sliders: Given["sliders"], graph: Graph): Map<number, Range> {
  const entries = Object.entries(sliders ?? {}).map(([key, [low, high, step = (high - low) / STEPS]]) => {
    const leaf = Number(key);
    return [leaf, widened({ low, high, step }, graph.values[leaf]!)] as const;
  });
  return new Map(entries);
}
