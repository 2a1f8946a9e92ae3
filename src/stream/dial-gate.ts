/**
 * How many connections the process may begin at once. A thousand sessions that drop together would
 * block the event loop with handshakes for a second; through the gate those that did not drop feel
 * nothing.
 */

/** A token bucket with reservations: `reserveMs` answers at once, and the caller waits. */
export class DialGate {
  #costMs: number;
  #burst: number;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param perSecond dials a second in the long run.
   * @param burst dials that may begin together.
   */
  constructor(perSecond: number, burst: number) {
    this.#costMs = 1000 / perSecond;
    this.#burst = burst;
  }

  /** There are `parts` such gates in the process: this one lets its part through. */
  share(parts: number): void {
    this.#costMs *= parts;
    this.#burst = Math.max(1, Math.floor(this.#burst / parts));
  }

  /** Milliseconds from `now` until the caller may dial. Its place is taken, whether used or not. */
  reserveMs(now: number): number {
    const earliest = now - this.#costMs * (this.#burst - 1);
    const at = Math.max(this.#freeAtMs, earliest);
    this.#freeAtMs = at + this.#costMs;
    return Math.max(0, at - now);
  }
}
