/**
 * The one ordered output of a connection: transcription messages, replies and, when a scenario
 * asks, what is wrong with them (W14, W17, W18, W20, W21, W25–W27, W50, W55). Holds at most one
 * message back (W25); `flush()` sends it.
 */
import type {
  WireReply,
  WireSegment,
  WireTranscription,
  WireWord,
} from "../../stream/core/wire.ts";
import type { Faults } from "../faults/faults.ts";

/** Where frames go. */
export interface FrameSink {
  send(data: string | Uint8Array): void;
}

/** Scenarios may come from clients: what they can make the server hold or send has a bound. */
const MAX_PADDING_BYTES = 64 * 1024 * 1024;
const MAX_COPIES = 10_000;

export class Outbox {
  readonly #faults: Faults;
  readonly #sink: FrameSink;
  readonly #onSent: (messages: number) => void;
  #sent = 0;
  #held: WireTranscription | undefined;
  #last: WireTranscription | undefined;
  #frozen = false;
  #large = false;

  /** @param onSent is told how many messages have been sent, after each. */
  constructor(faults: Faults, sink: FrameSink, onSent: (messages: number) => void) {
    this.#faults = faults;
    this.#sink = sink;
    this.#onSent = onSent;
  }

  /** The transcription that was sent last. */
  get last(): WireTranscription | undefined {
    return this.#last;
  }

  /** Sends nothing any more (W55, W57). */
  freeze(): void {
    this.#frozen = true;
  }

  transcribe(message: WireTranscription): void {
    for (const told of this.#retell(message)) this.#order(told);
  }

  /** Sends a message again as it was (W23, W35, W36). */
  repeatLast(): void {
    if (this.#last !== undefined) this.#send(this.#last);
  }

  reply(message: WireReply): void {
    this.flush();
    this.#send(message);
  }

  /** Sends what was held back. */
  flush(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#send(held);
  }

  /** One message as the messages that the scenario makes of it. */
  #retell(message: WireTranscription): WireTranscription[] {
    let told = [message];
    if (this.#faults.has("W17")) told = told.flatMap(growFinal);
    const split = this.#faults.variant("W14");
    if (split !== undefined) told = told.flatMap((one) => splitInterim(one, split));
    if (this.#faults.has("W18")) told = told.map(withoutFinals);
    const languages = this.#faults.get("W21")?.text("languages");
    if (languages !== undefined) told = told.map((one) => withLanguage(one, languages));
    const nulled = this.#faults.variant("W20");
    if (nulled !== undefined) told = told.map((one) => ({ ...one, [nulled]: null }));
    return told;
  }

  #order(message: WireTranscription): void {
    this.#last = message;
    this.#garbage();
    const order = this.#faults.variant("W25");
    if (order === "reordered" && this.#held === undefined) {
      this.#held = message;
      return;
    }
    const burst = this.#faults.get("W26");
    if (burst?.variant === "large" && !this.#large) {
      this.#large = true;
      this.#send({
        ...message,
        padding: "x".repeat(Math.min(MAX_PADDING_BYTES, burst.number("bytes"))),
      });
      return;
    }
    this.#send(message);
    this.flush();
    const copies = burst?.variant === "burst" ? Math.min(MAX_COPIES, burst.number("count")) - 1 : 0;
    const repeats = copies + (order === "repeated" ? 1 : 0);
    for (let copy = 0; copy < repeats; copy++) this.#send(message);
  }

  #garbage(): void {
    const kind = this.#faults.variant("W27");
    if (kind === undefined || this.#frozen) return;
    if (kind === "broken-json") this.#sink.send('{"task":"transcribe","segm');
    else if (kind === "binary") this.#sink.send(new Uint8Array([0, 255, 7]));
    else if (kind === "unknown-object") this.#sink.send('{"object":"stt.output.weather","sun":1}');
    else this.#sink.send('{"colour":"blue"}');
  }

  #send(message: object): void {
    if (this.#frozen) return;
    this.#sink.send(JSON.stringify(message));
    this.#sent++;
    this.#onSent(this.#sent);
  }
}

/** A final segment first without its last word, then whole (W17). */
function growFinal(message: WireTranscription): WireTranscription[] {
  const last = message.segments?.at(-1);
  if (last === undefined || !isFinal(last) || (last.words?.length ?? 0) < 2) return [message];
  const words = last.words?.slice(0, -1) ?? [];
  const short = { ...last, words, text: words.map((word) => word.word).join(" ") };
  return [replaceTail(message, [short]), message];
}

/**
 * The interim segment as two (W14): `fused` leaves it to the final to join them, `retracted` also
 * sends a message in which the second is gone.
 */
function splitInterim(message: WireTranscription, kind: string): WireTranscription[] {
  const last = message.segments?.at(-1);
  if (last === undefined || typeof last.id !== "number" || isFinal(last)) return [message];
  const words = last.words ?? [];
  if (words.length < 2) return [message];
  const half = Math.ceil(words.length / 2);
  const part = (from: number, to: number, id: number): WireSegment => {
    const own = words.slice(from, to);
    const { start, end } = { start: own[0]?.start, end: own.at(-1)?.end };
    const times = start === undefined || end === undefined ? {} : { start, end };
    return { ...last, id, words: own, text: own.map((word) => word.word).join(" "), ...times };
  };
  const first = part(0, half, last.id);
  const both = replaceTail(message, [first, part(half, words.length, last.id + 1)]);
  return kind === "retracted" ? [both, replaceTail(message, [first])] : [both];
}

function replaceTail(message: WireTranscription, tail: readonly WireSegment[]): WireTranscription {
  const segments = [...(message.segments?.slice(0, -1) ?? []), ...tail];
  return {
    ...message,
    segments,
    text: segments.map((segment) => segment.text).join(" "),
    words: segments.flatMap((segment) => segment.words ?? []),
  };
}

function isFinal(segment: WireSegment): boolean {
  return segment.words?.at(-1)?.is_final === true;
}

function withoutFinals(message: WireTranscription): WireTranscription {
  return {
    ...message,
    words: message.words?.map(notFinal) ?? null,
    segments:
      message.segments?.map((segment) => ({
        ...segment,
        words: segment.words?.map(notFinal) ?? null,
      })) ?? null,
  };
}

function notFinal(word: WireWord): WireWord {
  return { ...word, is_final: false };
}

function withLanguage(message: WireTranscription, language: string): WireTranscription {
  return {
    ...message,
    language,
    segments: message.segments?.map((segment) => ({ ...segment, language })) ?? null,
  };
}
