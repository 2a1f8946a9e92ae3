/** What may be sent now, on one connection: chunk by chunk, paced, and not too far ahead of the answers. */
import type { CommandQueue } from "./command-queue.ts";
import { endMessages, traceMessage } from "./encode.ts";
import { FRAMES_PER_MS, framesOf } from "./frames.ts";
import type { Link } from "./link.ts";
import type { Loudness } from "./loudness.ts";
import type { MachineOptions } from "./machine-options.ts";
import type { Pacer } from "./pacer.ts";
import type { ReplayBuffer } from "./replay-buffer.ts";
import { BYTES_PER_FRAME } from "./wire.ts";

/** One message when there is a backlog: 200 ms, within the 50–400 ms of PROTOCOL §4.2. */
const BACKLOG_CHUNK_FRAMES = framesOf(0.2);
/** Ahead of the first echo no more than this goes out at once … */
const UNPROVEN_FRAMES = framesOf(10);
/** … until the server had this long to answer; */
const ECHO_PATIENCE_MS = 5000;
/** then this many times real time, for a server that answers no traces (PROTOCOL §4.2). */
const UNANSWERED_PACE = 4;
/** How often a blocked sender looks again. */
const LOOK_AGAIN_MS = 100;
/** The questions are looked at once in so much audio at least. */
const CLEAR_FRAMES = framesOf(5);

export class Sender {
  readonly #options: MachineOptions;
  readonly #buffer: ReplayBuffer;
  readonly #pacer: Pacer;
  readonly #loudness: Loudness;
  readonly #out: CommandQueue;
  // Also at hand, because of each chunk: looking into one more object costs more than all sums.
  readonly chunkFrames: number;
  readonly #level: MachineOptions["level"];
  /** The socket holds more than it should. */
  isBlocked = false;
  /** One past the newest frame that was ever sent. */
  #newestSent: number;

  constructor(
    options: MachineOptions,
    buffer: ReplayBuffer,
    pacer: Pacer,
    loudness: Loudness,
    out: CommandQueue,
  ) {
    this.#options = options;
    this.chunkFrames = options.chunkFrames;
    this.#level = options.level;
    this.#buffer = buffer;
    this.#pacer = pacer;
    this.#loudness = loudness;
    this.#out = out;
    this.#newestSent = buffer.endFrame;
  }

  get newestSentFrame(): number {
    return this.#newestSent;
  }

  /**
   * Sends what may go now.
   *
   * @param isFinishing the last chunk may be short.
   * @param fresh what was written last: when it is all that is to be sent, it need not be read back.
   * @returns whether nothing waits and nothing was asked, so that no deadline has come nearer.
   */
  pump(now: number, link: Link, isFinishing: boolean, fresh?: Uint8Array): boolean {
    const { origin } = link;
    let isCalm = true;
    for (;;) {
      const frames = this.#nextFrames(now, link, isFinishing);
      if (frames === 0) return isCalm;
      if (this.#readyAtMs(now, link) > now) return false;
      const from = origin.sentFrame;
      const bytes = this.#isLast(fresh, from, frames) ? fresh : this.#buffer.read(from, frames);
      if (bytes.length === 0) return false;
      this.#loudness.measure(from, frames, this.#level(bytes));
      this.#out.push({ type: "audio", connection: link.number, bytes });
      origin.sent(frames);
      link.sentAtMs = Math.floor(now);
      this.#pacer.spend(now, frames);
      const sent = origin.sentFrame;
      if (sent > this.#newestSent) this.#newestSent = sent;
      if (sent < link.clearFrame) continue;
      if (sent >= link.traces.dueFrame) {
        this.ask(now, link);
        isCalm = false;
      }
      link.clearFrame = this.#clearFrame(link);
    }
  }

  #isLast(fresh: Uint8Array | undefined, from: number, frames: number): fresh is Uint8Array {
    if (fresh?.length !== frames * BYTES_PER_FRAME) return false;
    return this.#buffer.isWhole && from + frames === this.#buffer.endFrame;
  }

  /** When `pump` may have something to do; Infinity = not before more audio comes. */
  nextAtMs(now: number, link: Link, isFinishing: boolean): number {
    if (this.#nextFrames(now, link, isFinishing) === 0) return Infinity;
    return this.#readyAtMs(now, link);
  }

  ask(now: number, link: Link): void {
    const id = link.traces.ask(now, link.origin.sentFrame);
    link.sentAtMs = Math.floor(now);
    this.#out.push({ type: "text", connection: link.number, text: traceMessage(id) });
  }

  /** The end marker, behind a trace that says whether everything was answered. */
  end(now: number, link: Link): void {
    if (this.#options.traceFrames > 0) this.ask(now, link);
    for (const text of endMessages(this.#options.endForm)) {
      this.#out.push({ type: "text", connection: link.number, text });
    }
    link.endSentAtMs = now;
  }

  #nextFrames(now: number, link: Link, isFinishing: boolean): number {
    const unsent = this.#buffer.endFrame - link.origin.sentFrame;
    const chunk = this.chunkFrames;
    if (unsent < chunk) return isFinishing ? Math.max(0, unsent) : 0;
    const isBacklog =
      unsent >= BACKLOG_CHUNK_FRAMES && this.#pacer.isLate(now, link.origin.sentFrame);
    return isBacklog ? Math.max(chunk, BACKLOG_CHUNK_FRAMES) : chunk;
  }

  #readyAtMs(now: number, link: Link): number {
    const sent = link.origin.sentFrame;
    const readyAtMs = this.#pacer.readyAtMs(sent);
    const isAhead = this.isBlocked || (sent >= link.clearFrame && this.#isAhead(now, link, sent));
    return isAhead ? Math.max(readyAtMs, now + LOOK_AGAIN_MS) : readyAtMs;
  }

  /**
   * Never a limit for good: a server that stops answering traces slows the sender down, it does not
   * stop it (the watchdog decides whether it is dead).
   */
  #isAhead(now: number, link: Link, sentFrame: number): boolean {
    const limit = this.#limitFrame(link);
    if (sentFrame < limit) return false;
    const waitedMs = now - link.echoAtMs - ECHO_PATIENCE_MS;
    const extra = Math.max(0, waitedMs) * UNANSWERED_PACE * FRAMES_PER_MS;
    return sentFrame >= limit + extra;
  }

  /** Ahead of the answers no further than this. It only grows. */
  #limitFrame({ traces }: Link): number {
    const { traceFrames, pace, inFlightFrames } = this.#options;
    if (traceFrames === 0 && pace !== "max") return Infinity;
    return traces.heardFrame + (traces.echoes > 0 ? inFlightFrames : UNPROVEN_FRAMES);
  }

  #clearFrame(link: Link): number {
    const { sentFrame } = link.origin;
    return Math.min(link.traces.dueFrame, this.#limitFrame(link), sentFrame + CLEAR_FRAMES);
  }
}
