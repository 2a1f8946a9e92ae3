/**
 * The course of a session: which connection carries its audio, what follows when one opens, is
 * replaced, answers or is lost, and how the session ends. The machine says when.
 */
import type { EverywordError } from "../../errors.ts";
import type { CommandQueue } from "./command-queue.ts";
import { Dialer } from "./dialer.ts";
import type { EndEvent } from "./events.ts";
import { judgeStall, type Verdict } from "./failure.ts";
import { Ending } from "./ending.ts";
import { Exchange } from "./exchange.ts";
import { secondsOf } from "./frames.ts";
import type { Link } from "./link.ts";
import type { MachineOptions } from "./machine-options.ts";
import { Rotation } from "./rotation.ts";
import type { SlabPool } from "./slab-pool.ts";
import type { Spill } from "./spill.ts";
import { Watchdog } from "./watchdog.ts";

/** A connection that has nothing to answer was worth having when it stayed this long. */
const REST_MS = 10_000;

/**
 * Always true: at most one connection carries audio (`link`) and at most one is being dialed; in the
 * phase `settled` there is no `link`.
 */
export class Course {
  readonly exchange: Exchange;
  readonly dialer: Dialer;
  readonly watchdog: Watchdog;
  readonly rotation: Rotation;
  readonly ending: Ending;
  readonly #options: MachineOptions;
  readonly #out: CommandQueue;
  /** The connection that carries the audio. */
  link: Link | undefined;
  /** The last connection that was lost; its interims are shown until the next one is open. */
  #lost: Link | undefined;
  /** Something went wrong since the last progress. */
  #isTroubled = false;
  /** What the last `pump` said. */
  #isCalm = false;
  /** A writer waits for a `room` command. */
  isRoomWanted = false;
  /** The caller has no more audio. */
  isFinishing = false;
  /** Neither finishing nor settled. */
  takesAudio = true;

  /** @param random in [0, 1); only for the jitter of redials. */
  constructor(
    options: MachineOptions,
    pool: SlabPool,
    random: () => number,
    out: CommandQueue,
    spill: Spill | undefined,
  ) {
    this.#options = options;
    this.#out = out;
    this.exchange = new Exchange(options, pool, out, spill);
    this.dialer = new Dialer(options, out, random, this.exchange.earlierConnections);
    this.watchdog = new Watchdog(options.stallMs, options.traceFrames > 0);
    this.ending = new Ending(options.finishTimeoutMs);
    this.rotation = new Rotation(options.rotateAfterMs, this.dialer, out);
  }

  get isSettled(): boolean {
    return this.dialer.phase === "settled";
  }

  hasRoom(): boolean {
    return this.exchange.hasRoom(this.link);
  }

  /**
   * There is more audio: a sleeping session dials.
   *
   * @param fresh what was written.
   * @returns whether no deadline has come nearer by it.
   */
  wake(now: number, fresh?: Uint8Array): boolean {
    if (this.link === undefined && this.dialer.phase === "dormant") this.dialer.dial(now);
    return this.pump(now, fresh);
  }

  /** Sends what may go, and lets writers on when that made room. @returns as `wake` does. */
  pump(now: number, fresh?: Uint8Array): boolean {
    const { link } = this;
    this.#isCalm = link !== undefined && this.exchange.pump(now, link, this.isFinishing, fresh);
    if (!this.isRoomWanted || !this.hasRoom()) return this.#isCalm;
    this.isRoomWanted = false;
    this.#out.push({ type: "room" });
    return this.#isCalm;
  }

  /** The connection that was dialed carries the audio from now on. */
  opened(now: number, connection: number): void {
    const { report, sender, earlierConnections } = this.exchange;
    const isFirst = this.#lost === undefined && earlierConnections === 0;
    const isHeld = this.rotation.retiring !== undefined;
    const link = this.exchange.open(now, connection, this.#lost, isHeld);
    this.#carry(now, link);
    if (!isHeld) link.hearing.begin();
    const replayed = sender.newestSentFrame - link.origin.originFrame;
    report.opened(connection, isFirst ? undefined : secondsOf(Math.max(0, replayed)));
    this.#lost = undefined;
    this.pump(now);
  }

  /** The spare is open: the audio goes there, and the old connection may say its last words. */
  handOver(now: number, old: Link, connection: number): void {
    this.rotation.retire(old, now + this.#options.finishTimeoutMs);
    this.#carry(now, this.exchange.takeOver(now, connection, old));
    this.exchange.report.opened(connection);
    this.pump(now);
  }

  #carry(now: number, link: Link): void {
    this.link = link;
    this.rotation.opened(now);
    // Its socket is empty, whatever the one before it held.
    this.exchange.sender.isBlocked = false;
  }

  /** No more audio comes. What a sleeping session was not told of is asked for once more. */
  finish(now: number): void {
    this.isFinishing = true;
    this.takesAudio = false;
    // The connection that gets the end marker is the last: its echo must not pass for another's.
    this.rotation.dropSpare();
    if (this.dialer.phase !== "dormant") this.pump(now);
    else if (this.#lost !== undefined && !this.exchange.isSaid(this.#lost)) this.dialer.dial(now);
    else this.settle("complete");
  }

  /**
   * The connection ended behind the end marker. Without its echo what was not answered with words is
   * asked for once more; that server may end all its connections so.
   *
   * @param isGoodbye it ended in good order.
   * @returns whether that was the end.
   */
  parted(link: Link, isGoodbye: boolean): boolean {
    if (this.ending.isEchoed || (isGoodbye && this.exchange.isSaid(link))) {
      this.settle("complete");
      return true;
    }
    // It is asked again and again as long as there is something to answer.
    const { exchange } = this;
    const isDone = isGoodbye ? exchange.isAnswered(link) : exchange.isSaid(link, true);
    if (!isDone || !this.ending.overdue()) return false;
    this.settle(isGoodbye ? "complete" : "timed-out");
    return true;
  }

  /** The other side hung up while there was nothing to say. @returns whether the session may rest. */
  sleep(link: Link): boolean {
    if (!this.dialer.step("sleep")) return false;
    this.link = undefined;
    this.#lost = link;
    return true;
  }

  /**
   * Something was answered. Only what goes beyond all that was known before forgives failures.
   *
   * @returns as `wake` does.
   */
  progressed(now: number, link: Link): boolean {
    link.isUseful = true;
    const isFurther = this.ending.reached(now, this.exchange.reachedFrame(link));
    if (isFurther || this.ending.isPatient(now, link)) link.progressAtMs = now;
    if (isFurther) this.#forgive();
    else this.lives(now, link);
    // Where nothing waited, an answer lets nothing go.
    return (this.#isCalm && !this.isRoomWanted) || this.pump(now);
  }

  /**
   * A sign of life. The connection of a call on hold is cut again and again, and none of them can lead
   * further: one that stayed for a while is forgiven the trouble before it.
   */
  lives(now: number, link: Link): void {
    if (!this.#isTroubled || this.isFinishing || now - link.openedAtMs < REST_MS) return;
    if (this.exchange.isAtRest(link)) this.#forgive();
  }

  #forgive(): void {
    if (!this.#isTroubled) return;
    this.#isTroubled = false;
    this.dialer.progressed();
    this.watchdog.progressed();
  }

  /** The old connection has said all, or will not: the new one's words may leave. */
  retired(now: number, isComplete: boolean): void {
    const { retiring } = this.rotation;
    if (retiring === undefined) return;
    this.#tellRetired(retiring, isComplete);
    this.#out.push({ type: "close", connection: retiring.number });
    if (this.link !== undefined) this.progressed(now, this.link);
    if (this.ending.isEchoed && this.link !== undefined) this.answered(now, this.link);
  }

  /** Whoever took over may speak, even if it is lost by now. */
  #tellRetired(retiring: Link, isComplete: boolean): void {
    this.rotation.retired();
    this.exchange.retire(retiring, isComplete, this.link ?? this.#lost);
  }

  /** The end marker's echo; one that nobody asked for means nothing. */
  answered(now: number, link: Link): void {
    if (link.endSentAtMs === undefined) return;
    this.ending.isEchoed = true;
    if (this.rotation.retiring !== undefined) return;
    if (!link.hearing.hasUntaken && this.exchange.isQuiet(link)) this.settle("complete");
    else this.ending.waitForText(now);
  }

  /** No echo of the end marker. If all else was answered nothing is missing; if not, once more. */
  overdue(now: number, link: Link): void {
    if (this.exchange.isAnswered(link) || this.ending.overdue()) this.settle("timed-out");
    else this.stalled(now, link);
  }

  stalled(now: number, link: Link): void {
    this.#isTroubled = true;
    this.watchdog.stalled();
    this.#out.push({ type: "drop", connection: link.number });
    const silentMs = Math.round(now - link.progressAtMs);
    this.lose(now, judgeStall(silentMs, this.#options.target));
  }

  lose(now: number, verdict: Verdict): void {
    if (this.ending.isEchoed) {
      // It had said all; only the words of another were still waited for.
      this.settle("complete");
      return;
    }
    this.ending.lost();
    this.#isTroubled = true;
    this.#lost = this.link ?? this.#lost;
    this.link = undefined;
    this.rotation.dropSpare();
    if (verdict.kind === "stop") {
      this.settle("failed", verdict.error);
      return;
    }
    const delayMs = this.dialer.lost(now, verdict);
    if (delayMs === undefined) {
      this.settle("failed", verdict.error);
      return;
    }
    const { attempt } = this.dialer;
    this.exchange.report.event({ type: "reconnecting", attempt, delayMs, cause: verdict.cause });
    this.pump(now);
  }

  /** The end, in every case. */
  settle(reason: EndEvent["reason"], error?: EverywordError): void {
    const { retiring } = this.rotation;
    if (retiring !== undefined) {
      this.#tellRetired(retiring, false);
      this.#out.push({ type: "drop", connection: retiring.number });
    }
    this.rotation.dropSpare();
    const link = this.link ?? this.#lost;
    const dialed = this.link?.number ?? this.dialer.dialing;
    if (dialed !== undefined) {
      const type = reason === "complete" || reason === "timed-out" ? "close" : "drop";
      this.#out.push({ type, connection: dialed });
    }
    const outcome = this.exchange.close(reason, link, error);
    this.takesAudio = false;
    this.dialer.step("settle");
    this.link = undefined;
    this.#lost = undefined;
    this.#out.push({ type: "room" });
    this.#out.push({ type: "settled", outcome });
  }
}
