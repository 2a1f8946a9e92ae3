/**
 * Samples in an array of another kind would be taken for half of the audio, and a string for none.
 *
 * @throws TypeError for anything but bytes.
 */
export function checkBytes(pcm: Uint8Array): void {
  const given: unknown = pcm;
  if (pcm?.BYTES_PER_ELEMENT === 1) return;
  const isObject = typeof given === "object" && given !== null;
  const kind = isObject ? given.constructor.name : given === null ? "null" : typeof given;
  throw new TypeError(
    `Cannot write: pcm must be a Uint8Array of the bytes of 16-bit samples, got ${kind}`,
  );
}
