/** A stretch of a chunk stream (16 kHz mono s16le), cut to the frame. */
import { EverywordError } from "../../errors.ts";

const RATE = 16_000;
const BYTES_PER_FRAME = 2;

/**
 * The chunks between two moments; reading ends at the second. Chunks of any size, whole frames.
 *
 * @throws EverywordError `usage` when there are none.
 */
export async function* clipChunks(
  chunks: AsyncIterable<Uint8Array>,
  startSeconds: number,
  endSeconds: number,
): AsyncGenerator<Uint8Array, void> {
  const from = Math.round(startSeconds * RATE) * BYTES_PER_FRAME;
  const to = Math.round(endSeconds * RATE) * BYTES_PER_FRAME;
  let at = 0;
  let isEmpty = true;
  for await (const chunk of chunks) {
    const first = Math.max(0, from - at);
    const last = Math.min(chunk.length, to - at);
    if (first < last) {
      isEmpty = false;
      yield chunk.subarray(first, last);
    }
    at += chunk.length;
    if (at >= to) break;
  }
  if (isEmpty) {
    throw new EverywordError(
      "usage",
      `There is no audio behind --start ${startSeconds}; it is shorter than that.`,
    );
  }
}
