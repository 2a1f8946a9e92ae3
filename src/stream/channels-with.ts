/**
 * Several channels, one transcript: a session for each channel on one clock, and their words in one
 * order, each with the name of its channel as the speaker.
 */
import type { EndEvent, FinalEvent, SessionEvent } from "./core/events.ts";
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
    yield* merger.events();
  } finally {
    abort.abort();
    merger.close();
  }
}

async function pull(
  name: string,
  events: AsyncIterable<SessionEvent>,
  merger: Merger,
  abort: AbortController,
): Promise<void> {
  try {
    for await (const event of events) merger.push(name, event);
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

class Merger {
  readonly #names: readonly string[];
  readonly #orderMs: number;
  readonly #ends: EndEvent[] = [];
  readonly #out: SessionEvent[] = [];
  /** Ordered by start. */
  #waiting: Waiting[] = [];
  #open: number;
  #error: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(names: readonly string[], orderMs: number) {
    this.#names = names;
    this.#orderMs = orderMs;
    this.#open = names.length;
  }

  push(name: string, event: SessionEvent): void {
    if (event.type === "end") this.#ends.push(event);
    else if (event.type === "final") this.#hold(labelled(name, event));
    else if (event.type === "interim") this.#out.push(labelled(name, event));
    else this.#out.push({ ...event, channel: name });
    this.#wake?.();
  }

  ended(...errors: unknown[]): void {
    this.#open -= 1;
    if (errors.length > 0) this.#error ??= { error: errors[0] };
    this.#wake?.();
  }

  async *events(): AsyncGenerator<SessionEvent, undefined> {
    for (;;) {
      this.#release(this.#open === 0 ? Infinity : performance.now());
      for (const event of this.#out.splice(0)) yield event;
      if (this.#open === 0 && this.#out.length === 0 && this.#waiting.length === 0) break;
      if (this.#out.length === 0) await this.#something();
    }
    yield this.#sum();
    if (this.#error !== undefined) throw this.#error.error;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #hold(event: FinalEvent): void {
    const start = event.words[0]?.start ?? 0;
    const untilMs = this.#names.length > 1 ? performance.now() + this.#orderMs : 0;
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.start ?? 0) > start) at -= 1;
    this.#waiting.splice(at, 0, { event, start, untilMs });
  }

  /** A final leaves when its time is up, and takes those before it along. */
  #release(nowMs: number): void {
    let count = this.#waiting.findLastIndex((waiting) => waiting.untilMs <= nowMs) + 1;
    count = Math.max(count, this.#waiting.length - WAITING_LIMIT);
    for (const { event } of this.#waiting.splice(0, count)) this.#out.push(event);
  }

  #something(): Promise<void> {
    const nextMs = Math.min(...this.#waiting.map((waiting) => waiting.untilMs));
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(this.#timer);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      if (nextMs !== Infinity) {
        this.#timer = setTimeout(wake, Math.max(0, nextMs - performance.now()));
      }
    });
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
