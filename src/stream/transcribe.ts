/** A source of audio in, events out. */
import type { SessionEvent } from "./core/events.ts";
import { openSession, type Session, type SessionOptions } from "./session.ts";

/**
 * Transcribes audio chunks (s16le, 16 kHz, mono, any size) as they come and yields what is heard.
 * `end` is the last event. A source that fails ends the iteration with its error, and a consumer
 * that leaves ends the session and the source.
 *
 * @throws EverywordError from the iteration, after `end` with reason `failed`.
 */
export async function* transcribeChunks(
  chunks: AsyncIterable<Uint8Array>,
  options: SessionOptions,
): AsyncGenerator<SessionEvent, undefined> {
  const session = openSession(options);
  void feed(chunks, session);
  try {
    yield* session;
  } finally {
    session.abort();
  }
}

/**
 * Never rejects: what goes wrong here ends the session. A session that is over lets the source go,
 * without waiting for one that never answers.
 */
async function feed(chunks: AsyncIterable<Uint8Array>, session: Session): Promise<void> {
  try {
    const source = chunks[Symbol.asyncIterator]();
    let isOver = false;
    void session.outcome.then(async () => {
      isOver = true;
      return source.return?.().catch(() => {});
    });
    for (;;) {
      const result = await source.next();
      if (isOver) return;
      if (result.done === true) break;
      await session.write(result.value);
    }
    await session.finish();
  } catch (error) {
    session.abort(error);
  }
}
