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

  /** Start, or stop; `tick` returns whether there is more to come. */
  toggle(tick: () => boolean, everyMs: number): void {
    if (this.isPlaying) {
      this.stop();
      return;
    }
    this.#timer = setInterval(() => {
      if (!tick()) this.stop();
    }, everyMs);
    this.#onChange();
  }

  stop(): void {
    if (!this.isPlaying) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#onChange();
  }
}
