/**
 * Blocks of audio memory that sessions share: taken when audio comes, given back when it is
 * acknowledged. Holding 30 s up front for each of 1000 sessions would cost 1 GB; what 1000 sessions
 * really hold is a few seconds each.
 */

/** 0.25 s of audio. A multiple of the 50 ms chunk, so that a chunk seldom crosses two slabs. */
export const SLAB_BYTES = 8000;

/** Always true: `free.length <= keep`. */
export class SlabPool {
  readonly #free: Uint8Array[] = [];
  readonly #keep: number;

  /** @param keep free slabs that are kept for reuse; more are left to the garbage collector. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** A slab with whatever was in it before. */
  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(SLAB_BYTES);
  }

  give(slab: Uint8Array): void {
    if (this.#free.length < this.#keep) this.#free.push(slab);
  }

  get freeSlabs(): number {
    return this.#free.length;
  }
}
