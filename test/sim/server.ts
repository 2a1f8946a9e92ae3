/**
 * The server's side of one connection: an ideal recognizer behind the protocol's manners (PROTOCOL
 * §4, §12). Pure; what it says goes to `say`, in order.
 */
import type { Random } from "./random.ts";
import { Listener, type HeardTruth } from "./source.ts";

/** How this server behaves; one for a whole session. */
export interface ServerManners {
  /** What a message lists: the last 25 s (W10), everything (W11), or what changed. */
  readonly lists: "window" | "full" | "tail";
  readonly ids: "number" | "string" | "seg";
  /** Frames of audio between two messages. */
  readonly updateFrames: number;
  /** A word is final when this much audio lies behind it; Infinity = never (W18). */
  readonly finalAfterFrames: number;
  readonly wordsPerSegment: number;
  /** Nothing is shown before this much audio was collected; the traces are echoed all the same. */
  readonly pieceFrames: number;
  /** Provisional words are spelled wrong. */
  readonly isRough: boolean;
  /** Provisional words come and go in a segment of their own (W14). */
  readonly splits: boolean;
  readonly echoesTraces: boolean;
  readonly answersPings: boolean;
  readonly endEcho: "checkpoint" | "trace" | "doubled" | "missing";
  readonly garbage: number;
  /** Words are heard up to this much early or late, otherwise on each connection. */
  readonly waverFrames: number;
  /** Chance that a connection writes a word otherwise. */
  readonly rewords: number;
  readonly lostEchoes: number;
  /** Chance that an update is not sent; what it would have said comes with the next. */
  readonly lostTexts: number;
  /** The last two segments become one, now and then, and the ids behind them follow (W14). */
  readonly fuses: boolean;
}

export function randomManners(random: Random): ServerManners {
  return {
    lists: random.pick(["window", "window", "full", "tail"] as const),
    ids: random.pick(["number", "number", "string", "seg"] as const),
    updateFrames: random.pick([1600, 6400, 6400, 16_000]),
    finalAfterFrames: random.chance(0.07)
      ? Infinity
      : random.pick([0, 8000, 16_000, 16_000, 48_000]),
    pieceFrames: random.chance(0.2) ? random.pick([80_000, 160_000]) : 0,
    wordsPerSegment: random.pick([1, 3, 8, 30]),
    isRough: random.chance(0.5),
    splits: random.chance(0.2),
    echoesTraces: random.chance(0.93),
    answersPings: random.chance(0.95),
    endEcho: random.chance(0.05)
      ? "missing"
      : random.pick(["checkpoint", "checkpoint", "trace", "doubled"] as const),
    garbage: random.chance(0.2) ? 0.1 : 0,
    waverFrames: 0,
    rewords: 0,
    lostEchoes: 0,
    lostTexts: 0,
    fuses: false,
  };
}

const WINDOW_FRAMES = 25 * 16_000;
const GARBAGE = [
  "",
  "{",
  "[1,2]",
  "null",
  '{"object":"agent.output.unknown"}',
  '{"segments":null,"text":"","words":null}',
  '{"segments":[],"text":""}',
  '{"segments":[{"text":"no id"},7,null]}',
  '{"error":null,"hello":1}',
  '{"error":"a hiccup"}',
];

interface ShownSegment {
  readonly number: number;
  readonly words: readonly HeardTruth[];
}

/** How this connection heard a word: by how much its times are off, and how it is written. */
interface Hearing {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface WireShown {
  readonly id: number | string;
  readonly text: string;
  readonly words: readonly object[];
  readonly end: number;
}

export class ServerSide {
  readonly #manners: ServerManners;
  readonly #random: Random;
  readonly #textOf: (index: number) => string;
  readonly #say: (text: string) => void;
  readonly #listener = new Listener();
  #shownFrames = 0;
  #updates = 0;
  #pieceAt = 0;
  #shownWords = 0;
  #isOver = false;
  #lastListed = "";
  readonly #listed = new Map<number | string, string>();
  readonly #hearings = new Map<number, Hearing>();
  /** The words with which a segment begins that was fused with the one before. */
  readonly #seams = new Set<number>();

  constructor(
    manners: ServerManners,
    random: Random,
    textOf: (index: number) => string,
    say: (text: string) => void,
  ) {
    this.#manners = manners;
    this.#random = random;
    this.#textOf = textOf;
    this.#say = say;
  }

  /** What was heard so far; the simulation compares positions with it. */
  get heard(): readonly HeardTruth[] {
    return this.#listener.heard;
  }

  hearAudio(bytes: Uint8Array): void {
    this.#listener.push(bytes);
    if (this.#listener.frames - this.#shownFrames >= this.#manners.updateFrames) this.#update();
  }

  hearText(text: string): void {
    const message = JSON.parse(text) as Record<string, unknown>;
    if (message["checkpoint_id"] === "final" || message["trace_id"] === "final") this.#end();
    else if (message["object"] === "stt.input.trace" && this.#manners.echoesTraces) {
      this.#update();
      if (!this.#happens(this.#manners.lostEchoes)) this.#echoTrace(message["trace_id"]);
    }
  }

  /** Asks no randomness for what never happens. */
  #happens(chance: number): boolean {
    return chance > 0 && this.#random.chance(chance);
  }

  #echoTrace(id: unknown): void {
    this.#say(JSON.stringify({ event_id: "e", object: "stt.output.trace", trace_id: id }));
  }

  #end(): void {
    this.#isOver = true;
    this.#update();
    const { endEcho } = this.#manners;
    if (endEcho === "checkpoint" || endEcho === "doubled") this.#say('{"checkpoint_id":"final"}');
    if (endEcho === "trace" || endEcho === "doubled") this.#echoTrace("final");
  }

  #update(): void {
    this.#shownFrames = this.#listener.frames;
    this.#updates += 1;
    if (this.#random.chance(this.#manners.garbage)) this.#say(this.#random.pick(GARBAGE));
    if (!this.#isOver && this.#happens(this.#manners.lostTexts)) return;
    const segments = this.#segments().map((segment) => this.#wire(segment));
    const listed = this.#select(segments);
    const json = JSON.stringify(listed);
    if (listed.length === 0 || json === this.#lastListed) return;
    this.#lastListed = json;
    const text = JSON.stringify({ task: "transcribe", language: "en", text: "…" });
    this.#say(`${text.slice(0, -1)},"segments":${json}}`);
  }

  #segments(): ShownSegment[] {
    const { pieceFrames } = this.#manners;
    if (this.#isOver || this.#listener.frames - this.#pieceAt >= pieceFrames) {
      this.#pieceAt = this.#listener.frames;
      this.#shownWords = this.#listener.heard.length;
    }
    const heard = this.#listener.heard.slice(0, this.#shownWords);
    const per = this.#manners.wordsPerSegment;
    const segments: ShownSegment[] = [];
    if (this.#manners.fuses && heard.length > per && this.#random.chance(0.1)) {
      this.#seams.add(Math.floor((heard.length - 1) / per) * per);
    }
    for (let at = 0; at < heard.length; at += per) {
      const words = heard.slice(at, at + per);
      const last = segments.at(-1);
      if (last === undefined || !this.#seams.has(at)) {
        segments.push({ number: segments.length, words });
      } else {
        segments[segments.length - 1] = { ...last, words: [...last.words, ...words] };
      }
    }
    const last = segments.at(-1);
    if (!this.#manners.splits || this.#isOver || last === undefined || this.#updates % 2 === 0) {
      return segments;
    }
    const firm = last.words.filter((word) => this.#isFinal(word));
    const loose = last.words.slice(firm.length);
    if (firm.length === 0 || loose.length === 0) return segments;
    segments[segments.length - 1] = { number: last.number, words: firm };
    return [...segments, { number: last.number + 1, words: loose }];
  }

  #isFinal(word: HeardTruth): boolean {
    const isEnough = this.#listener.frames - word.end >= this.#manners.finalAfterFrames;
    return isEnough || (this.#isOver && this.#manners.finalAfterFrames !== Infinity);
  }

  #hear(word: HeardTruth): Hearing {
    const known = this.#hearings.get(word.start);
    if (known !== undefined) return known;
    const { waverFrames, rewords } = this.#manners;
    const off = (): number => {
      return waverFrames === 0 ? 0 : this.#random.integer(-waverFrames, waverFrames);
    };
    const plain = this.#textOf(word.index);
    const hearing = {
      start: Math.max(0, word.start + off()),
      end: word.end + off(),
      text: this.#happens(rewords) ? this.#random.pick([`${plain},`, `${plain}x`]) : plain,
    };
    this.#hearings.set(word.start, hearing);
    return hearing;
  }

  #wire(segment: ShownSegment): WireShown {
    const words = segment.words.map((word) => {
      const isFinal = this.#isFinal(word);
      const { start, end, text } = this.#hear(word);
      return {
        word: this.#manners.isRough && !isFinal ? `${text.slice(0, -1)}?` : text,
        language: "en",
        probability: 0.5,
        hallucination_score: 0,
        start: start / 16_000,
        end: end / 16_000,
        is_final: isFinal,
      };
    });
    const { number } = segment;
    const id = { number, string: String(number), seg: `seg_${number}` }[this.#manners.ids];
    return { id, text: "", words, end: words.at(-1)?.end ?? 0 };
  }

  #select(segments: readonly WireShown[]): readonly WireShown[] {
    const { lists } = this.#manners;
    if (lists === "full") return segments;
    const from = (this.#listener.frames - WINDOW_FRAMES) / 16_000;
    if (lists === "window") return segments.filter((segment) => segment.end > from);
    // From the first change on: a message that ends before a segment withdraws it (P2).
    const firstChange = segments.findIndex((segment) => {
      return this.#listed.get(segment.id) !== JSON.stringify(segment);
    });
    this.#listed.clear();
    for (const segment of segments) this.#listed.set(segment.id, JSON.stringify(segment));
    return firstChange < 0 ? [] : segments.slice(firstChange);
  }
}
