/**
 * Replacing a connection before it is lost, make before break: a spare is dialed while the old one
 * carries on; when it is open it takes over the audio, from a little before the acknowledged
 * position, and the old one is told that the audio ends and may say the rest. The new one's words
 * are held until then, and the seam between them is the same as after a drop.
 */
import type { Command } from "./commands.ts";
import type { Dialer } from "./dialer.ts";
import type { Link } from "./link.ts";

/** A rotation that failed is tried again after this. */
const AGAIN_MS = 30_000;

interface Spare {
  readonly connection: number;
  readonly deadlineMs: number;
}

/** Always true: at most one of `spare` and `retiring` is there. */
export class Rotation {
  readonly #afterMs: number;
  readonly #dialer: Dialer;
  readonly #out: (command: Command) => void;
  #dueAtMs = Infinity;
  #spare: Spare | undefined;
  /** The connection that says its last words. */
  retiring: Link | undefined;
  /** When it is not waited for any more. */
  retireAtMs = Infinity;

  /** @param afterMs age at which a connection is replaced; Infinity = only when asked. */
  constructor(afterMs: number, dialer: Dialer, out: (command: Command) => void) {
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
    if (this.#spare !== undefined) this.#out({ type: "drop", connection: this.#spare.connection });
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

  /** Does what is due. */
  attend(now: number): void {
    if (this.#spare !== undefined && now >= this.#spare.deadlineMs) {
      this.dropSpare();
      this.failed(now);
    } else if (now >= this.#dueAtMs) this.begin(now);
  }

  get nextAtMs(): number {
    const isIdle = this.#spare === undefined && this.retiring === undefined;
    const dueAtMs = isIdle ? this.#dueAtMs : Infinity;
    return Math.min(dueAtMs, this.#spare?.deadlineMs ?? Infinity, this.retireAtMs);
  }
}
