/**
 * The driver of a live session: the machine of `core/` on a real socket, a real clock and the shared
 * timer wheel. Its loop is always the same: feed one input, drain `poll()`, re-arm the timer, wake
 * the consumer.
 */
import { messageOf } from "../errors.ts";
import { authorizationValue, type Service } from "../service.ts";
import type { Command, Outcome } from "./core/commands.ts";
import type { SessionEvent } from "./core/events.ts";
import { FRAMES_PER_MS, framesOf } from "./core/frames.ts";
import { SessionMachine } from "./core/machine.ts";
import { SlabPool } from "./core/slab-pool.ts";
import { BYTES_PER_FRAME } from "./core/wire.ts";
import { DialGate } from "./dial-gate.ts";
import { EventQueue } from "./event-queue.ts";
import { planSession, type SessionOptions, type SessionPlan } from "./options.ts";
import type { OpenSocket, StreamSocket } from "./socket.ts";
import { TimerWheel, type Alarm } from "./timer-wheel.ts";
import { openWsSocket } from "./ws-socket.ts";

export type { SessionOptions } from "./options.ts";
export type { Outcome } from "./core/commands.ts";

/** One transcription from the first to the last audio, across reconnects. */
export interface Session extends AsyncIterable<SessionEvent> {
  /**
   * Takes s16le 16 kHz mono audio, any byte count; copied. Resolves when there is room for more.
   * Rejects after the session has failed or was aborted, with what ended it.
   * @throws TypeError after `finish`.
   */
  write(pcm: Uint8Array): Promise<void>;
  /**
   * The same for audio that begins at `mediaSeconds` of the source's own clock: a hole before it
   * becomes silence on the timeline (phones send nothing while nobody speaks), and what overlaps
   * with audio that was written before is left out. Jitter of up to 20 ms is neither.
   */
  writeAt(mediaSeconds: number, pcm: Uint8Array): Promise<void>;
  /** Takes no audio until `resume`: what is written meanwhile is left out. The clock goes on. */
  pause(): void;
  /** Goes on; the time since `pause` is a `gap` with reason `paused`. */
  resume(): void;
  /**
   * No more audio. Resolves, and never rejects, when everything was answered or a bound has passed:
   * `finishTimeoutMs` without progress on a connection, `reconnectDeadlineMs` without one.
   */
  finish(): Promise<Outcome>;
  /** Replaces the connection by a fresh one, make before break: before a limit of the server does. */
  rotate(): void;
  /** Gives up now. The iteration throws `reason`. */
  abort(reason?: unknown): void;
  /** How it ended; never rejects. */
  readonly outcome: Promise<Outcome>;
}

const now = (): number => performance.now();
/** Free slabs of all sessions: 8 MB at most. */
const pool = new SlabPool(1000);
const wheel = new TimerWheel(now);
const gate = new DialGate(800, 16);
/** Hosts that this process has reached: one that is not found later is trouble of the network. */
const reachedHosts = new Set<string>();
/** More than this in the socket, and sending pauses. */
const SOCKET_BYTES = 256 * 1024;
const PRESSURE_CHECK_MS = 20;
/** Sources stamp their audio no more exactly than this. */
const JITTER_FRAMES = framesOf(0.02);
const DONE: Promise<void> = Promise.resolve();

/**
 * Opens a session and begins to dial. Audio may be written at once.
 *
 * @throws TypeError or RangeError for options that cannot be.
 */
export function openSession(options: SessionOptions): Session {
  return new LiveSession(options);
}

class LiveSession implements Session {
  readonly outcome: Promise<Outcome>;
  readonly #service: Service;
  readonly #plan: SessionPlan;
  readonly #openSocket: OpenSocket;
  readonly #machine: SessionMachine;
  readonly #events: EventQueue;
  readonly #alarm: Alarm = wheel.alarm(() => this.#feed(() => this.#machine.handleTimeout(now())));
  readonly #pressure: Alarm = wheel.alarm(() => this.#checkPressure());
  readonly #sockets = new Map<number, StreamSocket>();
  readonly #signal: AbortSignal | undefined;
  #writers: (() => void)[] = [];
  #resolveOutcome: (outcome: Outcome) => void = () => {};
  #settled: Outcome | undefined;
  #abortReason: unknown;
  #isFinished = false;
  #pausedAtMs: number | undefined;
  #isFeeding = false;

  constructor(options: SessionOptions) {
    this.#plan = planSession(options);
    this.#service = options.service;
    this.#openSocket = options.openSocket ?? openWsSocket;
    this.#machine = new SessionMachine(this.#plan.machine, pool, Math.random);
    this.#events = new EventQueue(
      () => this.#wakeWriters(),
      () => this.abort(),
    );
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
    if (this.#settled !== undefined) return rejectQuietly(this.#endError());
    if (this.#isFinished) {
      return rejectQuietly(new TypeError("Cannot write: the session must not be finished"));
    }
    if (this.#pausedAtMs !== undefined) return DONE;
    // The hot path: twenty times a second for each of a thousand streams.
    const at = now();
    this.#machine.handleWrite(at, pcm);
    this.#drain(at);
    if (this.#settled === undefined && (this.#events.isFull || !this.#machine.hasRoom())) {
      return new Promise((resolve) => {
        this.#writers.push(resolve);
      });
    }
    return DONE;
  }

  writeAt(mediaSeconds: number, pcm: Uint8Array): Promise<void> {
    if (!(mediaSeconds >= 0)) {
      throw new RangeError(`Cannot write: mediaSeconds must be 0 or more, got ${mediaSeconds}`);
    }
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
    return this.#events;
  }

  /** The driver's loop. */
  #feed(input: () => void): void {
    input();
    this.#drain(now());
  }

  #drain(at: number): void {
    if (this.#isFeeding) return;
    this.#isFeeding = true;
    for (
      let command = this.#machine.poll();
      command !== undefined;
      command = this.#machine.poll()
    ) {
      this.#execute(command);
    }
    this.#isFeeding = false;
    this.#alarm.set(this.#machine.nextTimeout(at));
  }

  #execute(command: Command): void {
    switch (command.type) {
      case "audio":
        this.#send(command.connection, command.bytes);
        break;
      case "text":
        this.#send(command.connection, command.text);
        break;
      case "event":
        this.#events.push(command.event);
        break;
      case "dial":
        this.#dial(command.connection);
        break;
      case "ping":
        this.#sockets.get(command.connection)?.ping();
        break;
      case "close":
        this.#sockets.get(command.connection)?.close();
        this.#sockets.delete(command.connection);
        break;
      case "drop":
        this.#sockets.get(command.connection)?.terminate();
        this.#sockets.delete(command.connection);
        break;
      case "room":
        this.#wakeWriters();
        break;
      case "settled":
        this.#settle(command.outcome);
        break;
    }
  }

  #send(connection: number, data: Uint8Array | string): void {
    const socket = this.#sockets.get(connection);
    if (socket === undefined) return;
    socket.send(data);
    if (socket.bufferedBytes <= SOCKET_BYTES) return;
    this.#machine.handlePressure(now(), connection, true);
    this.#pressure.set(now() + PRESSURE_CHECK_MS);
  }

  #checkPressure(): void {
    for (const [connection, socket] of this.#sockets) {
      if (socket.bufferedBytes > SOCKET_BYTES / 2) this.#pressure.set(now() + PRESSURE_CHECK_MS);
      else this.#feed(() => this.#machine.handlePressure(now(), connection, false));
    }
  }

  #dial(connection: number): void {
    const delayMs = gate.reserveMs(now());
    if (delayMs === 0) void this.#connect(connection);
    else wheel.alarm(() => void this.#connect(connection)).set(now() + delayMs);
  }

  /** A fresh key at every dial: one that has expired meanwhile would be refused for ever. */
  async #connect(connection: number): Promise<void> {
    let authorization: string | undefined;
    try {
      const given = this.#service.apiKey;
      const key = typeof given === "function" ? await given() : given;
      if (key !== undefined && key !== "") {
        authorization = authorizationValue(key, this.#service.auth);
      }
    } catch (error) {
      const message = messageOf(error);
      this.#feed(() =>
        this.#machine.handleRefused(now(), connection, { kind: "key", message }, true),
      );
      return;
    }
    if (!this.#machine.isDialing(connection)) return;
    this.#sockets.set(connection, this.#open(connection, authorization));
  }

  #open(connection: number, authorization: string | undefined): StreamSocket {
    const machine = this.#machine;
    const host = this.#plan.machine.target.host;
    return this.#openSocket(
      {
        url: this.#plan.url,
        headers: authorization === undefined ? {} : { Authorization: authorization },
      },
      {
        onOpen: () => {
          reachedHosts.add(host);
          this.#feed(() => machine.handleOpen(now(), connection));
        },
        onRefused: (failure) => {
          this.#sockets.delete(connection);
          const isKnown = reachedHosts.has(host);
          this.#feed(() => machine.handleRefused(now(), connection, failure, isKnown));
        },
        onText: (text) => this.#feed(() => machine.handleText(now(), connection, text)),
        onSign: () => this.#feed(() => machine.handleSign(now(), connection)),
        onClosed: (code, reason) => {
          this.#sockets.delete(connection);
          this.#feed(() => machine.handleClosed(now(), connection, code, reason));
        },
      },
    );
  }

  #wakeWriters(): void {
    if (this.#events.isFull && this.#settled === undefined) return;
    const writers = this.#writers;
    this.#writers = [];
    for (const wake of writers) wake();
  }

  #settle(outcome: Outcome): void {
    this.#settled = outcome;
    this.#alarm.cancel();
    this.#pressure.cancel();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const isError = outcome.reason === "failed" || outcome.reason === "aborted";
    this.#events.end(isError, isError ? this.#endError() : undefined);
    this.#resolveOutcome(outcome);
    this.#wakeWriters();
  }

  #endError(): unknown {
    if (this.#settled?.reason === "aborted") return this.#abortReason;
    return this.#settled?.error ?? new TypeError("Cannot write: the session must not have ended");
  }
}

/** A rejection that a caller who does not look at it is not punished for. */
function rejectQuietly(reason: unknown): Promise<void> {
  const rejected = Promise.reject(reason);
  rejected.catch(() => {});
  return rejected;
}
