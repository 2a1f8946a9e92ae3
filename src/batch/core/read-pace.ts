/**
 * Whether a file may be read on the spot. A read in a thread of its own never holds up the process,
 * yet its bytes arrive in another core's cache: from a file that lies in memory, reading here in
 * small pieces takes half the time. So a quick read elsewhere earns a stretch of reads here, and one
 * slow read here ends the stretch.
 *
 * Invariant: between two slow reads on the spot there is at least one quick read elsewhere.
 */

/** Of one read; a spinning disk's access takes about twice as long. */
const QUICK_MS = 4;
/** What one quick read elsewhere earns. */
const STRETCH_BYTES = 67_108_864;

export class ReadPace {
  #earnedBytes = 0;
  #wasQuick = true;

  /** Whether the next read may hold up the process. */
  get mayBlock(): boolean {
    return this.#earnedBytes > 0;
  }

  /** Whether a read elsewhere only tries whether the file still answers at once: a small one will do. */
  get isTrial(): boolean {
    return this.#wasQuick;
  }

  /** A read in a thread of its own took this long. */
  handleReadElsewhere(tookMs: number): void {
    this.#wasQuick = tookMs <= QUICK_MS;
    this.#earnedBytes = this.#wasQuick ? STRETCH_BYTES : 0;
  }

  /** A read on the spot took this long. */
  handleReadHere(bytes: number, tookMs: number): void {
    this.#wasQuick = tookMs <= QUICK_MS;
    this.#earnedBytes = this.#wasQuick ? Math.max(0, this.#earnedBytes - bytes) : 0;
  }
}
