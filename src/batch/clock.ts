/** Time and chance, as the batch drivers need them: real here, virtual in simulations. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** In [0, 1). */
  random(): number;
  /** Resolves after `delayMs`; rejects at once with the signal's reason when that fires. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** A timer waits at most 2^31-1 ms; longer ones would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        },
        Math.min(delayMs, LONGEST_TIMER_MS),
      );
      signal?.addEventListener("abort", stop, { once: true });
    }),
};
