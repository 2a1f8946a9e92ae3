/**
 * The audio that may have to be sent again. Grows by slabs, gives them back on acknowledgement, and
 * when it is full lets the oldest audio go instead of refusing the newest: a recognizer may need
 * more audio before it finalizes anything, so waiting for an acknowledgement could wait for ever.
 */
import { SLAB_BYTES, type SlabPool } from "./slab-pool.ts";
import { BYTES_PER_FRAME } from "./wire.ts";

const SLAB_FRAMES = SLAB_BYTES / BYTES_PER_FRAME;

/**
 * Always true: `baseFrame <= endFrame`, `endFrame - baseFrame <= capacityFrames`, and both only
 * grow. A half frame (odd byte) at the end waits for its other half and is not counted (P20).
 */
export class ReplayBuffer {
  readonly #pool: SlabPool;
  readonly #capacityFrames: number;
  readonly #slabs: Uint8Array[] = [];
  /** Frame of the first byte of the first slab; `<= #base`. */
  #origin = 0;
  #base = 0;
  #endBytes = 0;

  /**
   * @param capacityFrames the bound; a limit, not a reservation.
   * @param startFrame position of the first frame; not 0 when a session is resumed.
   */
  constructor(pool: SlabPool, capacityFrames: number, startFrame = 0) {
    this.#pool = pool;
    this.#capacityFrames = capacityFrames;
    this.#origin = startFrame;
    this.#base = startFrame;
  }

  /** The oldest frame still held. */
  get baseFrame(): number {
    return this.#base;
  }

  /** One past the newest whole frame. */
  get endFrame(): number {
    return this.#origin + Math.floor(this.#endBytes / BYTES_PER_FRAME);
  }

  get capacityFrames(): number {
    return this.#capacityFrames;
  }

  get heldFrames(): number {
    return this.endFrame - this.#base;
  }

  get heldBytes(): number {
    return this.#slabs.length * SLAB_BYTES;
  }

  /** Copies `bytes` to the end; the oldest frames beyond the capacity are evicted. Any byte count. */
  append(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const at = this.#endBytes % SLAB_BYTES;
      if (this.#endBytes === this.#slabs.length * SLAB_BYTES) this.#slabs.push(this.#pool.take());
      const slab = this.#slabs.at(-1);
      if (slab === undefined) return;
      const count = Math.min(bytes.length - from, SLAB_BYTES - at);
      slab.set(
        from === 0 && count === bytes.length ? bytes : bytes.subarray(from, from + count),
        at,
      );
      this.#endBytes += count;
      from += count;
      const excess = this.endFrame - this.#base - this.#capacityFrames;
      if (excess > 0) this.release(this.#base + excess);
    }
  }

  /** Appends that many frames of silence. A half frame before it never gets its other half. */
  appendSilence(frames: number): void {
    this.#endBytes -= this.#endBytes % BYTES_PER_FRAME;
    const zeros = new Uint8Array(SLAB_BYTES);
    for (let left = frames * BYTES_PER_FRAME; left > 0; left -= SLAB_BYTES) {
      this.append(left >= SLAB_BYTES ? zeros : zeros.subarray(0, left));
    }
  }

  /** Forgets everything before `frame`. */
  release(frame: number): void {
    const to = Math.min(frame, this.endFrame);
    if (to <= this.#base) return;
    this.#base = to;
    while (this.#slabs.length > 0 && this.#base - this.#origin >= SLAB_FRAMES) {
      const slab = this.#slabs.shift();
      if (slab !== undefined) this.#pool.give(slab);
      this.#origin += SLAB_FRAMES;
      this.#endBytes -= SLAB_BYTES;
    }
  }

  /**
   * Frames from `fromFrame`, at most `frames` of them. A view where they lie in one slab, so valid
   * only until the next call; a copy where they do not.
   */
  read(fromFrame: number, frames: number): Uint8Array {
    const from = Math.max(fromFrame, this.#base);
    const count = Math.min(frames, this.endFrame - from);
    if (count <= 0) return new Uint8Array(0);
    const startByte = (from - this.#origin) * BYTES_PER_FRAME;
    const bytes = count * BYTES_PER_FRAME;
    const first = Math.floor(startByte / SLAB_BYTES);
    const offset = startByte - first * SLAB_BYTES;
    const slab = this.#slabs[first];
    if (slab !== undefined && offset + bytes <= SLAB_BYTES) {
      return slab.subarray(offset, offset + bytes);
    }
    return this.#copy(first, offset, bytes);
  }

  #copy(first: number, offset: number, bytes: number): Uint8Array {
    const out = new Uint8Array(bytes);
    let done = 0;
    for (let index = first; done < bytes; index += 1) {
      const slab = this.#slabs[index];
      if (slab === undefined) break;
      const start = index === first ? offset : 0;
      const count = Math.min(SLAB_BYTES - start, bytes - done);
      out.set(slab.subarray(start, start + count), done);
      done += count;
    }
    return out;
  }

  /** Gives every slab back. */
  clear(): void {
    this.#origin = this.endFrame;
    this.#base = this.#origin;
    this.#endBytes = 0;
    for (const slab of this.#slabs.splice(0)) this.#pool.give(slab);
  }
}
