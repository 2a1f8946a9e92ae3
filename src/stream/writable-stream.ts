/** A session as the end of a pipe of the web platform. */
import type { Session } from "./session-interface.ts";

/**
 * A Web `WritableStream` that takes wire audio (s16le, 16 kHz, mono). Closing it is the session's
 * `finish`, aborting it the session's `abort`; it is slowed as `write` is. Read the session itself
 * for the words.
 */
export function toWritableStream(session: Session): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write: (chunk) => session.write(chunk),
    close: async () => {
      const { error } = await session.finish();
      if (error !== undefined) throw error;
    },
    abort: (reason) => session.abort(reason),
  });
}
