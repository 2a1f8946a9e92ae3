/**
 * The session, without I/O: inputs come through `handle…`, time as their first argument, and what is
 * to be done goes out through `poll()`. A driver feeds one input, drains `poll()`, and calls
 * `handleTimeout` at `nextTimeout()`.
 */
import type { EverywordError } from "../../errors.ts";
import { decodeMessage } from "./codec.ts";
import type { Command } from "./commands.ts";
import { Dialer } from "./dialer.ts";
import type { EndEvent } from "./events.ts";
import {
  isGoodbye,
  judgeClose,
  judgeDial,
  judgeStall,
  type DialFailure,
  type Verdict,
} from "./failure.ts";
import { Ending } from "./ending.ts";
import { Exchange } from "./exchange.ts";
import { secondsOf } from "./frames.ts";
import { forgive, wasUseful, type Link } from "./link.ts";
import type { MachineOptions } from "./machine-options.ts";
import { Rotation } from "./rotation.ts";
import type { SlabPool } from "./slab-pool.ts";
import { Watchdog } from "./watchdog.ts";

/** A timeout that comes this late comes from a process that stood still. */
const BLOCKED_MS = 1000;
/**
 * Always true: at most one connection carries audio (`#link`) and at most one is being dialed;
 * `base <= sent <= end` for `#link`; after `settled` nothing is put out.
 */
export class SessionMachine {
  readonly #options: MachineOptions;
  readonly #out: Command[] = [];
  readonly #exchange: Exchange;
  readonly #dialer: Dialer;
  readonly #watchdog: Watchdog;
  readonly #rotation: Rotation;
  readonly #ending: Ending;
  /** When `handleTimeout` was to be called. */
  #expectedAtMs = Infinity;
  #link: Link | undefined;
  /** The last connection that was lost; its interims are shown until the next one is open. */
  #lost: Link | undefined;
  #isRoomWanted = false;

  /** @param random in [0, 1); only for the jitter of redials. */
  constructor(options: MachineOptions, pool: SlabPool, random: () => number) {
    const out = (command: Command): void => {
      this.#out.push(command);
    };
    this.#options = options;
    this.#exchange = new Exchange(options, pool, out);
    this.#dialer = new Dialer(options, out, random);
    this.#watchdog = new Watchdog(options.stallMs);
    this.#ending = new Ending(options.finishTimeoutMs);
    this.#rotation = new Rotation(options.rotateAfterMs, this.#dialer, out);
  }

  /** The next thing to do; `undefined` = nothing until the next input. */
  poll(): Command | undefined {
    return this.#out.shift();
  }

  /** Memory that the replay buffer holds. */
  get heldBytes(): number {
    return this.#exchange.heldBytes;
  }

  /** Whether this connection is still wanted. */
  isDialing(connection: number): boolean {
    return this.#rotation.isSpare(connection) || this.#dialer.isDialing(connection);
  }

  /** Whether a writer may write on. Asked after a write; a `room` command follows a `false`. */
  hasRoom(): boolean {
    const room = this.#isSettled || this.#options.whenFull === "drop" || this.#hasRoom();
    this.#isRoomWanted = !room;
    return room;
  }

  handleStart(now: number): void {
    this.#dialer.dial(now);
  }

  /** Wire audio, any byte count. Copied. */
  handleWrite(now: number, bytes: Uint8Array): void {
    if (this.#isSettled || this.#ending.isFinishing) return;
    this.#exchange.write(now, this.#link, bytes);
    this.#wake(now);
  }

  /** Time passes without audio; `reason` makes it a gap. */
  handleSkip(now: number, frames: number, reason?: string): void {
    if (this.#isSettled || this.#ending.isFinishing || frames <= 0) return;
    this.#exchange.skip(now, this.#link, frames, reason);
    this.#wake(now);
  }

  /** The position of the next frame on the caller's clock, time without audio included. */
  get mediaFrame(): number {
    return this.#exchange.mediaFrame;
  }

  /** No more audio: what is left is sent, then the end marker, and its echo ends the session. */
  handleFinish(now: number): void {
    if (this.#ending.isFinishing || this.#isSettled) return;
    this.#ending.isFinishing = true;
    if (this.#dialer.phase === "dormant") this.#settle("complete");
    else this.#pump(now);
  }

  /** Replaces the connection by a fresh one, before the other side would. */
  handleRotate(now: number): void {
    if (this.#link !== undefined && !this.#ending.isFinishing) this.#rotation.begin(now);
  }

  handleAbort(): void {
    if (!this.#isSettled) this.#settle("aborted");
  }

  handleOpen(now: number, connection: number): void {
    if (this.#rotation.isSpare(connection) && this.#link !== undefined) {
      this.#handOver(now, this.#link, connection);
      return;
    }
    if (connection !== this.#dialer.newest || !this.#dialer.step("opened")) return;
    const { report, sender } = this.#exchange;
    const isFirst = this.#lost === undefined;
    this.#link = this.#exchange.open(now, connection, this.#lost);
    if (this.#rotation.retiring === undefined) this.#link.hearing.begin();
    this.#rotation.opened(now);
    const replayed = sender.newestSentFrame - this.#link.origin.originFrame;
    report.opened(connection, isFirst ? undefined : secondsOf(Math.max(0, replayed)));
    this.#lost = undefined;
    this.#pump(now);
  }

  handleRefused(now: number, connection: number, failure: DialFailure, hostIsKnown: boolean): void {
    if (!this.#dialer.isDialing(connection)) return;
    this.#lose(now, judgeDial(failure, this.#options.target, hostIsKnown));
  }

  handleClosed(now: number, connection: number, code: number, reason: string): void {
    if (this.#rotation.retiring?.number === connection) this.#retired(now, false);
    const link = this.#link;
    if (link?.number !== connection) return;
    const isClean = isGoodbye(code);
    const isAllAnswered = this.#exchange.isAnswered(link);
    if (isClean && isAllAnswered && link.endSentAtMs !== undefined) {
      this.#settle("complete");
      return;
    }
    const mayRest = isAllAnswered && !link.hearing.hasUntaken && !this.#ending.isFinishing;
    if (isClean && mayRest && this.#dialer.step("sleep")) {
      this.#link = undefined;
      this.#lost = link;
      return;
    }
    this.#lose(now, judgeClose(code, reason, this.#options.target, wasUseful(link, now)));
  }

  handleText(now: number, connection: number, text: string): void {
    const { retiring } = this.#rotation;
    const link = retiring?.number === connection ? retiring : this.#link;
    if (link?.number !== connection) return;
    link.receivedAtMs = now;
    const message = decodeMessage(text);
    if (message.kind === "text") {
      this.#exchange.hear(link, message.segments, this.#link);
      this.#progressed(now, link);
    } else if (message.kind === "trace") {
      if (!this.#exchange.echo(now, link, message.id, this.#link)) return;
      this.#watchdog.proven();
      this.#progressed(now, link);
    } else if (message.kind === "end") {
      if (link === retiring) this.#retired(now, true);
      else this.#answered(now, link);
    } else this.#exchange.report.oddity(message);
  }

  /** Something came that is not text: a pong, or a binary frame. */
  handleSign(now: number, connection: number): void {
    if (this.#link?.number !== connection) return;
    this.#link.receivedAtMs = now;
    if (this.#link.pingedAtMs !== undefined) this.#watchdog.proven();
  }

  /** Whether the socket holds more than it should. */
  handlePressure(now: number, connection: number, isHigh: boolean): void {
    if (this.#link?.number !== connection) return;
    this.#exchange.sender.isBlocked = isHigh;
    if (!isHigh) this.#pump(now);
  }

  /** When `handleTimeout` wants to be called; Infinity = not. */
  nextTimeout(now: number): number {
    this.#expectedAtMs = Math.max(now, this.#nextTimeout(now));
    return this.#expectedAtMs;
  }

  #nextTimeout(now: number): number {
    const link = this.#link;
    if (link === undefined) return Math.min(this.#dialer.nextAtMs, this.#rotation.retireAtMs);
    return Math.min(
      this.#exchange.sender.nextAtMs(now, link, this.#ending.isFinishing),
      this.#watchdog.pingAtMs(link),
      this.#watchdog.deadAtMs(link),
      link.sentAtMs + this.#options.keepAliveMs,
      this.#ending.nextAtMs(link),
      this.#ending.isFinishing ? this.#rotation.retireAtMs : this.#rotation.nextAtMs,
    );
  }

  handleTimeout(now: number): void {
    // A process that stood still must not hold that time against the other side.
    const lateMs = now - this.#expectedAtMs;
    if (this.#link !== undefined && lateMs > BLOCKED_MS) forgive(this.#link, lateMs);
    if (now >= this.#rotation.retireAtMs) this.#retired(now, false);
    if (this.#dialer.isDue(now)) this.#dialer.dial(now);
    if (this.#dialer.isLate(now)) {
      const message = `no answer to the handshake within ${this.#options.handshakeTimeoutMs} ms`;
      this.#out.push({ type: "drop", connection: this.#dialer.newest });
      this.handleRefused(now, this.#dialer.newest, { kind: "network", message }, true);
    }
    const link = this.#link;
    if (link === undefined) return;
    if (this.#ending.hasWaitedForText(now)) this.#settle("complete");
    else if (this.#ending.isOverdue(now, link)) this.#overdue(now, link);
    else if (now >= this.#watchdog.deadAtMs(link)) this.#stalled(now, link);
    else this.#attend(now, link);
  }

  get #isSettled(): boolean {
    return this.#dialer.phase === "settled";
  }

  #wake(now: number): void {
    if (this.#dialer.phase === "dormant") this.#dialer.dial(now);
    this.#pump(now);
  }

  #hasRoom(): boolean {
    return this.#exchange.hasRoom(this.#link);
  }

  #pump(now: number): void {
    if (this.#link !== undefined) this.#exchange.pump(now, this.#link, this.#ending.isFinishing);
    if (!this.#isRoomWanted || !this.#hasRoom()) return;
    this.#isRoomWanted = false;
    this.#out.push({ type: "room" });
  }

  /** Something was answered. Only what goes beyond all that was known before forgives failures. */
  #progressed(now: number, link: Link): void {
    link.progressAtMs = now;
    link.isUseful = true;
    if (this.#ending.reached(this.#exchange.reachedFrame(link))) {
      this.#dialer.progressed();
      this.#watchdog.progressed();
    }
    this.#pump(now);
  }

  /** The spare is open: the audio goes there, and the old connection may say its last words. */
  #handOver(now: number, old: Link, connection: number): void {
    this.#rotation.retire(old, now + this.#options.finishTimeoutMs);
    this.#link = this.#exchange.takeOver(now, connection, old);
    this.#rotation.opened(now);
    this.#exchange.report.opened(connection);
    this.#pump(now);
  }

  /** The old connection has said all, or will not: the new one's words may leave. */
  #retired(now: number, isComplete: boolean): void {
    const { retiring } = this.#rotation;
    if (retiring === undefined) return;
    this.#rotation.retired();
    this.#exchange.retire(retiring, isComplete, this.#link);
    this.#out.push({ type: "close", connection: retiring.number });
    if (this.#link !== undefined) this.#progressed(now, this.#link);
    if (this.#ending.isEchoed && this.#link !== undefined) this.#answered(now, this.#link);
  }

  /** The end marker's echo; one that nobody asked for means nothing. */
  #answered(now: number, link: Link): void {
    if (link.endSentAtMs === undefined) return;
    this.#ending.isEchoed = true;
    if (this.#rotation.retiring !== undefined) return;
    if (!link.hearing.hasUntaken) this.#settle("complete");
    else this.#ending.waitForText(now);
  }

  /** What is due on a healthy connection. */
  #attend(now: number, link: Link): void {
    if (!this.#ending.isFinishing) this.#rotation.attend(now);
    if (now >= this.#watchdog.pingAtMs(link)) {
      link.pingedAtMs = now;
      this.#out.push({ type: "ping", connection: link.number });
    }
    if (now >= link.sentAtMs + this.#options.keepAliveMs) {
      if (this.#options.traceFrames > 0) this.#exchange.sender.ask(now, link);
      link.sentAtMs = now;
    }
    this.#pump(now);
  }

  /** No echo of the end marker. If all else was answered nothing is missing; if not, once more. */
  #overdue(now: number, link: Link): void {
    if (this.#exchange.isAnswered(link) || this.#ending.overdue()) this.#settle("timed-out");
    else this.#stalled(now, link);
  }

  #stalled(now: number, link: Link): void {
    this.#watchdog.stalled();
    this.#out.push({ type: "drop", connection: link.number });
    const silentMs = Math.round(now - link.progressAtMs);
    this.#lose(now, judgeStall(silentMs, this.#options.target));
  }

  #lose(now: number, verdict: Verdict): void {
    this.#ending.lost();
    this.#lost = this.#link ?? this.#lost;
    this.#link = undefined;
    this.#rotation.dropSpare();
    this.#exchange.sender.isBlocked = false;
    if (verdict.kind === "stop") {
      this.#settle("failed", verdict.error);
      return;
    }
    const delayMs = this.#dialer.lost(now, verdict);
    if (delayMs === undefined) {
      this.#settle("failed", verdict.error);
      return;
    }
    const { attempt } = this.#dialer;
    this.#exchange.report.event({ type: "reconnecting", attempt, delayMs, cause: verdict.cause });
    this.#pump(now);
  }

  /** The end, in every case. */
  #settle(reason: EndEvent["reason"], error?: EverywordError): void {
    const { retiring } = this.#rotation;
    if (retiring !== undefined) {
      this.#rotation.retired();
      this.#exchange.retire(retiring, false, this.#link);
      this.#out.push({ type: "drop", connection: retiring.number });
    }
    this.#rotation.dropSpare();
    const link = this.#link ?? this.#lost;
    const dialed = this.#link?.number ?? this.#dialer.dialing;
    if (dialed !== undefined) {
      const type = reason === "complete" || reason === "timed-out" ? "close" : "drop";
      this.#out.push({ type, connection: dialed });
    }
    const outcome = this.#exchange.close(reason, link, error);
    this.#dialer.step("settle");
    this.#link = undefined;
    this.#lost = undefined;
    this.#out.push({ type: "room" }, { type: "settled", outcome });
  }
}
