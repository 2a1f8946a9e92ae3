/** What a person is told besides the words. */
import type { SessionEvent } from "../../stream/core/events.ts";

export type Notable = Extract<
  SessionEvent,
  { type: "gap" | "reconnecting" | "reconnected" | "warning" }
>;

/** What happened to the connection or the audio, as one line. */
export function noticeText(event: Notable): string {
  return `everyword: ${notice(event)}`;
}

function notice(event: Notable): string {
  switch (event.type) {
    case "gap":
      return `nothing is known of the audio from ${event.start.toFixed(2)} s to ${event.end.toFixed(2)} s (${event.reason})`;
    case "reconnecting":
      return `connection lost (${event.cause}); try ${event.attempt} in ${(event.delayMs / 1000).toFixed(1)} s`;
    case "reconnected":
      return `connected again; ${event.replayedSeconds.toFixed(1)} s sent once more`;
    case "warning":
      return event.message;
  }
}

/** What the end means for the words; empty when it is as it should be. */
export function endNotice(event: Extract<SessionEvent, { type: "end" }>, quiet: boolean): string {
  if (event.reason === "timed-out") {
    return "everyword: the server did not confirm the end of the audio; the last words may be missing\n";
  }
  return event.reason === "complete" && event.words === 0 && !quiet
    ? "everyword: no words were recognized\n"
    : "";
}
