/**
 * The driver of a live session: the machine of `core/` on real sockets, a real clock and the shared
 * timer wheel. Its loop is always the same: feed one input, drain `poll()`, re-arm the timer, wake
 * the consumer.
 */
import type { Command, Outcome } from "./core/commands.ts";
import type { SessionEvent } from "./core/events.ts";
import { FRAMES_PER_MS, framesOf } from "./core/frames.ts";
import { SessionMachine } from "./core/machine.ts";
import { SlabPool } from "./core/slab-pool.ts";
import { BYTES_PER_FRAME } from "./core/wire.ts";
import { Connections, type ConnectionEvents } from "./connections.ts";
import { messageOf } from "../errors.ts";
import { EventQueue } from "./event-queue.ts";
import { checkMediaSeconds } from "./media-seconds.ts";
import { planSession, type SessionOptions } from "./options.ts";
import { takePlace, type TakePlace } from "./places.ts";
import { now, wheel } from "./process-clock.ts";
import { checkBytes } from "./pcm-bytes.ts";
import type { Session } from "./session-interface.ts";
import { SessionMeter } from "./session-meter.ts";
import type { OpenSocket } from "./socket.ts";
import { claimSpill } from "./spill-claim.ts";
import type { Alarm } from "./timer-wheel.ts";

/** Of all sessions of the thread. */
const pool = new SlabPool();
/** Sources stamp their audio no more exactly than this. */
const JITTER_FRAMES = framesOf(0.02);
/** How often totals and levels are told to a metric sink. */
const METRICS_MS = 1000;
/** What a write gives when there is room for more: always this one. */
export const NO_WAIT: Promise<void> = Promise.resolve();

/** Always true: commands are carried out one after the other, in the order the machine gave them. */
export class LiveSession implements Session {
  // What each chunk of audio looks at comes first, side by side in memory.
  readonly #machine: SessionMachine;
  readonly #connections: Connections;
  readonly #meter: SessionMeter | undefined;
  #settled: Outcome | undefined;
  #isFinished = false;
  #pausedAtMs: number | undefined;
  #isFeeding = false;
  /** An input came while commands were carried out. */
  #isFedAgain = false;
  /** So many events wait for the reader that writers wait for it too. */
  #isUnread = false;
  readonly #events: EventQueue;
  readonly #alarm: Alarm = wheel.alarm(() => this.#feed(() => this.#machine.handleTimeout(now())));
  readonly #meterAlarm: Alarm = wheel.alarm(() => this.#tellMetrics());
  readonly #signal: AbortSignal | undefined;
  readonly outcome: Promise<Outcome>;
  #writers: (() => void)[] = [];
  #resolveOutcome: (outcome: Outcome) => void = () => {};
  #abortReason: unknown;

  /**
   * @param place where its connections are counted.
   * @throws TypeError or RangeError for options that cannot be.
   */
  constructor(options: SessionOptions, openSocket: OpenSocket, place: TakePlace = takePlace) {
    const plan = planSession(options);
    claimSpill(options.spill);
    const { host } = plan.machine.target;
    const { service, maxConnections } = options;
    const { url } = plan;
    const target = { service, url, host, openSocket, maxConnections, takePlace: place };
    this.#machine = new SessionMachine(plan.machine, pool, Math.random, options.spill);
    this.#connections = new Connections(target, this.#connectionEvents());
    this.#events = new EventQueue(
      () => this.#wakeWriters(),
      () => this.abort(),
    );
    this.#meter = this.#meterFor(options);
    this.outcome = new Promise((resolve) => {
      this.#resolveOutcome = resolve;
    });
    this.#signal = options.signal;
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#signal?.aborted === true) this.#onAbort();
    else this.#feed(() => this.#machine.handleStart(now()));
  }

  readonly #onAbort = (): void => this.abort(this.#signal?.reason);

  write(pcm: Uint8Array): Promise<void> {
    checkBytes(pcm);
    if (this.#settled !== undefined) return rejectQuietly(this.#endError());
    if (this.#isFinished) {
      return rejectQuietly(new TypeError("Cannot write: the session must not be finished"));
    }
    if (this.#pausedAtMs !== undefined) return NO_WAIT;
    // The hot path: twenty times a second for each of a thousand streams.
    const at = now();
    const isCalm = this.#machine.handleWrite(at, pcm);
    this.#meter?.wrote(at, this.#machine.mediaFrame);
    this.#drain(at, isCalm);
    // What is calm has nothing queued.
    const isFull = this.#isUnread || (!isCalm && !this.#machine.hasRoom());
    if (isFull && this.#settled === undefined) {
      return new Promise((resolve) => {
        this.#writers.push(resolve);
      });
    }
    return NO_WAIT;
  }

  writeAt(mediaSeconds: number, pcm: Uint8Array): Promise<void> {
    checkMediaSeconds(mediaSeconds);
    const holeFrames = framesOf(mediaSeconds) - this.#machine.mediaFrame;
    const isJitter = Math.abs(holeFrames) <= JITTER_FRAMES;
    if (!isJitter && holeFrames > 0 && this.#pausedAtMs === undefined) {
      this.#feed(() => this.#machine.handleSkip(now(), holeFrames));
    }
    const overlapBytes = isJitter ? 0 : Math.max(0, -holeFrames * BYTES_PER_FRAME);
    return this.write(pcm.subarray(Math.min(pcm.length, overlapBytes)));
  }

  pause(): void {
    this.#pausedAtMs ??= now();
  }

  resume(): void {
    if (this.#pausedAtMs === undefined) return;
    const frames = Math.round((now() - this.#pausedAtMs) * FRAMES_PER_MS);
    this.#pausedAtMs = undefined;
    this.#feed(() => this.#machine.handleSkip(now(), frames, "paused"));
  }

  finish(): Promise<Outcome> {
    this.resume();
    this.#isFinished = true;
    this.#feed(() => this.#machine.handleFinish(now()));
    return this.outcome;
  }

  rotate(): void {
    this.#feed(() => this.#machine.handleRotate(now()));
  }

  abort(reason?: unknown): void {
    if (this.#settled !== undefined) return;
    this.#abortReason = reason ?? new DOMException("The session was aborted", "AbortError");
    this.#feed(() => this.#machine.handleAbort());
  }

  [Symbol.asyncIterator](): AsyncIterator<SessionEvent, undefined> {
    if (this.#events.isRead) {
      throw new TypeError(
        "Cannot iterate: a session must be iterated once, got a second iteration",
      );
    }
    this.#events.isRead = true;
    this.#isUnread = this.#events.isFull;
    return this.#events;
  }

  /** The driver's loop. */
  #feed(input: () => void): void {
    input();
    this.#drain(now());
  }

  /** @param isCalm the alarm stands where it should, unless carrying out the commands changes that. */
  #drain(at: number, isCalm = false): void {
    if (this.#isFeeding) {
      this.#isFedAgain = true;
      return;
    }
    this.#isFeeding = true;
    this.#isFedAgain = false;
    for (
      let command = this.#machine.poll();
      command !== undefined;
      command = this.#machine.poll()
    ) {
      this.#execute(command);
    }
    this.#isFeeding = false;
    if (!isCalm || this.#isFedAgain) this.#alarm.set(this.#machine.nextTimeout(at));
  }

  #execute(command: Command): void {
    this.#meter?.command(now(), command);
    switch (command.type) {
      case "audio":
        this.#connections.send(command.connection, command.bytes);
        break;
      case "text":
        this.#connections.send(command.connection, command.text);
        break;
      case "event":
        this.#events.push(command.event);
        this.#isUnread = this.#events.isFull;
        break;
      case "dial":
        this.#connections.dial(command.connection);
        break;
      case "ping":
        this.#connections.ping(command.connection);
        break;
      case "close":
        this.#connections.close(command.connection);
        break;
      case "drop":
        this.#connections.drop(command.connection);
        break;
      case "room":
        this.#wakeWriters();
        break;
      case "settled":
        this.#settle(command.outcome);
        break;
    }
  }

  #connectionEvents(): ConnectionEvents {
    const machine = this.#machine;
    return {
      isWanted: (connection) => machine.isDialing(connection),
      onOpen: (connection, canPing) => {
        this.#meter?.opened(now(), connection);
        this.#feed(() => machine.handleOpen(now(), connection, canPing));
      },
      onRefused: (connection, failure, hostIsKnown) => {
        this.#meter?.refused(connection, failure);
        this.#feed(() => machine.handleRefused(now(), connection, failure, hostIsKnown));
      },
      onText: (connection, text) => {
        this.#meter?.received(text);
        const at = now();
        const isCalm = machine.handleText(at, connection, text);
        this.#drain(at, isCalm);
      },
      onSign: (connection) => this.#feed(() => machine.handleSign(now(), connection)),
      onClosed: (connection, code, reason) => {
        this.#meter?.closed(connection, code);
        this.#feed(() => machine.handleClosed(now(), connection, code, reason));
      },
      // As with a socket that throws, this comes while commands are carried out: it is fed without a
      // drain of its own.
      onPressure: (connection, isHigh) =>
        this.#feed(() => machine.handlePressure(now(), connection, isHigh)),
    };
  }

  #meterFor({ onMetric }: SessionOptions): SessionMeter | undefined {
    if (onMetric === undefined) return undefined;
    this.#meterAlarm.set(now() + METRICS_MS);
    return new SessionMeter(onMetric, this.#machine.levels, (error) => {
      const message = `The metric sink threw and is not called again: ${messageOf(error)}.`;
      this.#events.push({ type: "warning", code: "metrics", message });
    });
  }

  #tellMetrics(): void {
    if (this.#meter === undefined) return;
    const { bufferedBytes } = this.#connections;
    const queuedEvents = this.#events.length;
    this.#meter.flush({ ...this.#machine.levels, socketBytes: bufferedBytes, queuedEvents });
    this.#meterAlarm.set(now() + METRICS_MS);
  }

  #wakeWriters(): void {
    this.#isUnread = this.#events.isFull;
    if (this.#isUnread && this.#settled === undefined) return;
    const writers = this.#writers;
    this.#writers = [];
    for (const wake of writers) wake();
  }

  #settle(outcome: Outcome): void {
    this.#settled = outcome;
    this.#alarm.cancel();
    this.#connections.end();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const isError = outcome.reason === "failed" || outcome.reason === "aborted";
    this.#events.end(isError, isError ? this.#endError() : undefined);
    this.#tellMetrics();
    this.#meterAlarm.cancel();
    this.#resolveOutcome(outcome);
    this.#wakeWriters();
  }

  #endError(): unknown {
    if (this.#settled?.reason === "aborted") return this.#abortReason;
    return this.#settled?.error ?? new TypeError("Cannot write: the session must not have ended");
  }
}

/** A rejection that a caller who does not look at it is not punished for. */
export function rejectQuietly(reason: unknown): Promise<void> {
  const rejected = Promise.reject(reason);
  rejected.catch(() => {});
  return rejected;
}
