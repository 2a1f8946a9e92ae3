/** When which audio was written: what latencies are measured from. */

/** Audio written within so long of each other shares a mark. */
const MARK_MS = 50;
/** Older marks fall out: a word that comes more than about 100 s late is not measured. */
const MARKS = 2048;

/** Always true: the marks are ordered, by position and by time. */
export class WriteTimes {
  readonly #marks: { seconds: number; atMs: number }[] = [];

  /** @param seconds where the audio that was written by now ends. */
  wrote(atMs: number, seconds: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && atMs - last.atMs < MARK_MS) {
      last.seconds = seconds;
      return;
    }
    this.#marks.push({ seconds, atMs });
    if (this.#marks.length > MARKS) this.#marks.splice(0, MARKS / 4);
  }

  /** When audio up to `seconds` had been written; `undefined` = not known any more. */
  atMs(seconds: number): number | undefined {
    const { length } = this.#marks;
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#marks[middle]?.seconds ?? 0) < seconds) low = middle + 1;
      else high = middle;
    }
    // An end a little beyond the audio is one that was rounded. Before the first mark lies what fell out.
    if (low === 0 && length >= MARKS / 2) return undefined;
    return this.#marks[Math.min(low, length - 1)]?.atMs;
  }
}
