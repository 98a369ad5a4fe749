/**
 * The keys of a document: what each holds, in the words of a refusal, and what checks it. The twin of `optional.py`:
 * the same table, the same sentences.
 */

import { isId, isObject, refuse, shown } from "./found.ts";
import { decodeNumber } from "./number.ts";

export type Known = Record<string, unknown>;

/**
 * Kind by key, in the words of a refusal: with a bracket that of the items of a list, with a brace that of an object's
 * keys. A key may be missing, or null.
 */
const OPTIONAL = {
  guards: "[a comparison of two nodes",
  groups: "[a group within the one around it, 100 deep at most",
  sliders: "{a leaf",
  passes: "[a node or a record",
  preview: "[a node",
  selected: "a node",
  opened: "[the number of a group",
  read_only: "true or false",
  language: "en or zh",
  rankdir: "auto, LR, TB or BT",
  expression: "a string",
  explored: "true or false",
};

/** Kinds in a pass that is more than the node where it began. */
const RECORD = {
  root: "a node",
  name: "a string",
  gradient: "a number",
  hand: "true or false",
  count: "a count",
  live: "true or false",
  cleared: "[a leaf",
  added: "{a leaf",
  at: "{a leaf",
};

const SIGNS = ["<", "<=", ">", ">="];

const LIMITED = ["passes", "preview"];
/** A document that was written has 51 at most. */
const MOST_PASSES = 1000;
const DEEPEST_GROUP = 100;

/** Tell leaves and consts, which are given, from computed nodes. */
export function isSource(op: string): boolean {
  return op === "leaf" || op === "const";
}

export function listIn(doc: Known, key: string): unknown[] {
  const x = doc[key];
  return Array.isArray(x) ? x : refuse(`"${key}" is not a list`);
}

/** Reads the keys of a document with some ops, or refuses them. */
export class Keys {
  /** Check of each kind. */
  readonly #kinds: Readonly<Record<string, (x: unknown) => boolean>>;

  constructor(ops: readonly string[]) {
    this.#kinds = {
      ...kindsOf(ops),
      "a node or a record": (x) => (isObject(x) ? this.#isRecord(x) : isId(x, ops.length)),
    };
  }

  /** Nodes in a list of them. */
  list(doc: Known, key: string, kind: string): number[] {
    return listIn(doc, key).map((x) => this.#checked(key, x as number, kind));
  }

  /** Entries of an object, by id. */
  *entries(doc: Known, key: string, kind: string): Generator<[number, unknown]> {
    const given = doc[key];
    if (!isObject(given)) refuse(`"${key}" is not an object`);
    for (const [spelled, x] of Object.entries(given)) {
      // "07" and "1e0" are no ids, and neither is `__proto__`.
      const id = Number(spelled);
      yield [this.#checked(key, String(id) === spelled ? id : -1, kind, spelled), x];
    }
  }

  /** Check the keys that may be missing. */
  checkAll(doc: Known, table: Readonly<Record<string, string>> = OPTIONAL): void {
    for (const [key, kind] of Object.entries(table)) {
      const x = doc[key];
      if (x == null) continue;
      const each = kind.slice(1);
      if (kind[0] === "[") {
        const { length } = this.list(doc, key, each);
        if (LIMITED.includes(key) && length > MOST_PASSES)
          refuse(`"${key}" has ${length} entries, and ${MOST_PASSES} is the limit`);
      } else if (kind[0] === "{")
        for (const [leaf, of] of this.entries(doc, key, each))
          if (key === "sliders") checkRange(leaf, of);
          else this.#checked(key, of, "a number", of, "has");
      else this.#checked(key, x, kind, x, "is");
    }
  }

  /** One thing, if it is of a kind; `given` is shown of it. */
  #checked<T>(key: string, x: T, kind: string, given: unknown = x, verb = "names"): T {
    return this.#kinds[kind]!(x) ? x : refuse(`"${key}" ${verb} ${shown(given)}, which is not ${kind}`);
  }

  #isRecord(record: Known): boolean {
    this.checkAll(record, RECORD);
    return !record.live || record.root != null;
  }
}

/** Make the tests of all kinds but records. */
function kindsOf(ops: readonly string[]): Record<string, (x: unknown) => boolean> {
  const isNode = (x: unknown) => isId(x, ops.length);
  const isOf = (fits: (op: string) => boolean) => (x: unknown) => isNode(x) && fits(ops[x as number]!);
  const isFlag = (x: unknown) => typeof x === "boolean";
  const isOneOf = (names: readonly unknown[]) => (x: unknown) => names.includes(x);
  return {
    "a node": isNode,
    "a leaf": isOf((op) => op === "leaf"),
    "a leaf or a const": isOf(isSource),
    "a node with a custom op": isOf((op) => op === "custom"),
    "a comparison of two nodes": (x) => {
      const [op, left, right, outcome, ...more] = Array.isArray(x) ? x : [];
      return SIGNS.includes(op) && isNode(left) && isNode(right) && isFlag(outcome) && more.length === 0;
    },
    "a group within the one around it, 100 deep at most": groupTest(isNode, ops.length),
    "the number of a group": (x) => isId(x, 2 ** 53),
    "a count": (x) => isId(x, 2 ** 53) && x > 0,
    "a number": (x) => decodeNumber(x) !== undefined,
    "a string": (x) => typeof x === "string",
    "true or false": isFlag,
    "en or zh": isOneOf(["", "en", "zh"]),
    "auto, LR, TB or BT": isOneOf(["auto", "LR", "TB", "BT"]),
  };
}

/** Make the test for groups, which are read in order: the members of each belong to the one around it. */
function groupTest(isNode: (x: unknown) => boolean, nodes: number): (x: unknown) => boolean {
  /** Innermost group per node, as far as groups were read; -1 for none. */
  const innermost = new Int32Array(nodes).fill(-1);
  const depths: number[] = [];
  // `[name, parent, [first, last, …]]`
  return (x) => {
    const [name, parent, runs, ...more] = Array.isArray(x) ? x : [];
    const isRun = (id: unknown, i: number) =>
      isNode(id) && (i === 0 || (id as number) > runs[i - 1] - (i % 2));
    if (typeof name !== "string" || !Array.isArray(runs) || more.length > 0) return false;
    if (runs.length === 0 || runs.length % 2 === 1 || !runs.every(isRun)) return false;
    const group = depths.push(1 + (depths[parent] ?? 0)) - 1;
    return membersOf(innermost, runs).every((part) => {
      const isWithin = part.every((around) => around === parent);
      part.fill(group);
      return isWithin && depths[group]! <= DEEPEST_GROUP;
    });
  };
}

/** The parts of an array by node that belong to a group of these runs. */
export function membersOf(byNode: Int32Array, runs: readonly number[]): Int32Array[] {
  return runs.flatMap((first, i) => (i % 2 ? [] : byNode.subarray(first, runs[i + 1]! + 1)));
}

function checkRange(leaf: number, given: unknown): void {
  const isRange = Array.isArray(given) && given.every(Number.isFinite);
  const [low, high, step = (high - low) / 2, ...more] = (isRange ? given : []) as [number, number];
  if (!(low < high && step > 0 && step <= high - low) || more.length > 0)
    refuse(`the slider of leaf ${leaf} needs [lowest, highest, step], not ${shown(given)}`);
}
