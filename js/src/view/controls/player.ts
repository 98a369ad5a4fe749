/** Runs something again and again until it says that it is done, or is stopped. */
export interface Player {
  readonly isPlaying: boolean;
  /** Start, or stop. */
  toggle(): void;
  stop(): void;
}

/** `tick` returns whether there is more to come. */
export function playerOf(tick: () => boolean, everyMs: () => number, onChange: () => void): Player {
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    onChange();
  };
  return {
    get isPlaying() {
      return timer !== undefined;
    },
    toggle() {
      if (timer !== undefined) return stop();
      timer = setInterval(() => tick() || stop(), everyMs());
      onChange();
    },
    stop,
  };
}
