/** Replay: the computation and its last pass, one operation at a time. */

import type { State } from "../../session/state.ts";
import { clamp } from "../box.ts";
import { button, group, h, on, setAttribute, setText } from "../dom.ts";
import { playerOf } from "./player.ts";

const EVERY_MS = 900;
/** Of a longer replay several steps are played at once. */
const MOST_TICKS = 100;
const FASTEST = 16;

export interface Replay {
  readonly element: HTMLElement;
  update(): void;
  /** The keys of the replay; true if it was one. */
  key(name: string): boolean;
  stop(): void;
}

export function replayOf(state: State, onChange: () => void): Replay {
  const { messages, replay: steps } = state;
  const { replay, step, play, pause } = messages;
  const show = (count: number) => {
    state.replayTo(count);
    onChange();
  };
  const goTo = (count: number) => {
    player.stop();
    show(count);
  };
  let speed = 1;
  const pace = (times: number) => {
    speed = clamp(speed * times, 1 / 4, FASTEST);
    if (player.isPlaying) {
      player.stop();
      player.toggle();
    }
    update();
  };
  const tick = () => {
    const { made, all } = steps;
    show(Math.max(made + 1, Math.min(made + Math.ceil(all.length / MOST_TICKS), all.length)));
    return steps.isReplaying || steps.current !== undefined;
  };
  const actions: Readonly<Record<string, () => void>> = {
    ArrowRight: () => goTo(steps.made + 1),
    ArrowLeft: () => goTo(steps.made - 1),
    Home: () => goTo(0),
    End: () => goTo(steps.all.length + 1),
    ",": () => pace(1 / 2),
    ".": () => pace(2),
    " ": () => {
      if (!player.isPlaying && !steps.isReplaying) show(0);
      player.toggle();
    },
  };
  const back = button("◀", `${step} (←)`, actions.ArrowLeft!, "button", `◀ ${step}`);
  const middle = button(play, `${play} (␣)`, actions[" "]!);
  const forth = button("▶", `${step} (→)`, actions.ArrowRight!, "button", `${step} ▶`);
  const track = h("input", "track", { type: "range", min: 0, step: 1, "aria-label": replay });
  // Also for who has no keys: each press is twice as fast, and after the fastest comes the slowest.
  const faster = () => pace(speed < FASTEST ? 2 : 1 / 64);
  const count = button("", ", ×½ . ×2", faster, "link mute count");
  on(track, ["input"], () => goTo(Number(track.value)));
  const update = () => {
    const { made } = steps;
    const { length } = steps.all;
    setAttribute(track, "max", String(length));
    if (Number(track.value) !== made) track.value = String(made);
    track.style.setProperty("--at", `${(100 * made) / Math.max(1, length)}%`);
    setText(count, `${made} / ${length}${speed === 1 ? "" : ` ×${speed}`}`);
    setText(middle, player.isPlaying ? pause : play);
    back.disabled = made === 0;
    forth.disabled = !steps.isReplaying && !steps.current;
  };
  const player = playerOf(tick, () => EVERY_MS / speed, update);
  return {
    element: group(replay, back, middle, forth, track, count),
    update,
    key(name) {
      actions[name]?.();
      return Object.hasOwn(actions, name);
    },
    stop: player.stop,
  };
}
