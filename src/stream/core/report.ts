/** What the caller is told: events, each in its turn, and the outcome that sums them up. */
import type { EverywordError } from "../../errors.ts";
import type { Gap } from "../../transcript.ts";
import type { CommandQueue } from "./command-queue.ts";
import type { Outcome } from "./commands.ts";
import type {
  ConnectedEvent,
  EndEvent,
  GapEvent,
  ReconnectedEvent,
  SessionEvent,
} from "./events.ts";
import { framesOf } from "./frames.ts";
import type { ServerMessage } from "./heard.ts";
import type { MediaClock } from "./media-clock.ts";
import type { JournalEntry } from "./spill.ts";

/** Warnings of one kind that are passed on; the rest would only repeat them. */
const WARNINGS_PER_CODE = 5;
/** Gaps that are listed in the outcome; each was an event as well. */
const LISTED_GAPS = 10_000;
/** What is dropped is told as one gap as far as it hangs together, but each second at the latest. */
const DROPPED_FRAMES = framesOf(1);

export class Report {
  readonly #out: CommandQueue;
  readonly #clock: MediaClock;
  readonly #note: ((entry: JournalEntry) => void) | undefined;
  readonly #gaps: Gap[] = [];
  readonly #warnings = new Map<string, number>();
  /** Dropped, and not told yet. */
  #dropped: { readonly startFrame: number; readonly endFrame: number } | undefined;
  #gapCount = 0;
  #reconnects = 0;

  /** @param note takes what stands before it is told. */
  constructor(out: CommandQueue, clock: MediaClock, note?: (entry: JournalEntry) => void) {
    this.#out = out;
    this.#clock = clock;
    this.#note = note;
  }

  event(event: SessionEvent): void {
    this.tellDropped();
    if (this.#note !== undefined && stands(event)) this.#note(event);
    this.#out.push({ type: "event", event });
  }

  /** An event that another process has told: it counts. */
  recall(event: GapEvent | ConnectedEvent | ReconnectedEvent): void {
    if (event.type === "gap") this.#count(event);
    if (event.type === "reconnected") this.#reconnects += 1;
  }

  events(events: readonly SessionEvent[]): void {
    for (const event of events) this.event(event);
  }

  warn(code: string, message: string): void {
    const count = (this.#warnings.get(code) ?? 0) + 1;
    this.#warnings.set(code, count);
    if (count <= WARNINGS_PER_CODE) this.event({ type: "warning", code, message });
  }

  /** A message that carries nothing for the transcript. */
  oddity(message: ServerMessage): void {
    if (message.kind === "error") this.warn("server-error", message.message);
    if (message.kind !== "skipped") return;
    this.warn("unreadable-message", `A message was skipped: ${message.why}.`);
  }

  /** Nothing is known of the audio in `[startFrame, endFrame)`. */
  gap(startFrame: number, endFrame: number, reason: string): Gap | undefined {
    if (endFrame <= startFrame) return undefined;
    const gap = {
      start: this.#clock.seconds(startFrame),
      end: this.#clock.seconds(endFrame, true),
      reason,
    };
    return this.gapSeconds(gap);
  }

  /**
   * Nothing will be known of the audio in `[startFrame, endFrame)`, for it was not sent. More of it
   * may follow at once.
   *
   * @returns up to where it is not told yet; Infinity = it is told.
   */
  drop(startFrame: number, endFrame: number): number {
    if (this.#dropped?.endFrame !== startFrame) this.tellDropped();
    const first = this.#dropped?.startFrame ?? startFrame;
    this.#dropped = { startFrame: first, endFrame };
    if (endFrame - first < DROPPED_FRAMES) return endFrame;
    this.tellDropped();
    return Infinity;
  }

  /** Nothing follows at once. Every other event says so, too. */
  tellDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = undefined;
    if (dropped !== undefined) this.gap(dropped.startFrame, dropped.endFrame, "dropped");
  }

  gapSeconds(gap: Gap): Gap {
    this.tellDropped();
    this.#count(gap);
    this.event({ type: "gap", ...gap });
    return gap;
  }

  #count({ start, end, reason }: Gap): void {
    this.#gapCount += 1;
    if (this.#gaps.length < LISTED_GAPS) this.#gaps.push({ start, end, reason });
  }

  /** @param replayedSeconds audio that is sent once more, after a drop. */
  opened(connection: number, replayedSeconds?: number): void {
    if (replayedSeconds === undefined) {
      this.event({ type: "connected", connection });
      return;
    }
    this.#reconnects += 1;
    this.event({ type: "reconnected", connection, replayedSeconds });
  }

  /** The last event, and the outcome for those who only wait for it. */
  end(
    reason: EndEvent["reason"],
    endFrame: number,
    words: number,
    missing: Gap | undefined,
    error: EverywordError | undefined,
  ): Outcome {
    const audioSeconds = this.#clock.seconds(endFrame);
    const reconnects = this.#reconnects;
    const gaps = this.#gapCount;
    this.event({ type: "end", reason, audioSeconds, words, gaps, reconnects });
    return { reason, audioSeconds, words, gaps: this.#gaps, reconnects, missing, error };
  }
}

/** Whether a session that goes on in another process has to know it. */
function stands(event: SessionEvent): event is Exclude<JournalEntry, { type: "jump" }> {
  return event.type !== "interim" && event.type !== "warning" && event.type !== "reconnecting";
}
