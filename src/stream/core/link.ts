/** What the session knows of one connection. */
import { Hearing } from "./hearing.ts";
import type { MachineOptions } from "./machine-options.ts";
import type { MediaClock } from "./media-clock.ts";
import { Origin } from "./origin.ts";
import type { Timeline } from "./timeline.ts";
import { Traces } from "./traces.ts";

export interface Link {
  /** Counts from 1; also the first half of public segment ids. */
  readonly number: number;
  readonly openedAtMs: number;
  readonly origin: Origin;
  readonly traces: Traces;
  readonly hearing: Hearing;
  /** When anything was sent but pings, in whole milliseconds. */
  sentAtMs: number;
  /** Audio before this position is sent without a look at the questions. */
  clearFrame: number;
  /** When anything came, pongs included. */
  receivedAtMs: number;
  /** When something was answered: text or an echo. */
  progressAtMs: number;
  /** Before this nothing was owed that traces were sent for. */
  owedAtMs: number;
  /** A ping that nothing has answered yet. */
  pingedAtMs: number | undefined;
  /** When the end marker went out. */
  endSentAtMs: number | undefined;
  /** When the last trace was answered. */
  echoAtMs: number;
  /** It has answered something. */
  isUseful: boolean;
}

/** A connection that stayed this long was worth having, even if there was nothing to answer. */
const LONG_LIVED_MS = 30_000;

/** Whether it answered anything, or at least stayed. */
export function wasUseful(link: Link, now: number): boolean {
  return link.isUseful || now - link.openedAtMs >= LONG_LIVED_MS;
}

/** A connection that has just opened and whose first frame is `originFrame`. */
export function openLink(
  now: number,
  number: number,
  originFrame: number,
  options: MachineOptions,
  timeline: Timeline,
  clock: MediaClock,
): Link {
  const origin = new Origin(originFrame);
  return {
    number,
    openedAtMs: now,
    origin,
    traces: new Traces(String(number), options.traceFrames, originFrame),
    hearing: new Hearing(number, origin, timeline, clock),
    sentAtMs: Math.floor(now),
    clearFrame: originFrame,
    receivedAtMs: now,
    progressAtMs: now,
    owedAtMs: now,
    echoAtMs: now,
    pingedAtMs: undefined,
    endSentAtMs: undefined,
    isUseful: false,
  };
}

/** Whether a ping was sent that nothing has come after. */
export function isAsked(link: Link): boolean {
  return link.pingedAtMs !== undefined && link.pingedAtMs >= link.receivedAtMs;
}

/** Time in which nothing could be received does not count as silence. */
export function forgive(link: Link, blockedMs: number): void {
  link.receivedAtMs += blockedMs;
  link.progressAtMs += blockedMs;
  link.echoAtMs += blockedMs;
}
