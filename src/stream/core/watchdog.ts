/**
 * Whether the other side is still there, judged by what it answers and never by what the socket
 * takes: the kernel goes on taking bytes for seconds after the path is gone.
 */
import type { Exchange } from "./exchange.ts";
import { isAsked, type Link } from "./link.ts";

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
  readonly #asksTraces: boolean;
  /** Whether the socket can ping. One that cannot asks with a trace, if traces may be asked. */
  canPing = true;
  /** A trace was answered once, on whatever connection. */
  #hasEchoed = false;
  #stalls = 0;
  /** A ping or a trace was answered once, on whatever connection. */
  #isProven = false;

  constructor(stallMs: number, asksTraces: boolean) {
    this.#stallMs = stallMs;
    this.#asksTraces = asksTraces;
  }

  /** The other side answers pings or traces: when it does not, it is gone. */
  proven(): void {
    this.#isProven = true;
  }

  /** The other side answers traces. */
  echoed(): void {
    this.proven();
    this.#hasEchoed = true;
  }

  progressed(): void {
    this.#stalls = 0;
  }

  stalled(): void {
    this.#stalls += 1;
  }

  /**
   * When a question is due: half-way to the verdict, and only if nothing came of itself. Without pings
   * none is asked behind the end marker: its echo is waited for anyway.
   */
  pingAtMs(link: Link): number {
    const canAsk = this.canPing || (this.#asksTraces && link.endSentAtMs === undefined);
    if (!canAsk) return Infinity;
    return isAsked(link) ? Infinity : link.receivedAtMs + this.#stallMs / 2;
  }

  /** When the connection may have to be given up if nothing comes until then. */
  deadAtMs(link: Link): number {
    return Math.min(this.#silentAtMs(link), this.#unansweredAtMs(link));
  }

  /** A server that has never echoed a trace owes words only, and those only for what is loud. */
  isDead(now: number, link: Link, exchange: Exchange): boolean {
    if (now >= this.#silentAtMs(link)) return true;
    if (!this.#hasEchoed && now >= this.#unansweredAtMs(link)) {
      link.owedAtMs = Math.min(now, exchange.soundAtMs(link));
    }
    return now >= this.#unansweredAtMs(link);
  }

  #silentAtMs(link: Link): number {
    return link.receivedAtMs + (isAsked(link) ? this.#patienceMs(this.#isProven) : Infinity);
  }

  #unansweredAtMs(link: Link): number {
    const asked = link.traces.oldestAskedAtMs;
    if (asked === undefined) return Infinity;
    return Math.max(asked, link.progressAtMs, link.owedAtMs) + this.#stallMs * SLOW_FACTOR;
  }

  #patienceMs(isProven: boolean): number {
    // An echo has to wait for the recognizer; a pong has not.
    const unproven = this.canPing ? UNPROVEN_FACTOR : SLOW_FACTOR;
    const factor = (isProven ? 1 : unproven) * 2 ** Math.min(this.#stalls, 4);
    return Math.max(this.#stallMs, Math.min(LONGEST_STALL_MS, this.#stallMs * factor));
  }
}
