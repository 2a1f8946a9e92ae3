/**
 * The audio that may have to be sent again. Grows by slabs, gives them back on acknowledgement, and
 * when it is full lets the oldest audio go instead of refusing the newest: a recognizer may need
 * more audio before it finalizes anything, so waiting for an acknowledgement could wait for ever.
 * With a spill the oldest audio is still there, as far back as that reaches.
 */
import { SLAB_BYTES, type SlabPool } from "./slab-pool.ts";
import type { Spill } from "./spill.ts";
import { BYTES_PER_FRAME } from "./wire.ts";

const SLAB_FRAMES = SLAB_BYTES / BYTES_PER_FRAME;

/**
 * Always true: `baseFrame <= endFrame` and both only grow; the memory holds no more than
 * `capacityFrames` and a slab. A half frame (odd byte) at the end waits for its other half and is
 * not counted (P20). Every whole slab is in the spill, if there is one.
 */
export class ReplayBuffer {
  readonly #pool: SlabPool;
  readonly #capacityFrames: number;
  readonly #spill: Spill | undefined;
  readonly #slabs: Uint8Array[] = [];
  /** The last of them, and how much of it is free. */
  #newest: Uint8Array | undefined;
  #room = 0;
  /** Frame of the first byte of the first slab; without a spill `<= #base`. */
  #origin = 0;
  #base = 0;
  #endBytes = 0;
  #trouble: string | undefined;

  /**
   * @param capacityFrames the bound of the memory; a limit, not a reservation.
   * @param spill goes on behind its journal's last frame.
   */
  constructor(pool: SlabPool, capacityFrames: number, spill?: Spill) {
    this.#pool = pool;
    this.#capacityFrames = capacityFrames;
    const { endFrame = 0, answeredFrame = 0 } = spill?.journal ?? {};
    this.#origin = endFrame - (endFrame % SLAB_FRAMES);
    const begun = endFrame > this.#origin ? spill?.get(this.#origin)?.slice() : undefined;
    if (begun !== undefined) this.append(begun);
    this.#base = Math.min(answeredFrame, this.endFrame);
    // Only from here on, or what was read would be put again.
    this.#spill = spill;
  }

  /** The oldest frame that can be had. */
  get baseFrame(): number {
    if (this.#spill === undefined) return this.#base;
    return Math.max(this.#base, Math.min(this.#origin, this.#spill.baseFrame));
  }

  /** One past the newest whole frame. */
  get endFrame(): number {
    return this.#origin + Math.floor(this.#endBytes / BYTES_PER_FRAME);
  }

  /** Whether no half frame waits at the end. */
  get isWhole(): boolean {
    return this.#endBytes % BYTES_PER_FRAME === 0;
  }

  get capacityFrames(): number {
    return this.#capacityFrames;
  }

  get heldFrames(): number {
    return this.endFrame - this.baseFrame;
  }

  get heldBytes(): number {
    return this.#slabs.length * SLAB_BYTES;
  }

  /** What the spill complained about since it was asked last. */
  takeTrouble(): string | undefined {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    return trouble;
  }

  /** Copies `bytes` to the end; the oldest frames beyond the capacity leave the memory. Any byte count. */
  append(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      if (this.#newest === undefined || this.#room === 0) {
        this.#newest = this.#pool.take();
        this.#slabs.push(this.#newest);
        this.#room = SLAB_BYTES;
      }
      const at = SLAB_BYTES - this.#room;
      const count = Math.min(bytes.length - from, this.#room);
      this.#newest.set(
        from === 0 && count === bytes.length ? bytes : bytes.subarray(from, from + count),
        at,
      );
      this.#room -= count;
      this.#endBytes += count;
      from += count;
      if (this.#spill !== undefined) this.#spillOver(at + count);
      else {
        const excess = this.endFrame - this.#base - this.#capacityFrames;
        if (excess > 0) this.release(this.#base + excess);
      }
    }
  }

  /** Appends that many frames of silence. A half frame before it never gets its other half. */
  appendSilence(frames: number): void {
    const half = this.#endBytes % BYTES_PER_FRAME;
    this.#endBytes -= half;
    this.#room += half;
    const zeros = new Uint8Array(SLAB_BYTES);
    for (let left = frames * BYTES_PER_FRAME; left > 0; left -= SLAB_BYTES) {
      this.append(left >= SLAB_BYTES ? zeros : zeros.subarray(0, left));
    }
  }

  /** Puts the slab that is not full into the spill, so that it holds everything up to here. */
  flush(): void {
    const slab = this.#newest;
    if (this.#spill === undefined || slab === undefined || this.#room === 0) return;
    const bytes = SLAB_BYTES - this.#room;
    const whole = bytes - (bytes % BYTES_PER_FRAME);
    if (whole === 0) return;
    const frame = this.#origin + (this.#slabs.length - 1) * SLAB_FRAMES;
    this.#trouble = this.#spill.put(frame, slab.subarray(0, whole)) ?? this.#trouble;
  }

  /** Forgets everything before `frame`. */
  release(frame: number): void {
    const to = Math.min(frame, this.endFrame);
    if (to <= this.#base) return;
    this.#base = to;
    this.#spill?.release(to);
    while (this.#slabs.length > 0 && this.#base - this.#origin >= SLAB_FRAMES) this.#shift();
  }

  /**
   * Frames from `fromFrame`, at most `frames` of them. A view where they lie in one slab, so valid
   * only until the next call; a copy where they do not. Nothing when the spill cannot be read: the
   * base is then behind the slab that is lost.
   */
  read(fromFrame: number, frames: number): Uint8Array {
    const from = Math.max(fromFrame, this.baseFrame);
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

  /** Gives every slab back. */
  clear(): void {
    this.#origin = this.endFrame;
    this.#base = this.#origin;
    this.#endBytes = 0;
    this.#newest = undefined;
    this.#room = 0;
    for (const slab of this.#slabs.splice(0)) this.#pool.give(slab);
  }

  /** @param filledBytes of the newest slab. */
  #spillOver(filledBytes: number): void {
    if (filledBytes === SLAB_BYTES) {
      const frame = this.#origin + (this.#slabs.length - 1) * SLAB_FRAMES;
      const slab = this.#newest;
      if (slab !== undefined) this.#trouble = this.#spill?.put(frame, slab) ?? this.#trouble;
    }
    if (this.endFrame - Math.max(this.#base, this.#origin) > this.#capacityFrames) this.#shift();
  }

  #shift(): void {
    const slab = this.#slabs.shift();
    if (slab === undefined) return;
    if (slab === this.#newest) this.#newest = undefined;
    this.#pool.give(slab);
    this.#origin += SLAB_FRAMES;
    this.#endBytes -= SLAB_BYTES;
  }

  /** @param first a slab of the memory, or before it one of the spill. */
  #copy(first: number, offset: number, bytes: number): Uint8Array {
    const out = new Uint8Array(bytes);
    let done = 0;
    for (let index = first; done < bytes; index += 1) {
      const start = index === first ? offset : 0;
      const count = Math.min(SLAB_BYTES - start, bytes - done);
      const slab = index < 0 ? this.#fetch(index) : this.#slabs[index];
      if (slab === undefined) return new Uint8Array(0);
      out.set(slab.subarray(start, start + count), done);
      done += count;
    }
    return out;
  }

  #fetch(index: number): Uint8Array | undefined {
    const frame = this.#origin + index * SLAB_FRAMES;
    const slab = this.#spill?.get(frame);
    if (slab !== undefined && slab.length === SLAB_BYTES) return slab;
    this.#base = Math.max(this.#base, frame + SLAB_FRAMES);
    return undefined;
  }
}
