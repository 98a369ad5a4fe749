/** Runs something again and again until it says that it is done, or is stopped. */
export class Player {
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get isPlaying(): boolean {
    return this.#timer !== undefined;
  }

  /** Start; `tick` returns whether there is more to come. */
  play(tick: () => boolean, everyMs: number): void {
    this.stop();
    this.#timer = setInterval(() => {
      if (!tick()) this.stop();
    }, everyMs);
    this.#onChange();
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#onChange();
  }
}
