/** How loud a chunk is, for a meter. */

export interface Level {
  /** Loudest sample, dB relative to full scale; -Infinity in silence. */
  readonly peakDb: number;
  /** Root mean square, dB relative to full scale; -Infinity in silence. */
  readonly rmsDb: number;
}

/**
 * The level of a chunk of s16le; half a sample at its end is left out.
 * @example
 * const { peakDb } = levelOf(chunk);
 */
export function levelOf(chunk: Uint8Array): Level {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const count = Math.floor(chunk.byteLength / 2);
  let peak = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const sample = view.getInt16(2 * i, true) / 32_768;
    peak = Math.max(peak, Math.abs(sample));
    sum += sample * sample;
  }
  const rms = count === 0 ? 0 : Math.sqrt(sum / count);
  return { peakDb: 20 * Math.log10(peak), rmsDb: 20 * Math.log10(rms) };
}
