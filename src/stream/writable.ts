/** A session as the end of a pipe of Node. */
import { Writable } from "node:stream";
import type { Session } from "./session-interface.ts";
import { toWritableStream } from "./writable-stream.ts";

/**
 * A Node `Writable` that takes wire audio, as `toWritableStream` does.
 *
 * @example
 * createReadStream("talk.pcm").pipe(toWritable(session));
 */
export function toWritable(session: Session): Writable {
  return Writable.fromWeb(toWritableStream(session), { highWaterMark: 16_384 });
}
