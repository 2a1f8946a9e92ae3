/** A session on the socket of Node. */
import { LiveSession } from "./live-session.ts";
import type { SessionOptions } from "./options.ts";
import type { Session } from "./session-interface.ts";
import { openWsSocket } from "./ws-socket.ts";

export type { Outcome } from "./core/commands.ts";
export type { SessionOptions } from "./options.ts";
export type { Session } from "./session-interface.ts";

/**
 * Opens a session and begins to dial. Audio may be written at once.
 *
 * @throws TypeError or RangeError for options that cannot be.
 */
export function openSession(options: SessionOptions): Session {
  return new LiveSession(options, options.openSocket ?? openWsSocket);
}
