/** How loud the microphone is, now and then. */
import type { Level } from "../level-meter.ts";

/** Chunks that one level is of: 0.2 s of 50 ms chunks. */
const CHUNKS = 4;

/** The loudness of s16le samples. Pure. */
export function measureLevel(chunks: readonly Uint8Array[]): Level {
  let sum = 0;
  let peak = 0;
  let count = 0;
  for (const chunk of chunks) {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at + 1 < chunk.byteLength; at += 2) {
      const sample = view.getInt16(at, true) / 32_768;
      sum += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
      count += 1;
    }
  }
  return { rms: count === 0 ? 0 : Math.sqrt(sum / count), peak };
}

/** Hands the chunks through and tells their level. */
export async function* withLevel(
  chunks: AsyncIterable<Uint8Array>,
  onLevel: (level: Level) => void,
): AsyncGenerator<Uint8Array, void> {
  let kept: Uint8Array[] = [];
  for await (const chunk of chunks) {
    kept.push(chunk);
    if (kept.length === CHUNKS) {
      onLevel(measureLevel(kept));
      kept = [];
    }
    yield chunk;
  }
}
