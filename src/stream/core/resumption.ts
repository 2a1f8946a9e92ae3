/**
 * A session that goes on in another process: what its journal says, put back where it belongs.
 * Words that were told are not told again, because the seam knows them; ids go on, because the
 * connections do; positions are the same, because the audio and its clock are.
 */
import { framesOf } from "./frames.ts";
import type { MediaClock } from "./media-clock.ts";
import type { Report } from "./report.ts";
import type { Journal } from "./spill.ts";
import type { Timeline } from "./timeline.ts";

/** @returns the number of the last connection. */
export function takeUp(
  journal: Journal,
  timeline: Timeline,
  clock: MediaClock,
  report: Report,
): number {
  let connections = 0;
  for (const entry of journal.entries) {
    if (entry.type === "jump") clock.jump(entry.frame, entry.frames);
    else if (entry.type === "connected" || entry.type === "reconnected") {
      connections = Math.max(connections, entry.connection);
      report.recall(entry);
    } else if (entry.type === "gap") {
      // What was missing when the session ended is asked for again.
      if (entry.reason !== "unanswered") report.recall(entry);
      if (entry.reason === "evicted") timeline.acknowledge(clock.frameAt(framesOf(entry.end)));
    } else if (entry.type === "final") {
      for (const { text, start, end } of entry.words) {
        timeline.say({
          text,
          startFrame: start === undefined ? undefined : clock.frameAt(framesOf(start)),
          endFrame: end === undefined ? undefined : clock.frameAt(framesOf(end)),
        });
      }
    }
  }
  timeline.acknowledge(journal.answeredFrame);
  return connections;
}
