/** The little that a WAV of 16-bit mono needs. */

/** 44 bytes before `dataBytes` of s16le mono (Multimedia Programming Interface 1.0, 1991). */
export function waveHeader(dataBytes: number, rate: number): Uint8Array {
  const header = new Uint8Array(44);
  const view = new DataView(header.buffer);
  const text = new TextEncoder();
  header.set(text.encode("RIFF"));
  view.setUint32(4, 36 + dataBytes, true);
  header.set(text.encode("WAVEfmt "), 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  header.set(text.encode("data"), 36);
  view.setUint32(40, dataBytes, true);
  return header;
}

/** How loud a chunk of s16le is: the mean of its absolute samples, 0 to 32768. */
export function chunkLevel(chunk: Uint8Array): number {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const samples = chunk.byteLength >> 1;
  let sum = 0;
  for (let at = 0; at < samples; at += 1) sum += Math.abs(view.getInt16(at * 2, true));
  return samples === 0 ? 0 : sum / samples;
}
