/**
 * The session, without I/O: inputs come through `handle…`, time as their first argument, and what is
 * to be done goes out through `poll()`. A driver feeds one input, drains `poll()`, and calls
 * `handleTimeout` at `nextTimeout()`. What follows from an input is the session's course.
 */
import { decodeMessage } from "./codec.ts";
import { CommandQueue } from "./command-queue.ts";
import type { Command } from "./commands.ts";
import { Course } from "./course.ts";
import type { MachineLevels } from "./levels.ts";
import { isGoodbye, judgeClose, judgeDial, type DialFailure } from "./failure.ts";
import { forgive, isAsked, wasUseful, type Link } from "./link.ts";
import type { MachineOptions } from "./machine-options.ts";
import type { SlabPool } from "./slab-pool.ts";
import type { Spill } from "./spill.ts";

/** A timeout that comes this late comes from a process that stood still. */
const BLOCKED_MS = 1000;

/**
 * Always true: a connection that is neither dialed, nor carries audio, nor says its last words is
 * not heard; after `settled` nothing is put out.
 */
export class SessionMachine {
  readonly #options: MachineOptions;
  readonly #out = new CommandQueue();
  readonly #course: Course;
  /** When `handleTimeout` was to be called. */
  #expectedAtMs = Infinity;

  /**
   * @param random in [0, 1); only for the jitter of redials.
   * @param spill keeps what the memory does not hold; with a journal in it, its session goes on.
   */
  constructor(options: MachineOptions, pool: SlabPool, random: () => number, spill?: Spill) {
    this.#options = options;
    this.#course = new Course(options, pool, random, this.#out, spill);
  }

  /** The next thing to do; `undefined` = nothing until the next input. */
  poll(): Command | undefined {
    return this.#out.shift();
  }

  /** Memory that the replay buffer holds. */
  get heldBytes(): number {
    return this.#course.exchange.heldBytes;
  }

  /** For the numbers that are told once in a while. */
  get levels(): MachineLevels {
    return this.#course.exchange.levels(this.#course.link);
  }

  /** The position of the next frame on the caller's clock, time without audio included. */
  get mediaFrame(): number {
    return this.#course.exchange.mediaFrame;
  }

  /** Whether this connection is still wanted. */
  isDialing(connection: number): boolean {
    const { rotation, dialer } = this.#course;
    return rotation.isSpare(connection) || dialer.isDialing(connection);
  }

  /** Whether a writer may write on. Asked after a write; a `room` command follows a `false`. */
  hasRoom(): boolean {
    const course = this.#course;
    const room = course.isSettled || this.#options.whenFull === "drop" || course.hasRoom();
    course.isRoomWanted = !room;
    return room;
  }

  handleStart(now: number): void {
    this.#course.dialer.dial(now);
  }

  /**
   * Wire audio, any byte count. Copied.
   *
   * @returns whether `nextTimeout` need not be asked again: most writes only move deadlines back,
   *   and a timeout that comes too early does no harm.
   */
  handleWrite(now: number, bytes: Uint8Array): boolean {
    const course = this.#course;
    if (!course.takesAudio) return false;
    course.exchange.write(now, course.link, bytes);
    return course.wake(now, bytes);
  }

  /** Time passes without audio; `reason` makes it a gap. */
  handleSkip(now: number, frames: number, reason?: string): void {
    const course = this.#course;
    if (!course.takesAudio || frames <= 0) return;
    course.exchange.skip(now, course.link, frames, reason);
    course.wake(now);
  }

  /** No more audio: what is left is sent, then the end marker, and its echo ends the session. */
  handleFinish(now: number): void {
    const course = this.#course;
    if (course.takesAudio) course.finish(now);
  }

  /** Replaces the connection by a fresh one, before the other side would. */
  handleRotate(now: number): void {
    const { link, rotation, isFinishing } = this.#course;
    if (link !== undefined && !isFinishing) rotation.begin(now);
  }

  handleAbort(): void {
    if (!this.#course.isSettled) this.#course.settle("aborted");
  }

  /** @param canPing whether `ping` commands are of any use on it. */
  handleOpen(now: number, connection: number, canPing = true): void {
    const course = this.#course;
    course.watchdog.canPing = canPing;
    if (course.rotation.isSpare(connection) && course.link !== undefined) {
      course.handOver(now, course.link, connection);
    } else if (connection === course.dialer.newest && course.dialer.step("opened")) {
      course.opened(now, connection);
    }
  }

  handleRefused(now: number, connection: number, failure: DialFailure, hostIsKnown: boolean): void {
    if (!this.#course.dialer.isDialing(connection)) return;
    this.#course.lose(now, judgeDial(failure, this.#options.target, hostIsKnown));
  }

  handleClosed(now: number, connection: number, code: number, reason: string): void {
    const course = this.#course;
    if (course.rotation.retiring?.number === connection) course.retired(now, false);
    const { link } = course;
    if (link?.number !== connection) return;
    const isClean = isGoodbye(code);
    if (link.endSentAtMs !== undefined && course.parted(link, isClean)) return;
    const isAllAnswered = course.exchange.isAnswered(link);
    const mayRest = isAllAnswered && !link.hearing.hasUntaken && !course.isFinishing;
    if (isClean && mayRest && course.sleep(link)) return;
    course.lose(now, judgeClose(code, reason, this.#options.target, wasUseful(link, now)));
  }

  /** @returns as `handleWrite` does. */
  handleText(now: number, connection: number, text: string): boolean {
    const course = this.#course;
    const { exchange } = course;
    const isCarrier = course.link?.number === connection;
    const link = isCarrier ? course.link : course.rotation.retiring;
    if (link?.number !== connection) return true;
    const wasAsked = isAsked(link);
    link.receivedAtMs = now;
    const message = decodeMessage(text, link.hearing);
    if (message.kind === "text") {
      exchange.hear(link, message.segments, course.link);
      return course.progressed(now, link) && !wasAsked;
    }
    if (message.kind === "trace") {
      if (!exchange.echo(now, link, message.id, course.link)) return false;
      course.watchdog.echoed();
      return course.progressed(now, link) && !wasAsked;
    }
    if (message.kind !== "end") exchange.report.oddity(message);
    else if (isCarrier) course.answered(now, link);
    else course.retired(now, true);
    return false;
  }

  /** Something came that is not text: a pong, or a binary frame. */
  handleSign(now: number, connection: number): void {
    const { link, watchdog } = this.#course;
    if (link?.number !== connection) return;
    link.receivedAtMs = now;
    if (link.pingedAtMs !== undefined) watchdog.proven();
    this.#course.lives(now, link);
  }

  /** Whether the socket holds more than it should. */
  handlePressure(now: number, connection: number, isHigh: boolean): void {
    const course = this.#course;
    if (course.link?.number !== connection) return;
    course.exchange.sender.isBlocked = isHigh;
    if (!isHigh) course.pump(now);
  }

  /** When `handleTimeout` wants to be called; Infinity = not. */
  nextTimeout(now: number): number {
    this.#expectedAtMs = Math.max(now, this.#nextTimeout(now));
    return this.#expectedAtMs;
  }

  #nextTimeout(now: number): number {
    const { link, exchange, dialer, watchdog, rotation, ending, isFinishing } = this.#course;
    if (link === undefined) return Math.min(dialer.nextAtMs, rotation.retireAtMs);
    return Math.min(
      exchange.sender.nextAtMs(now, link, isFinishing),
      watchdog.pingAtMs(link),
      watchdog.deadAtMs(link),
      link.sentAtMs + this.#options.keepAliveMs,
      ending.nextAtMs(link),
      isFinishing ? rotation.retireAtMs : rotation.nextAtMs,
    );
  }

  handleTimeout(now: number): void {
    const course = this.#course;
    const { dialer, ending } = course;
    // A process that stood still must not hold that time against the other side.
    const lateMs = now - this.#expectedAtMs;
    if (course.link !== undefined && lateMs > BLOCKED_MS) forgive(course.link, lateMs);
    if (now >= course.rotation.retireAtMs) course.retired(now, false);
    if (dialer.isDue(now)) dialer.dial(now);
    if (dialer.isLate(now)) {
      const message = `no answer to the handshake within ${this.#options.handshakeTimeoutMs} ms`;
      this.#out.push({ type: "drop", connection: dialer.newest });
      this.handleRefused(now, dialer.newest, { kind: "network", message }, true);
    }
    const { link } = course;
    if (link === undefined) return;
    if (ending.hasWaitedForText(now)) course.settle("complete");
    else if (ending.isOverdue(now, link)) course.overdue(now, link);
    else if (course.watchdog.isDead(now, link, course.exchange)) course.stalled(now, link);
    else this.#attend(now, link);
  }

  /** What is due on a healthy connection. */
  #attend(now: number, link: Link): void {
    const { exchange, rotation, watchdog, isFinishing } = this.#course;
    if (!isFinishing) rotation.attend(now);
    if (!isFinishing && rotation.isDue(now)) {
      if (exchange.hasAdvanced(link)) rotation.begin(now);
      else rotation.putOff(now);
    }
    if (now >= watchdog.pingAtMs(link)) {
      link.pingedAtMs = now;
      if (watchdog.canPing) this.#out.push({ type: "ping", connection: link.number });
      else exchange.sender.ask(now, link);
    }
    if (now >= link.sentAtMs + this.#options.keepAliveMs) {
      // Behind the end marker an echo would pass for progress, and the wait would never end (W32).
      const mayAsk = this.#options.traceFrames > 0 && link.endSentAtMs === undefined;
      if (mayAsk) exchange.sender.ask(now, link);
      link.sentAtMs = Math.floor(now);
    }
    this.#course.pump(now);
  }
}
