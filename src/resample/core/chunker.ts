/** Samples in, chunks of equal length out; the last may be short. */
import { TARGET_RATE } from "./format.ts";
import { LITTLE_ENDIAN } from "./pcm.ts";

/** Shortest, usual and longest chunk in milliseconds: 50 to 400 suit the hosted service (PROTOCOL X13). */
export const CHUNK_MS = { shortest: 20, usual: 50, longest: 400 } as const;

/**
 * Cuts 16 kHz samples into chunks of little-endian bytes. Each chunk is memory of its own and
 * belongs to whoever takes it; at most one unfinished chunk is held.
 */
export class Chunker {
  readonly #bytes: number;
  #chunk: Uint8Array<ArrayBuffer>;
  #filled = 0;

  /** @throws {RangeError} when the length is not a whole number from 20 to 400 ms. */
  constructor(chunkMs: number = CHUNK_MS.usual) {
    if (!Number.isInteger(chunkMs) || chunkMs < CHUNK_MS.shortest || chunkMs > CHUNK_MS.longest) {
      throw new RangeError(
        `Cannot cut chunks: chunkMs must be a whole number from ${CHUNK_MS.shortest} to ` +
          `${CHUNK_MS.longest}, got ${chunkMs}`,
      );
    }
    this.#bytes = (chunkMs * TARGET_RATE * 2) / 1000;
    this.#chunk = new Uint8Array(this.#bytes);
  }

  /** Returns every chunk that these samples complete; they are copied before the call returns. */
  push(samples: Int16Array): Uint8Array<ArrayBuffer>[] {
    const full: Uint8Array<ArrayBuffer>[] = [];
    let bytes = littleEndian(samples);
    while (this.#filled + bytes.length >= this.#bytes) {
      const room = this.#bytes - this.#filled;
      this.#chunk.set(bytes.subarray(0, room), this.#filled);
      bytes = bytes.subarray(room);
      full.push(this.#chunk);
      this.#chunk = new Uint8Array(this.#bytes);
      this.#filled = 0;
    }
    this.#chunk.set(bytes, this.#filled);
    this.#filled += bytes.length;
    return full;
  }

  /** The last, short chunk, if anything is left. */
  flush(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#filled === 0) return undefined;
    const last = this.#chunk.slice(0, this.#filled);
    this.#filled = 0;
    return last;
  }
}

function littleEndian(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  if (LITTLE_ENDIAN) return bytes;
  const swapped = bytes.slice();
  for (let i = 0; i < swapped.length; i += 2) {
    swapped[i] = bytes[i + 1] ?? 0;
    swapped[i + 1] = bytes[i] ?? 0;
  }
  return swapped;
}
