/**
 * The session, without I/O: inputs come through `handle…`, time as their first argument, and what is
 * to be done goes out through `poll()`. A driver feeds one input, drains `poll()`, and calls
 * `handleTimeout` at `nextTimeout()`.
 */
import type { EverywordError } from "../../errors.ts";
import { decodeMessage } from "./codec.ts";
import type { Command } from "./commands.ts";
import type { EndEvent } from "./events.ts";
import { judgeClose, judgeDial, judgeStall, type DialFailure, type Verdict } from "./failure.ts";
import { Exchange } from "./exchange.ts";
import { secondsOf } from "./frames.ts";
import type { Link } from "./link.ts";
import type { MachineOptions } from "./machine-options.ts";
import { nextPhase, type Phase, type Step } from "./phase.ts";
import { Redial } from "./redial.ts";
import type { SlabPool } from "./slab-pool.ts";
import { Watchdog } from "./watchdog.ts";

/** Text that belongs to the end marker may come this much after its echo (W35). */
const LATE_TEXT_MS = 300;
/** Connections that may be lost between the end marker and its echo without anything new. */
const FRUITLESS_ENDS = 3;
/** A connection that stayed this long was worth having, even if there was nothing to answer. */
const LONG_LIVED_MS = 30_000;

/**
 * Always true: at most one connection carries audio (`#link`) and at most one is being dialed;
 * `base <= sent <= end` for `#link`; after `settled` nothing is put out.
 */
export class SessionMachine {
  readonly #options: MachineOptions;
  readonly #out: Command[] = [];
  readonly #exchange: Exchange;
  readonly #redial: Redial;
  readonly #watchdog: Watchdog;
  #phase: Phase = "idle";
  #connections = 0;
  #dialDeadlineMs = Infinity;
  #redialAtMs = Infinity;
  #graceEndMs = Infinity;
  #link: Link | undefined;
  /** The last connection that was lost; its interims are shown until the next one is open. */
  #lost: Link | undefined;
  /** The furthest position that any connection has answered. */
  #furthestFrame = 0;
  /** End markers that nothing new was answered after. */
  #fruitlessEnds = 0;
  #isFinishing = false;
  #isRoomWanted = false;

  /** @param random in [0, 1); only for the jitter of redials. */
  constructor(options: MachineOptions, pool: SlabPool, random: () => number) {
    const out = (command: Command): void => {
      this.#out.push(command);
    };
    this.#options = options;
    this.#exchange = new Exchange(options, pool, out);
    this.#redial = new Redial(options.redial, random);
    this.#watchdog = new Watchdog(options.stallMs);
  }

  /** The next thing to do; `undefined` = nothing until the next input. */
  poll(): Command | undefined {
    return this.#out.shift();
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Memory that the replay buffer holds. */
  get heldBytes(): number {
    return this.#exchange.heldBytes;
  }

  /** Whether this connection is still wanted. */
  isDialing(connection: number): boolean {
    return this.#phase === "dialing" && connection === this.#connections;
  }

  /** Whether a writer may write on. Asked after a write; a `room` command follows a `false`. */
  hasRoom(): boolean {
    const room = this.#isSettled || this.#options.whenFull === "drop" || this.#hasRoom();
    this.#isRoomWanted = !room;
    return room;
  }

  handleStart(now: number): void {
    this.#dial(now);
  }

  /** Wire audio, any byte count. Copied. */
  handleWrite(now: number, bytes: Uint8Array): void {
    if (this.#isSettled || this.#isFinishing) return;
    this.#exchange.write(now, this.#link, bytes);
    if (this.#phase === "dormant") this.#dial(now);
    this.#pump(now);
  }

  /** No more audio: what is left is sent, then the end marker, and its echo ends the session. */
  handleFinish(now: number): void {
    if (this.#isFinishing || this.#isSettled) return;
    this.#isFinishing = true;
    if (this.#phase === "dormant") this.#settle("complete");
    else this.#pump(now);
  }

  handleAbort(): void {
    if (!this.#isSettled) this.#settle("aborted");
  }

  handleOpen(now: number, connection: number): void {
    if (connection !== this.#connections || !this.#step("opened")) return;
    this.#dialDeadlineMs = Infinity;
    this.#redial.opened();
    const { report, sender } = this.#exchange;
    const isFirst = this.#lost === undefined;
    this.#link = this.#exchange.open(now, connection, this.#lost);
    const replayed = sender.newestSentFrame - this.#link.origin.originFrame;
    if (isFirst) report.event({ type: "connected", connection });
    else report.reconnected(connection, secondsOf(Math.max(0, replayed)));
    this.#lost = undefined;
    this.#pump(now);
  }

  handleRefused(now: number, connection: number, failure: DialFailure, hostIsKnown: boolean): void {
    if (connection !== this.#connections || this.#phase !== "dialing") return;
    this.#lose(now, judgeDial(failure, this.#options.target, hostIsKnown));
  }

  handleClosed(now: number, connection: number, code: number, reason: string): void {
    const link = this.#link;
    if (link?.number !== connection) return;
    const isClean = code === 1000 || code === 1001 || code === 1005;
    const isAllAnswered = this.#exchange.isAnswered(link);
    if (isClean && isAllAnswered && link.endSentAtMs !== undefined) {
      this.#settle("complete");
      return;
    }
    const mayRest = isAllAnswered && !link.hearing.hasUntaken && !this.#isFinishing;
    if (isClean && mayRest && this.#step("sleep")) {
      this.#link = undefined;
      this.#lost = link;
      return;
    }
    const wasUseful = link.isUseful || now - link.openedAtMs >= LONG_LIVED_MS;
    this.#lose(now, judgeClose(code, reason, this.#options.target, wasUseful));
  }

  handleText(now: number, connection: number, text: string): void {
    const link = this.#link;
    if (link?.number !== connection) return;
    link.receivedAtMs = now;
    const message = decodeMessage(text);
    const { report } = this.#exchange;
    if (message.kind === "text") {
      this.#exchange.hear(link, message.segments);
      this.#progressed(now, link);
    } else if (message.kind === "trace") {
      if (!this.#exchange.echo(now, link, message.id)) return;
      this.#watchdog.proven();
      this.#progressed(now, link);
    } else if (message.kind === "end") this.#answered(now, link);
    else if (message.kind === "error") report.warn("server-error", message.message);
    else if (message.kind === "skipped") {
      report.warn("unreadable-message", `A message was skipped: ${message.why}.`);
    }
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
    if (this.#phase === "waiting") return this.#redialAtMs;
    if (this.#phase === "dialing") return this.#dialDeadlineMs;
    const link = this.#link;
    if (link === undefined) return Infinity;
    return Math.min(
      this.#exchange.sender.nextAtMs(now, link, this.#isFinishing),
      this.#watchdog.pingAtMs(link),
      this.#watchdog.deadAtMs(link),
      link.sentAtMs + this.#options.keepAliveMs,
      this.#finishDeadlineMs(link),
      this.#graceEndMs,
    );
  }

  handleTimeout(now: number): void {
    if (this.#phase === "waiting" && now >= this.#redialAtMs) this.#dial(now);
    if (this.#phase === "dialing" && now >= this.#dialDeadlineMs) {
      const message = `no answer to the handshake within ${this.#options.handshakeTimeoutMs} ms`;
      this.#out.push({ type: "drop", connection: this.#connections });
      this.handleRefused(now, this.#connections, { kind: "network", message }, true);
    }
    const link = this.#link;
    if (link === undefined) return;
    if (now >= this.#graceEndMs) this.#settle("complete");
    else if (now >= this.#finishDeadlineMs(link)) this.#settle("timed-out");
    else if (now >= this.#watchdog.deadAtMs(link)) this.#stalled(now, link);
    else this.#attend(now, link);
  }

  get #isSettled(): boolean {
    return this.#phase === "settled";
  }

  #step(step: Step): boolean {
    const next = nextPhase(this.#phase, step);
    if (next !== undefined) this.#phase = next;
    return next !== undefined;
  }

  #dial(now: number): void {
    if (!this.#step("dial")) return;
    this.#connections += 1;
    this.#redialAtMs = Infinity;
    this.#dialDeadlineMs = now + this.#options.handshakeTimeoutMs;
    this.#out.push({ type: "dial", connection: this.#connections });
  }

  #hasRoom(): boolean {
    return this.#exchange.hasRoom(this.#link);
  }

  #pump(now: number): void {
    if (this.#link !== undefined) this.#exchange.pump(now, this.#link, this.#isFinishing);
    if (!this.#isRoomWanted || !this.#hasRoom()) return;
    this.#isRoomWanted = false;
    this.#out.push({ type: "room" });
  }

  /** Something was answered. Only what goes beyond all that was known before forgives failures. */
  #progressed(now: number, link: Link): void {
    link.progressAtMs = now;
    link.isUseful = true;
    const reached = this.#exchange.reachedFrame(link);
    if (reached > this.#furthestFrame) {
      this.#furthestFrame = reached;
      this.#fruitlessEnds = 0;
      this.#redial.progressed();
      this.#watchdog.progressed();
    }
    this.#pump(now);
  }

  /** The end marker's echo; one that nobody asked for means nothing. */
  #answered(now: number, link: Link): void {
    if (link.endSentAtMs === undefined) return;
    if (!link.hearing.hasUntaken) this.#settle("complete");
    else this.#graceEndMs = Math.min(this.#graceEndMs, now + LATE_TEXT_MS);
  }

  #finishDeadlineMs(link: Link): number {
    if (link.endSentAtMs === undefined) return Infinity;
    return Math.max(link.endSentAtMs, link.progressAtMs) + this.#options.finishTimeoutMs;
  }

  /** What is due on a healthy connection. */
  #attend(now: number, link: Link): void {
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

  #stalled(now: number, link: Link): void {
    this.#watchdog.stalled();
    this.#out.push({ type: "drop", connection: link.number });
    const silentMs = Math.round(now - link.progressAtMs);
    this.#lose(now, judgeStall(silentMs, this.#options.target));
  }

  #lose(now: number, verdict: Verdict): void {
    const wasOpen = this.#link !== undefined;
    if (wasOpen) this.#lost = this.#link;
    this.#link = undefined;
    this.#exchange.sender.isBlocked = false;
    this.#graceEndMs = Infinity;
    this.#dialDeadlineMs = Infinity;
    if (verdict.kind === "stop") {
      this.#settle("failed", verdict.error);
      return;
    }
    if (this.#lost?.endSentAtMs !== undefined && wasOpen) this.#fruitlessEnds += 1;
    if (this.#fruitlessEnds >= FRUITLESS_ENDS) {
      this.#settle("timed-out");
      return;
    }
    const delayMs = this.#redial.failed(now, verdict);
    if (delayMs === undefined) {
      this.#settle("failed", verdict.error);
      return;
    }
    this.#step("lost");
    this.#redialAtMs = now + delayMs;
    const { attempt } = this.#redial;
    this.#exchange.report.event({ type: "reconnecting", attempt, delayMs, cause: verdict.cause });
    this.#pump(now);
  }

  /** The end, in every case. */
  #settle(reason: EndEvent["reason"], error?: EverywordError): void {
    const link = this.#link ?? this.#lost;
    const dialed = this.#phase === "dialing" ? this.#connections : this.#link?.number;
    if (dialed !== undefined) {
      const type = reason === "complete" || reason === "timed-out" ? "close" : "drop";
      this.#out.push({ type, connection: dialed });
    }
    const outcome = this.#exchange.close(reason, link, error);
    this.#step("settle");
    this.#link = undefined;
    this.#lost = undefined;
    this.#out.push({ type: "room" }, { type: "settled", outcome });
  }
}
