/**
 * Whether the other side is still there, judged by what it answers and never by what the socket
 * takes: the kernel goes on taking bytes for seconds after the path is gone.
 */
import type { Link } from "./link.ts";

/** A server that has never answered such a question is given this many times as long. */
const UNPROVEN_FACTOR = 2;
/**
 * Who answers pings is there, and slow: loading its model, or short of processor time. Dialing again
 * would make it worse, so it is given this many times as long to answer a trace.
 */
const SLOW_FACTOR = 6;
/** A stall never takes longer than this to be noticed, however often it happened before. */
const LONGEST_STALL_MS = 20_000;

/**
 * After each stall without any progress between them the patience doubles: a recognizer that loads
 * its model, or lags, must not be dialed again and again.
 */
export class Watchdog {
  readonly #stallMs: number;
  #stalls = 0;
  /** A ping or a trace was answered once, on whatever connection. */
  #isProven = false;

  constructor(stallMs: number) {
    this.#stallMs = stallMs;
  }

  /** The other side answers pings or traces: when it does not, it is gone. */
  proven(): void {
    this.#isProven = true;
  }

  progressed(): void {
    this.#stalls = 0;
  }

  stalled(): void {
    this.#stalls += 1;
  }

  /** When a ping is due: half-way to the verdict, and only if nothing came of itself. */
  pingAtMs(link: Link): number {
    const due = link.receivedAtMs + this.#stallMs / 2;
    return link.pingedAtMs !== undefined && link.pingedAtMs >= link.receivedAtMs ? Infinity : due;
  }

  /** When the connection is to be given up if nothing comes until then. */
  deadAtMs(link: Link): number {
    const isAsked = link.pingedAtMs !== undefined && link.pingedAtMs >= link.receivedAtMs;
    const silent = isAsked ? link.receivedAtMs + this.#patienceMs(this.#isProven) : Infinity;
    return Math.min(silent, this.#unansweredAtMs(link));
  }

  #unansweredAtMs(link: Link): number {
    const asked = link.traces.oldestAskedAtMs;
    if (asked === undefined) return Infinity;
    return Math.max(asked, link.progressAtMs) + this.#stallMs * SLOW_FACTOR;
  }

  #patienceMs(isProven: boolean): number {
    const factor = (isProven ? 1 : UNPROVEN_FACTOR) * 2 ** Math.min(this.#stalls, 4);
    return Math.max(this.#stallMs, Math.min(LONGEST_STALL_MS, this.#stallMs * factor));
  }
}
