/** At most so many at a time, first come first served; a bounded number waits. */
export class Slots {
  readonly #size: number;
  readonly #maxWaiting: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number, maxWaiting: number) {
    this.#size = size;
    this.#maxWaiting = maxWaiting;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether one more would be turned away. */
  isFull(): boolean {
    return this.#taken >= this.#size && this.#waiting.length >= this.#maxWaiting;
  }

  /**
   * Runs it once there is room.
   *
   * @throws the signal's reason when it is aborted while waiting.
   */
  async run<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
    signal.throwIfAborted();
    if (this.#taken >= this.#size) await this.#turn(signal);
    else this.#taken++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken--;
      else next();
    }
  }

  /** Waits; the place is handed over by whoever leaves. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const come = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        const at = this.#waiting.indexOf(come);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(come);
    });
  }
}
