/** A session that lives in another thread, as its caller sees it. */
import { EverywordError, messageOf } from "../errors.ts";
import type { Gap } from "../transcript.ts";
import type { Outcome } from "./core/commands.ts";
import type { SessionEvent } from "./core/events.ts";
import { secondsOf } from "./core/frames.ts";
import { BYTES_PER_FRAME } from "./core/wire.ts";
import { EventQueue } from "./event-queue.ts";
import { NO_WAIT, rejectQuietly } from "./live-session.ts";
import type { SessionOptions } from "./options.ts";
import { reviveOutcome, type PlainOptions, type PoolReport } from "./pool-messages.ts";
import type { PoolThread, ThreadListener } from "./pool-thread.ts";
import { checkMediaSeconds } from "./media-seconds.ts";
import { checkBytes } from "./pcm-bytes.ts";
import type { Session } from "./session-interface.ts";

/** Audio that is on its way to the thread, 2 s: with more a writer that can wait should. */
const MOST_UNTAKEN = 64_000;

/** Always true: after `#settled` nothing is said to the thread, and nothing it says is listened to. */
export class PooledSession implements Session, ThreadListener {
  readonly outcome: Promise<Outcome>;
  readonly #id: number;
  readonly #thread: PoolThread;
  readonly #apiKey: SessionOptions["service"]["apiKey"];
  readonly #signal: AbortSignal | undefined;
  readonly #events: EventQueue;
  readonly #drops: boolean;
  readonly #gaps: Gap[] = [];
  #writers: (() => void)[] = [];
  #resolveOutcome: (outcome: Outcome) => void = () => {};
  #settled: Outcome | undefined;
  #abortReason: unknown;
  #isFinished = false;
  #isFull = false;
  #untaken = 0;
  #bytes = 0;
  #words = 0;
  #reconnects = 0;

  /** @param options checked. */
  constructor(id: number, thread: PoolThread, options: SessionOptions) {
    this.#id = id;
    this.#thread = thread;
    this.#apiKey = options.service.apiKey;
    this.#signal = options.signal;
    this.#drops = options.whenFull === "drop";
    this.#events = new EventQueue(
      () => this.onRoom(),
      () => this.abort(),
    );
    this.outcome = new Promise((resolve) => {
      this.#resolveOutcome = resolve;
    });
    // What cannot travel is found out here and not where nobody would be told.
    const plain = structuredClone(plainOptions(options));
    thread.add(id, this);
    thread.call(id, { type: "open", options: plain });
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#signal?.aborted === true) this.#onAbort();
  }

  readonly #onAbort = (): void => this.abort(this.#signal?.reason);

  write(pcm: Uint8Array): Promise<void> {
    checkBytes(pcm);
    return this.#refusal() ?? this.#pass(pcm);
  }

  writeAt(mediaSeconds: number, pcm: Uint8Array): Promise<void> {
    checkMediaSeconds(mediaSeconds);
    checkBytes(pcm);
    const refused = this.#refusal();
    if (refused !== undefined) return refused;
    this.#thread.call(this.#id, { type: "at", mediaSeconds });
    return this.#pass(pcm);
  }

  pause(): void {
    this.#tell("pause");
  }

  resume(): void {
    this.#tell("resume");
  }

  finish(): Promise<Outcome> {
    this.#isFinished = true;
    this.#tell("finish");
    return this.outcome;
  }

  rotate(): void {
    this.#tell("rotate");
  }

  abort(reason?: unknown): void {
    if (this.#settled !== undefined) return;
    this.#abortReason = reason ?? new DOMException("The session was aborted", "AbortError");
    this.#tell("abort");
    this.#end("aborted");
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

  onReport(report: PoolReport): void {
    if (this.#settled !== undefined) return;
    if (report.type === "event") this.#note(report.event);
    else if (report.type === "settled") this.#settle(reviveOutcome(report.outcome));
    else if (report.type === "ask-key") void this.#giveKey(report.question);
    else {
      this.#isFull = report.type === "full";
      this.onRoom();
    }
  }

  onTaken(bytes: number): void {
    this.#untaken -= bytes;
    if (this.#writers.length > 0) this.onRoom();
  }

  onRoom(): void {
    if (this.#settled === undefined && this.#mustWait) return;
    const writers = this.#writers;
    this.#writers = [];
    for (const wake of writers) wake();
  }

  onDeath(cause: unknown): void {
    const message = `The thread of this session ended (${messageOf(cause)}); open the session again.`;
    this.#end("failed", new EverywordError("network", message, { cause }));
  }

  get #mustWait(): boolean {
    if (this.#events.isFull || this.#thread.isFull) return true;
    return !this.#drops && (this.#isFull || this.#untaken >= MOST_UNTAKEN);
  }

  #pass(pcm: Uint8Array): Promise<void> {
    this.#bytes += pcm.length;
    this.#untaken += pcm.length;
    this.#thread.write(this.#id, pcm);
    return this.#room();
  }

  #room(): Promise<void> {
    if (!this.#mustWait) return NO_WAIT;
    return new Promise((resolve) => {
      this.#writers.push(resolve);
    });
  }

  #refusal(): Promise<void> | undefined {
    if (this.#settled !== undefined) return rejectQuietly(this.#endError());
    if (!this.#isFinished) return undefined;
    return rejectQuietly(new TypeError("Cannot write: the session must not be finished"));
  }

  #tell(type: "pause" | "resume" | "finish" | "rotate" | "abort"): void {
    if (this.#settled === undefined) this.#thread.call(this.#id, { type });
  }

  async #giveKey(question: number): Promise<void> {
    try {
      const key = (typeof this.#apiKey === "function" ? await this.#apiKey() : this.#apiKey) ?? "";
      this.#thread.call(this.#id, { type: "key", question, key });
    } catch (error) {
      this.#thread.call(this.#id, { type: "no-key", question, message: messageOf(error) });
    }
  }

  #note(event: SessionEvent): void {
    if (event.type === "final") this.#words += event.words.length;
    else if (event.type === "reconnected") this.#reconnects += 1;
    else if (event.type === "gap") {
      this.#gaps.push({ start: event.start, end: event.end, reason: event.reason });
    }
    this.#events.push(event);
  }

  /** The thread cannot say how it ended, or need not. */
  #end(reason: "aborted" | "failed", error?: EverywordError): void {
    const audioSeconds = secondsOf(Math.floor(this.#bytes / BYTES_PER_FRAME));
    const counts = { audioSeconds, words: this.#words, reconnects: this.#reconnects };
    this.#events.push({ type: "end", reason, gaps: this.#gaps.length, ...counts });
    this.#settle({ reason, gaps: this.#gaps, error, ...counts });
  }

  #settle(outcome: Outcome): void {
    this.#settled = outcome;
    this.#thread.remove(this.#id);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const isError = outcome.reason === "failed" || outcome.reason === "aborted";
    this.#events.end(isError, isError ? this.#endError() : undefined);
    this.#resolveOutcome(outcome);
    this.onRoom();
  }

  #endError(): unknown {
    if (this.#settled?.reason === "aborted") return this.#abortReason;
    return this.#settled?.error ?? new TypeError("Cannot write: the session must not have ended");
  }
}

function plainOptions(options: SessionOptions): PlainOptions {
  const { service, signal: _signal, openSocket: _openSocket, ...rest } = options;
  const { onMetric: _onMetric, spill: _spill, ...plain } = rest;
  const { apiKey, ...addresses } = service;
  const asksForKey = typeof apiKey === "function";
  return {
    ...plain,
    service: { ...addresses, apiKey: asksForKey ? undefined : apiKey },
    asksForKey,
  };
}
