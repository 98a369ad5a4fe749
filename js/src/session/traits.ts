/** Traits, as they travel between the page and whoever holds the model. */

import type { CustomResults } from "../engine/customs.ts";
import type { Numbers } from "../engine/number.ts";
import type { Direction } from "../layout/index.ts";
import type { WireRecord } from "./records.ts";

export type { Numbers };

/** Leaves that were set in Python after a result was computed, and the results that Python still has. */
export interface Stale {
  readonly leaves?: readonly number[];
  readonly values?: Numbers;
}

/** Direction of values: as given, or "auto": across or down by what shows more. */
export type Rankdir = Direction | "auto";

export interface Traits {
  readonly graph: unknown;
  /** The values of the leaves. */
  readonly values: Numbers;
  /** The backward passes since the last clearing, the oldest first; none: the page shows a preview. */
  readonly passes: readonly WireRecord[];
  /** The leaves that ask for no gradient; undefined: those of the document. */
  readonly frozen: readonly number[] | undefined;
  /** Empty where Python's results are those of its leaves. */
  readonly stale?: Stale | undefined;
  /** Results of the kernel; undefined: there is none. */
  readonly customs?: CustomResults | undefined;
  /** The kernel was asked to compute and does not answer. */
  readonly isSilent?: boolean;
  readonly selected: number | null;
  /** The groups that are not folded; null: what the page opens by itself. */
  readonly opened?: readonly number[] | null;
  readonly read_only: boolean;
  readonly language: string;
  readonly notice: string;
  readonly rankdir: Rankdir;
  /** The text that the graph was written as; empty where it was made otherwise. */
  readonly expression?: string;
}

/** Traits that may change while a page is shown. */
export type Changes = Pick<
  Traits,
  "values" | "passes" | "frozen" | "stale" | "customs" | "isSilent" | "selected" | "opened"
>;

/** A message of the kernel, in an event that has one. */
export interface Answer {
  /** The program that was asked for, and its text, or the sentence that says why there is none. */
  readonly program: string;
  readonly text?: string;
  readonly error?: string;
}

/** Receiver of an event, with what it brings. */
export type Callback = (...values: never[]) => void;

/** The part of anywidget's model that is used here. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  on(event: string, callback: Callback): void;
  off(event: string, callback: Callback): void;
  save_changes(): void;
  /** A message that is no trait; hosts without a kernel have none. */
  send?(content: unknown): void;
}
