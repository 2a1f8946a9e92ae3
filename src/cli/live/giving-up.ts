/** The end of a session without a connection, when somebody said stop and the audio is kept. */
import type { SessionEvent } from "../../stream/core/events.ts";

/** As long as a server may take to confirm the end. */
export const PATIENCE_MS = 10_000;

/**
 * Always true: once stop was said, the time without a connection since the last words is at most
 * `PATIENCE_MS`; then it is told to give up.
 */
export class GivingUp {
  readonly #stop: AbortSignal;
  readonly #giveUp: () => void;
  #leftMs = PATIENCE_MS;
  #isConnected = false;
  #waitingSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(stop: AbortSignal, giveUp: () => void) {
    this.#stop = stop;
    this.#giveUp = giveUp;
    stop.addEventListener("abort", this.#arm, { once: true });
    this.#arm();
  }

  push({ type }: SessionEvent): void {
    if (type === "connected" || type === "reconnected") this.#isConnected = true;
    else if (type === "reconnecting") this.#isConnected = false;
    else if (type === "interim" || type === "final") this.#leftMs = PATIENCE_MS;
    else return;
    this.#arm();
  }

  close(): void {
    this.#stop.removeEventListener("abort", this.#arm);
    clearTimeout(this.#timer);
  }

  readonly #arm = (): void => {
    const isWaiting = this.#stop.aborted && !this.#isConnected;
    if (isWaiting === (this.#waitingSinceMs !== undefined)) return;
    if (isWaiting) {
      this.#waitingSinceMs = performance.now();
      this.#timer = setTimeout(this.#giveUp, this.#leftMs);
    } else {
      this.#leftMs -= performance.now() - (this.#waitingSinceMs ?? 0);
      this.#waitingSinceMs = undefined;
      clearTimeout(this.#timer);
    }
  };
}
