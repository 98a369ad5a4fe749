/** What travels between the page and whoever holds the model; the names are the widget's traits. */

import type { CustomResults } from "../engine/customs.ts";
import type { Numbers } from "../engine/number.ts";
import type { Direction } from "../layout/index.ts";

export type { Numbers };

export interface Traits {
  readonly graph: unknown;
  /** The values of the leaves. */
  readonly values: Numbers;
  /** The roots of the backward passes since `zero_grad()`, in order. */
  readonly passes: readonly number[];
  /** What is in `.grad` besides the passes: set by hand, or left by steps of gradient descent. */
  readonly carried: Numbers;
  /** The leaves that ask for no gradient; undefined: those of the document. */
  readonly frozen: readonly number[] | undefined;
  /** What the kernel has computed; undefined: there is none. */
  readonly customs?: CustomResults | undefined;
  /** Whether the kernel was asked to compute and does not answer. */
  readonly isSilent?: boolean;
  readonly selected: number | null;
  /** The groups that are not folded; null: what the page opens by itself. */
  readonly opened?: readonly number[] | null;
  readonly read_only: boolean;
  readonly language: string;
  readonly notice: string;
  /** Which way values flow. */
  readonly rankdir: Direction;
}

/** What may change while a page is shown. */
export type Changes = Pick<
  Traits,
  "values" | "passes" | "carried" | "frozen" | "customs" | "isSilent" | "selected" | "opened"
>;

/** The part of anywidget's model that is used here. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
  save_changes(): void;
}
