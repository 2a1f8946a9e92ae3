/**
 * Recognized segments -> transcription messages (PROTOCOL §4.3, §4.5). Pure. A message carries the
 * segments of a sliding window (W10, W12) or every one since id 0 (W11).
 */
import { isUnspacedLanguage, joinTexts } from "../../transcript.ts";
import {
  WIRE_RATE,
  type WireSegment,
  type WireTranscription,
  type WireWord,
} from "../../stream/core/wire.ts";
import type { RecognizedSegment, RecognizedWord } from "../recognizer.ts";

export interface WindowRules {
  readonly task: "transcribe" | "translate";
  readonly language: string;
  /** Whether words and segments carry `start` and `end` (W19). */
  readonly times: boolean;
  /** Audio that a message looks back on; `Infinity` = every segment (W11). Default 25 (W12). */
  readonly windowSeconds?: number;
  /** How an id is written (W13). Default `number`. */
  readonly ids?: "number" | "string" | "seg";
  /** Whether segments carry the undocumented `seek` (W22). Default true. */
  readonly seek?: boolean;
}

/** Where ids and times continue after a clear (W36, variant `continue`); else both are 0. */
export interface WindowOrigin {
  readonly id: number;
  readonly frame: number;
}

/**
 * Invariant: segments are kept in the order of their ids, and none that ended more than
 * `windowSeconds` before the newest one's end is kept, except the one just updated.
 */
export class SegmentWindow {
  readonly #rules: WindowRules;
  readonly #origin: WindowOrigin;
  readonly #windowFrames: number;
  #segments: RecognizedSegment[] = [];

  constructor(rules: WindowRules, origin: WindowOrigin = { id: 0, frame: 0 }) {
    this.#rules = rules;
    this.#origin = origin;
    this.#windowFrames = (rules.windowSeconds ?? 25) * WIRE_RATE;
  }

  /** The first id that a next window would use to go on counting. */
  get nextId(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? this.#origin.id : this.#origin.id + last.index + 1;
  }

  /** Takes a changed segment; the message that tells it. */
  update(segment: RecognizedSegment): WireTranscription {
    this.#segments = this.#segments.filter((known) => known.index < segment.index);
    this.#segments.push(segment);
    const from = segment.endFrame - this.#windowFrames;
    this.#segments = this.#segments.filter(
      (known) => known.endFrame > from || known.index === segment.index,
    );
    return this.message(this.#segments);
  }

  /** A message that lists exactly these segments. */
  message(segments: readonly RecognizedSegment[]): WireTranscription {
    const wire = segments.map((segment) => this.#segment(segment));
    return {
      task: this.#rules.task,
      language: this.#rules.language,
      text: joinTexts(
        wire.map((segment) => segment.text),
        this.#rules.language,
      ),
      words: wire.flatMap((segment) => segment.words ?? []),
      segments: wire,
    };
  }

  #segment(segment: RecognizedSegment): WireSegment {
    const { language } = this.#rules;
    const words = segment.words.map((word) => this.#word(word, segment.final));
    const wire: WireSegment = {
      id: this.#id(segment.index),
      text: segmentText(segment, language),
      language,
      words,
      ...this.#span(segment.startFrame, segment.endFrame),
    };
    if (this.#rules.seek === false) return wire;
    return { ...wire, seek: Math.round((segment.startFrame * 100) / WIRE_RATE) };
  }

  #word(word: RecognizedWord, final: boolean): WireWord {
    return {
      word: word.text,
      language: this.#rules.language,
      ...scores(word.confidence),
      ...this.#span(word.startFrame, word.endFrame),
      is_final: final,
    };
  }

  #span(startFrame: number | undefined, endFrame: number | undefined): object {
    if (!this.#rules.times || startFrame === undefined || endFrame === undefined) return {};
    return {
      start: (this.#origin.frame + startFrame) / WIRE_RATE,
      end: (this.#origin.frame + endFrame) / WIRE_RATE,
    };
  }

  #id(index: number): number | string {
    const id = this.#origin.id + index;
    switch (this.#rules.ids ?? "number") {
      case "number":
        return id;
      case "string":
        return String(id);
      case "seg":
        return `seg_${id}`;
      default:
        return id;
    }
  }
}

/** Words of a segment as they are read. */
export function segmentText(segment: RecognizedSegment, language: string): string {
  const texts = segment.words.map((word) => word.text);
  return isUnspacedLanguage(language) ? texts.join("") : joinTexts(texts, language);
}

/**
 * `probability` and `hallucination_score`: only where the engine has them. The reference calls them
 * required, but an invented figure would be read as a measured one (U13: clients tolerate absence).
 */
export function scores(confidence: number | undefined): {
  probability?: number;
  hallucination_score?: number;
} {
  if (confidence === undefined) return {};
  return { probability: Math.round(confidence * 1e4) / 1e4, hallucination_score: 0 };
}
