/**
 * Blocks of audio memory that sessions share: taken when audio comes, given back when it is
 * acknowledged. Holding 30 s up front for each of 1000 sessions would cost 1 GB; what 1000 sessions
 * really hold is a few seconds each.
 */

/**
 * 0.2 s of audio: a whole number of 50 ms chunks, so that they seldom cross two slabs, and a whole part
 * of a spill file's slots.
 */
export const SLAB_BYTES = 6400;
/** Free slabs that are kept whatever is in use: half a megabyte. */
const KEPT_SLABS = 64;
/** Of those in use, one in so many more is kept free: what sessions give back at once, they take again. */
const IN_USE_PER_KEPT = 2;

/** Always true: `free <= KEPT_SLABS + inUse / IN_USE_PER_KEPT`; more is left to the garbage collector. */
export class SlabPool {
  readonly #free: Uint8Array[] = [];
  #inUse = 0;

  /** A slab with whatever was in it before. */
  take(): Uint8Array {
    this.#inUse += 1;
    return this.#free.pop() ?? new Uint8Array(SLAB_BYTES);
  }

  /** Takes back one that `take` gave. */
  give(slab: Uint8Array): void {
    this.#inUse -= 1;
    const room = KEPT_SLABS + Math.floor(this.#inUse / IN_USE_PER_KEPT);
    if (this.#free.length < room) this.#free.push(slab);
    else if (this.#free.length > room) this.#free.pop();
  }

  get freeSlabs(): number {
    return this.#free.length;
  }
}
