/** A source of audio in, events out, with whatever opens the session. */
import type { SessionEvent } from "./core/events.ts";
import type { Session } from "./session-interface.ts";

/** Opens the session when the first event is asked for. See `transcribeChunks`. */
export async function* transcribeWith(
  chunks: AsyncIterable<Uint8Array>,
  open: () => Session,
): AsyncGenerator<SessionEvent, undefined> {
  const session = open();
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
