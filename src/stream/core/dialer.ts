/** The phase of a session, and the dials and waits that lead from one to the next. */
import type { CommandQueue } from "./command-queue.ts";
import type { Verdict } from "./failure.ts";
import type { MachineOptions } from "./machine-options.ts";
import { nextPhase, type Phase, type Step } from "./phase.ts";
import { Redial } from "./redial.ts";

/** Always true: a deadline is finite only in the phase that it belongs to. */
export class Dialer {
  readonly #options: MachineOptions;
  readonly #out: CommandQueue;
  readonly #redial: Redial;
  #phase: Phase = "idle";
  #connections: number;
  #deadlineMs = Infinity;
  #redialAtMs = Infinity;

  /** @param connections that another process made. */
  constructor(
    options: MachineOptions,
    out: CommandQueue,
    random: () => number,
    connections: number,
  ) {
    this.#options = options;
    this.#out = out;
    this.#connections = connections;
    this.#redial = new Redial(options.redial, random);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The number of the newest connection. */
  get newest(): number {
    return this.#connections;
  }

  /** The connection that is being dialed to carry the audio. */
  get dialing(): number | undefined {
    return this.#phase === "dialing" ? this.#connections : undefined;
  }

  isDialing(connection: number): boolean {
    return this.dialing === connection;
  }

  get attempt(): number {
    return this.#redial.attempt;
  }

  /** Takes a step that the phase allows; `false` = it means nothing now. */
  step(step: Step): boolean {
    const next = nextPhase(this.#phase, step);
    if (next === undefined) return false;
    this.#phase = next;
    this.#deadlineMs = Infinity;
    this.#redialAtMs = Infinity;
    if (step === "opened") this.#redial.opened();
    return true;
  }

  dial(now: number): void {
    if (!this.step("dial")) return;
    this.#deadlineMs = this.dialNewest(now);
  }

  /** Dials without a change of phase. @returns when it has taken too long. */
  dialNewest(now: number): number {
    this.#connections += 1;
    this.#out.push({ type: "dial", connection: this.#connections });
    return now + this.#options.handshakeTimeoutMs;
  }

  progressed(): void {
    this.#redial.progressed();
  }

  /** @returns milliseconds until the next dial; `undefined` = give up. */
  lost(now: number, verdict: Extract<Verdict, { kind: "retry" }>): number | undefined {
    const delayMs = this.#redial.failed(now, verdict);
    if (delayMs === undefined) return undefined;
    this.step("lost");
    this.#redialAtMs = now + delayMs;
    return delayMs;
  }

  /** The handshake has taken too long. */
  isLate(now: number): boolean {
    return now >= this.#deadlineMs;
  }

  get nextAtMs(): number {
    return Math.min(this.#deadlineMs, this.#redialAtMs);
  }

  /** The wait is over. */
  isDue(now: number): boolean {
    return now >= this.#redialAtMs;
  }
}
