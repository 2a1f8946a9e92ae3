/**
 * How long a recording is, from its first bytes and its size: exact for WAV and FLAC, a guess for
 * the rest (128 kbit/s, usual for MP3 and AAC). For rate limits only.
 */

/** As much of the file as is looked at. */
export const HEAD_BYTES = 64;

const GUESSED_BYTES_PER_SECOND = 16_000;

export function guessMinutes(head: Uint8Array, fileBytes: number): number {
  return (knownSeconds(head, fileBytes) ?? fileBytes / GUESSED_BYTES_PER_SECOND) / 60;
}

/** Seconds as the header of a WAV or FLAC tells; `undefined` for anything else. */
export function knownSeconds(head: Uint8Array, fileBytes: number): number | undefined {
  return wavSeconds(head, fileBytes) ?? flacSeconds(head);
}

/** Multimedia Programming Interface 1.0 (1991): bytes a second stand 16 bytes into `fmt `. */
function wavSeconds(head: Uint8Array, fileBytes: number): number | undefined {
  if (head.length < 36 || ascii(head, 0, 4) !== "RIFF" || ascii(head, 8, 16) !== "WAVEfmt ") {
    return undefined;
  }
  const bytesPerSecond = new DataView(head.buffer, head.byteOffset).getUint32(28, true);
  return bytesPerSecond === 0 ? undefined : fileBytes / bytesPerSecond;
}

/** RFC 9639 §8.2: 20 bits sample rate and 36 bits number of samples in STREAMINFO. */
function flacSeconds(head: Uint8Array): number | undefined {
  if (head.length < 26 || ascii(head, 0, 4) !== "fLaC") return undefined;
  const view = new DataView(head.buffer, head.byteOffset);
  const rate = view.getUint32(18) >>> 12;
  const samples = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22);
  return rate === 0 || samples === 0 ? undefined : samples / rate;
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
