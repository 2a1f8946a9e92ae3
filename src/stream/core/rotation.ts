/**
 * Replacing a connection before it is lost, make before break: a spare is dialed while the old one
 * carries on; when it is open it takes over the audio, from a little before the acknowledged
 * position, and the old one is told that the audio ends and may say the rest. The new one's words
 * are held until then, and the seam between them is the same as after a drop.
 */
import type { CommandQueue } from "./command-queue.ts";
import type { Dialer } from "./dialer.ts";
import type { Link } from "./link.ts";

/** A rotation that failed is tried again after this. */
const AGAIN_MS = 30_000;
/** A connection that has not advanced yet is looked at again after this. */
const LOOK_AGAIN_MS = 1000;

interface Spare {
  readonly connection: number;
  readonly deadlineMs: number;
}

/** Always true: at most one of `spare` and `retiring` is there. */
export class Rotation {
  readonly #afterMs: number;
  readonly #dialer: Dialer;
  readonly #out: CommandQueue;
  #dueAtMs = Infinity;
  #spare: Spare | undefined;
  /** The connection that says its last words. */
  retiring: Link | undefined;
  /** When it is not waited for any more. */
  retireAtMs = Infinity;

  /** @param afterMs age at which a connection is replaced; Infinity = only when asked. */
  constructor(afterMs: number, dialer: Dialer, out: CommandQueue) {
    this.#afterMs = afterMs;
    this.#dialer = dialer;
    this.#out = out;
  }

  isSpare(connection: number): boolean {
    return this.#spare?.connection === connection;
  }

  /** Dials a spare; nothing when one is under way. */
  begin(now: number): void {
    if (this.#spare !== undefined || this.retiring !== undefined) return;
    const deadlineMs = this.#dialer.dialNewest(now);
    this.#spare = { connection: this.#dialer.newest, deadlineMs };
  }

  /** A connection begins to carry audio. */
  opened(now: number): void {
    this.#dueAtMs = now + this.#afterMs;
  }

  failed(now: number): void {
    this.#spare = undefined;
    this.#dueAtMs = now + AGAIN_MS;
  }

  dropSpare(): void {
    if (this.#spare !== undefined)
      this.#out.push({ type: "drop", connection: this.#spare.connection });
    this.#spare = undefined;
  }

  retire(link: Link, untilMs: number): void {
    this.#spare = undefined;
    this.retiring = link;
    this.retireAtMs = untilMs;
  }

  retired(): void {
    this.retiring = undefined;
    this.retireAtMs = Infinity;
  }

  /** Whether the connection is old enough to be replaced. */
  isDue(now: number): boolean {
    return now >= this.#nextDueMs;
  }

  /**
   * Not yet: a fresh connection would have to say again all that this one has not said. Where a
   * recognizer speaks more seldom than connections are replaced, none would ever say anything.
   */
  putOff(now: number): void {
    this.#dueAtMs = now + LOOK_AGAIN_MS;
  }

  /** Gives up a spare that does not open. */
  attend(now: number): void {
    if (this.#spare === undefined || now < this.#spare.deadlineMs) return;
    this.dropSpare();
    this.failed(now);
  }

  get nextAtMs(): number {
    return Math.min(this.#nextDueMs, this.#spare?.deadlineMs ?? Infinity, this.retireAtMs);
  }

  get #nextDueMs(): number {
    const isIdle = this.#spare === undefined && this.retiring === undefined;
    return isIdle ? this.#dueAtMs : Infinity;
  }
}
