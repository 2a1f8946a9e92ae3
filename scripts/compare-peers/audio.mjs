// Six seconds of audio in chunks of 100 ms that can be told apart wherever they arrive.
export const CHUNKS = 60;
export const CHUNK_FRAMES = 1600;

/** Every sample of chunk `n` is ±(1000 + 100 n), so that any piece of it says which chunk it is. */
export function chunk(n) {
  const samples = new Int16Array(CHUNK_FRAMES);
  for (let i = 0; i < CHUNK_FRAMES; i++) samples[i] = (i % 2 === 0 ? 1 : -1) * (1000 + 100 * n);
  return new Uint8Array(samples.buffer);
}

/** The chunks of which anything is in `samples`. */
export function chunksIn(samples) {
  const seen = new Set();
  for (const sample of samples) {
    const n = (Math.abs(sample) - 1000) / 100;
    if (Number.isInteger(n) && n >= 0 && n < CHUNKS) seen.add(n);
  }
  return seen;
}
