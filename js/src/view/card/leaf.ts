/** The controls of a leaf: a slider that fills from zero, and a number box where the value stands. */

import { exact, formatShort, formatValue, signed } from "../../analysis/format.ts";
import type { Range } from "../../session/ranges.ts";
import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { button, h, on, setAttribute, setAttributes, setText } from "../dom.ts";

/** Acts of a control. */
export interface Moves {
  /** The value while it is being moved. */
  move(leaf: number, value: number): void;
  /** The value when it has arrived. */
  settle(leaf: number, value: number): void;
  /** Freeze a leaf, or unfreeze it. */
  freeze(leaf: number, frozen: boolean): void;
  /** Something was typed that is no number. */
  refuse(): void;
}

export interface LeafControl {
  /** The value as text with the number box over it. */
  readonly value: HTMLElement;
  readonly slider: HTMLInputElement;
  /** The ends of the range, with the button that freezes between them. */
  readonly ends: HTMLElement;
  update(): void;
}

/** `text` is where the value stands, and `more` what stands at the ends besides. */
export function leafControl(
  state: State,
  leaf: number,
  text: HTMLElement,
  moves: Moves,
  more?: HTMLElement,
): LeafControl {
  const { messages, graph, readOnly: disabled } = state;
  const name = state.names.of(leaf);
  const shared = { "data-leaf": leaf, "aria-label": messages.sliderOf(name), disabled };
  const slider = h("input", "slider", { type: "range", ...shared });
  const box = h("input", "number", { type: "number", step: "any", ...shared });
  const isTracked = () => graph.needsGrad[leaf] === 1;
  const freeze = button("❄\ufe0e", "", () => moves.freeze(leaf, isTracked()), "freeze");
  freeze.disabled = disabled;
  const [low, high] = [h("span", ""), h("span", "")];
  const showInBox = () => {
    const value = graph.values[leaf]!;
    box.value = Number.isFinite(value) ? exact(value) : "";
  };
  listenTo(state, leaf, slider, box, moves, showInBox);
  return {
    value: h("span", "editable", {}, text, box),
    slider,
    ends: h("div", "row mute ends", {}, low, freeze, more, high),
    update() {
      const isLocked = state.isLocked(leaf);
      for (const control of [slider, box]) {
        control.disabled = disabled || isLocked;
        setAttribute(control, "title", isLocked ? messages.locked : null);
      }
      const what = (isTracked() ? messages.freeze : messages.unfreeze)(name);
      setAttributes(freeze, { "aria-pressed": String(!isTracked()), title: what, "aria-label": what });
      const range = state.range(leaf);
      setText(low, endWords(range.low));
      setText(high, endWords(range.high));
      showOnSlider(slider, graph.values[leaf]!, range, state.opening(leaf)?.above);
      if (!box.matches(":focus")) showInBox();
    },
  };
}

/** Have a slider and a number box move a leaf, from its first value to where it settles. */
function listenTo(
  state: State,
  leaf: number,
  slider: HTMLInputElement,
  box: HTMLInputElement,
  { move, settle, refuse }: Moves,
  showInBox: () => void,
): void {
  /** The value and the range before a move that is going on. */
  let before: (Range & { readonly value: number }) | undefined;
  const value = () => state.graph.values[leaf]!;
  /** End the move that goes on, if any. */
  const end = (at = value()) => {
    if (!before) return;
    // What was passed on the way, such as the 1e30 of 1e300, is no reason for a wide slider.
    state.setRange(leaf, before, at);
    before = undefined;
    settle(leaf, at);
  };
  for (const control of [slider, box]) {
    const isNumber = () => !Number.isNaN(control.valueAsNumber);
    on(control, ["input"], () => {
      if (!isNumber()) return;
      before ??= { ...state.range(leaf), value: value() };
      move(leaf, control.valueAsNumber);
    });
    on(control, ["change"], () => {
      if (isNumber()) end(control.valueAsNumber);
      else {
        end(before?.value); // what was typed on the way, such as the 1 of 1e, was not meant either
        refuse();
      }
      showInBox();
    });
    on(control, ["blur"], () => {
      end();
      showInBox(); // what came while it had the focus
    });
  }
  // There and back again is no change to a browser, but the move is over.
  on(slider, ["pointerup", "pointercancel"], () => end());
  // A browser would turn the wheel into steps of 1.
  on(box, ["wheel"], () => box.blur(), { passive: true });
  // Enter in the box is 'done', not 'open the inspector'.
  on(box, ["keydown"], (event) => {
    if (event.key === "Escape" && before) {
      event.stopPropagation(); // it would close the inspector
      end(before.value);
      showInBox();
    }
    if (event.key === "Enter") box.blur();
  });
}

function showOnSlider(
  slider: HTMLInputElement,
  value: number,
  { low, high, step }: Range,
  opens?: number,
): void {
  setAttributes(slider, { min: low, max: high, step, "aria-valuetext": formatValue(value) });
  // The slider under the pointer is where the value comes from: writing to it would fight the hand.
  const place = clamp(value || 0, low, high);
  if (Number(slider.value) !== place) slider.value = String(place);
  const zero = clamp(0, low, high);
  // Without one, and beyond the ends, the mark of where a relu opens is out of sight.
  const marks = {
    zero,
    from: Math.min(zero, place),
    to: Math.max(zero, place),
    opens: opens ?? 2 * low - high,
  };
  for (const [name, x] of Object.entries(marks))
    slider.style.setProperty(`--${name}`, `${((100 * (x - low)) / (high - low)).toFixed(2)}%`);
}

/** An end of a slider, where there is room for four digits: 10000 as 1e4. */
function endWords(x: number): string {
  const short = x.toExponential(0);
  return Math.abs(x) >= 1e4 && Number(short) === x ? signed(short) : formatShort(x);
}
