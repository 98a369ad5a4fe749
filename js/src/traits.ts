/** What travels between the page and whoever holds the model; the names are the widget's traits. */

import type { WireNumber } from "./number.ts";

export interface Traits {
  readonly graph: unknown;
  readonly values: Readonly<Record<string, WireNumber>>;
  readonly passes: readonly number[];
  readonly selected: number | null;
  readonly read_only: boolean;
  readonly language: string;
  readonly notice: string;
}

/** The part of anywidget's model that is used here. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
  save_changes(): void;
}
