/** Allows so many restarts within a sliding window of time, so that a server that dies at once is not revived for ever. */
export class RestartBudget {
  readonly #restarts: number;
  readonly #window: number;
  #taken: number[] = [];

  constructor(limits: { readonly restarts: number; readonly withinMilliseconds: number }) {
    this.#restarts = limits.restarts;
    this.#window = limits.withinMilliseconds;
  }

  /** Takes one restart at `now` (milliseconds); false when there is none left. */
  take(now: number): boolean {
    this.#taken = this.#taken.filter(at => now - at < this.#window);
    if (this.#taken.length >= this.#restarts) return false;
    this.#taken.push(now);
    return true;
  }

  reset(): void {
    this.#taken = [];
  }
}
