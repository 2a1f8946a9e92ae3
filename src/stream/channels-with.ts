/**
 * Several channels, one transcript: a session for each channel on one clock, and their words in one
 * order, each with the name of its channel as the speaker.
 */
import type { EndEvent, FinalEvent, SessionEvent } from "./core/events.ts";
import { EventQueue } from "./event-queue.ts";
import type { SessionOptions } from "./options.ts";
import type { Session } from "./session-interface.ts";
import { transcribeWith } from "./transcribe-with.ts";

/** What all channels share, and how their finals are put in order. */
export interface ChannelOptions extends SessionOptions {
  /** How long a final waits for an earlier one of another channel. Default 1000, 0 to 30 000. */
  readonly orderMs?: number | undefined;
}

/** At most this many finals wait for each other; more leave at once. */
const WAITING_LIMIT = 256;

/** Opens the sessions when the first event is asked for. See `transcribeChannels`. */
export async function* transcribeChannelsWith(
  channels: Readonly<Record<string, AsyncIterable<Uint8Array>>>,
  options: ChannelOptions,
  open: (options: SessionOptions) => Session,
): AsyncGenerator<SessionEvent, undefined> {
  const names = Object.keys(channels);
  if (names.length === 0) {
    throw new RangeError("Cannot transcribe channels: channels must be one or more, got none");
  }
  const orderMs = options.orderMs ?? 1000;
  if (!(orderMs >= 0 && orderMs <= 30_000)) {
    throw new RangeError(`Cannot transcribe channels: orderMs must be 0 to 30000, got ${orderMs}`);
  }
  const abort = new AbortController();
  const signals = options.signal === undefined ? [] : [options.signal];
  const signal = AbortSignal.any([abort.signal, ...signals]);
  const merger = new Merger(names, orderMs);
  for (const [name, chunks] of Object.entries(channels)) {
    const events = transcribeWith(chunks, () => open({ ...options, signal }));
    void pull(name, events, merger, abort);
  }
  try {
    yield* merger;
  } finally {
    abort.abort();
  }
}

async function pull(
  name: string,
  events: AsyncIterable<SessionEvent>,
  merger: Merger,
  abort: AbortController,
): Promise<void> {
  try {
    for await (const event of events) await merger.push(name, event);
    merger.ended();
  } catch (error) {
    merger.ended(error);
    abort.abort(error);
  }
}

interface Waiting {
  readonly event: FinalEvent;
  readonly start: number;
  readonly untilMs: number;
}

/**
 * Always true: what is behind the reader is in the queue, and at most `WAITING_LIMIT` finals wait to
 * get there, each for `orderMs` at most, whether anybody reads or not. A channel that says nothing
 * holds back no other.
 */
class Merger implements AsyncIterable<SessionEvent> {
  readonly #names: readonly string[];
  readonly #orderMs: number;
  readonly #ends: EndEvent[] = [];
  readonly #queue = new EventQueue(
    () => this.#wakeWriters(),
    () => this.#leave(),
  );
  /** Ordered by start. */
  #waiting: Waiting[] = [];
  /** Where the latest final of each channel begins: one without times stays behind it. */
  readonly #lastStarts = new Map<string, number>();
  #writers: (() => void)[] = [];
  #open: number;
  #error: { readonly error: unknown } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLeft = false;

  constructor(names: readonly string[], orderMs: number) {
    this.#names = names;
    this.#orderMs = orderMs;
    this.#open = names.length;
    this.#queue.isRead = true;
  }

  [Symbol.asyncIterator](): AsyncIterator<SessionEvent, undefined> {
    return this.#queue;
  }

  /** Resolves when there is room for more: a reader who is behind holds all channels back. */
  async push(name: string, event: SessionEvent): Promise<void> {
    if (this.#isLeft) return;
    if (event.type === "end") this.#ends.push(event);
    else if (event.type === "final") this.#hold(name, labelled(name, event));
    else if (event.type === "interim") this.#queue.push(labelled(name, event));
    else this.#queue.push({ ...event, channel: name });
    if (!this.#queue.isFull) return;
    await new Promise<void>((resolve) => {
      this.#writers.push(resolve);
    });
  }

  /** A channel has ended, with the error that is given. */
  ended(...errors: unknown[]): void {
    this.#open -= 1;
    if (errors.length > 0) this.#error ??= { error: errors[0] };
    if (this.#open > 0) return;
    this.#release(Infinity);
    this.#queue.push(this.#sum());
    this.#queue.end(this.#error !== undefined, this.#error?.error);
  }

  #wakeWriters(): void {
    for (const wake of this.#writers.splice(0)) wake();
  }

  /** The reader went away. */
  #leave(): void {
    this.#isLeft = true;
    this.#waiting = [];
    clearTimeout(this.#timer);
    this.#wakeWriters();
  }

  #hold(name: string, event: FinalEvent): void {
    const last = this.#lastStarts.get(name) ?? 0;
    const start = event.words.find((word) => word.start !== undefined)?.start ?? last;
    this.#lastStarts.set(name, Math.max(last, start));
    const nowMs = performance.now();
    const untilMs = this.#names.length > 1 ? nowMs + this.#orderMs : nowMs;
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.start ?? 0) > start) at -= 1;
    this.#waiting.splice(at, 0, { event, start, untilMs });
    this.#release(nowMs);
  }

  /** A final leaves when its time is up, and takes those before it along. */
  #release(nowMs: number): void {
    let count = this.#waiting.findLastIndex((waiting) => waiting.untilMs <= nowMs) + 1;
    count = Math.max(count, this.#waiting.length - WAITING_LIMIT);
    for (const { event } of this.#waiting.splice(0, count)) this.#queue.push(event);
    clearTimeout(this.#timer);
    if (this.#waiting.length === 0) return;
    const nextMs = Math.min(...this.#waiting.map((waiting) => waiting.untilMs));
    this.#timer = setTimeout(() => this.#release(performance.now()), nextMs - nowMs);
  }

  #sum(): EndEvent {
    const ends = this.#ends;
    const worst = ["failed", "aborted", "timed-out", "complete"] as const;
    const total = (key: "words" | "gaps" | "reconnects"): number =>
      ends.reduce((sum, end) => sum + end[key], 0);
    return {
      type: "end",
      reason: worst.find((reason) => ends.some((end) => end.reason === reason)) ?? "aborted",
      audioSeconds: Math.max(0, ...ends.map((end) => end.audioSeconds)),
      words: total("words"),
      gaps: total("gaps"),
      reconnects: total("reconnects"),
    };
  }
}

function labelled<T extends Extract<SessionEvent, { segment: string }>>(name: string, event: T): T {
  const words = event.words.map((word) => ({ ...word, speaker: name }));
  return { ...event, segment: `${name}/${event.segment}`, words };
}
