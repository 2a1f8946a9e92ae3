/** A session as the end of a pipe, for sources that are streams. */
import { Writable } from "node:stream";
import { WritableStream } from "node:stream/web";
import type { Session } from "./session.ts";

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

/**
 * The same as a Node `Writable`.
 *
 * @example `createReadStream("talk.pcm").pipe(toWritable(session))`
 */
export function toWritable(session: Session): Writable {
  return Writable.fromWeb(toWritableStream(session), { highWaterMark: 16_384 });
}
