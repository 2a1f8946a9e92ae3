/** Pushed frames in the order they came, taken out in other sizes. Copies on both sides. */
export class FrameQueue {
  #chunks: Int16Array[] = [];
  /** Frames of the first chunk that were taken already. */
  #taken = 0;
  #length = 0;

  /** Frames that can be taken. */
  get length(): number {
    return this.#length;
  }

  push(frames: Int16Array): void {
    if (frames.length === 0) return;
    this.#chunks.push(frames.slice());
    this.#length += frames.length;
  }

  /** Takes the oldest `count` frames, or all there are. */
  take(count: number): Int16Array {
    const taken = new Int16Array(Math.min(count, this.#length));
    let filled = 0;
    let used = 0;
    for (const chunk of this.#chunks) {
      if (filled === taken.length) break;
      const part = chunk.subarray(this.#taken, this.#taken + taken.length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      if (this.#taken < chunk.length) break;
      this.#taken = 0;
      used += 1;
    }
    if (used > 0) this.#chunks = this.#chunks.slice(used);
    this.#length -= taken.length;
    return taken;
  }

  clear(): void {
    this.#chunks = [];
    this.#taken = 0;
    this.#length = 0;
  }
}
