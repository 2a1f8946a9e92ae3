/** A source of audio in, events out. */
import type { SessionEvent } from "./core/events.ts";
import { openSession, type SessionOptions } from "./session.ts";
import { transcribeWith } from "./transcribe-with.ts";

/**
 * Transcribes audio chunks (s16le, 16 kHz, mono, any size) as they come and yields what is heard.
 * `end` is the last event. A source that fails ends the iteration with its error, and a consumer
 * that leaves ends the session and the source, as `signal` does, at once: what was not answered is
 * dropped. To end in good order, end the source.
 *
 * @throws EverywordError from the iteration, after `end` with reason `failed`.
 */
export function transcribeChunks(
  chunks: AsyncIterable<Uint8Array>,
  options: SessionOptions,
): AsyncGenerator<SessionEvent, undefined> {
  return transcribeWith(chunks, () => openSession(options));
}
