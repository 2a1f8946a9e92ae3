/**
 * The deterministic recognizer: hears words that `tone-speech.ts` coded as tones, with times exact
 * to the frame, and implements the same port as the real engine. For tests of anything that talks
 * to a server: the same audio always gives the same updates, however it is cut.
 */
import { EverywordError } from "../errors.ts";
import { WIRE_RATE } from "../stream/core/wire.ts";
import type {
  RecognizedSegment,
  RecognizedWord,
  Recognizer,
  RecognizeOptions,
  RecognizerModel,
  RecognizerStream,
} from "./recognizer.ts";
import { ToneListener, type HeardWord } from "./tone-listener.ts";

/** What the tone recognizer claims and takes. */
export interface ToneRecognizerOptions {
  /** Languages it claims to know. Default `["en"]`. */
  readonly languages?: readonly string[];
  /** Streams open at a time; one more is refused with `quota`. Default no limit. */
  readonly maxStreams?: number;
  /** A segment this long is final at its next word's end. Default 10. */
  readonly maxSegmentSeconds?: number;
}

/** Deadlines are looked at on multiples of this, so that cuts do not matter: 5 ms. */
const STEP_FRAMES = 80;
const MODEL_ID = "tones";

/**
 * A recognizer for {@link speakTones} audio. Decides everything by the audio's own clock: an interim
 * every `interimSeconds` of audio, a final segment after `endpointSeconds` of silence.
 */
export function createToneRecognizer(options: ToneRecognizerOptions = {}): Recognizer {
  const models: readonly RecognizerModel[] = [
    {
      id: MODEL_ID,
      languages: options.languages ?? ["en"],
      tasks: ["transcribe"],
      streaming: true,
      wordTimes: true,
    },
  ];
  const open = new Set<ToneStream>();
  return {
    models,
    openStream(request, onUpdate) {
      refuseUnknown(models, request);
      if (open.size >= (options.maxStreams ?? Number.POSITIVE_INFINITY)) {
        throw new EverywordError(
          "quota",
          `The tone recognizer has ${open.size} streams open, its limit; close one or raise maxStreams.`,
        );
      }
      const stream = new ToneStream(request, options.maxSegmentSeconds ?? 10, onUpdate, () =>
        open.delete(stream),
      );
      open.add(stream);
      return stream;
    },
    load: () => ({ queued: 0, behindSeconds: 0, realTimeFactor: 0 }),
    ready: () => Promise.resolve(),
    close: () => {
      for (const stream of open) stream.close();
      return Promise.resolve();
    },
  };
}

function refuseUnknown(models: readonly RecognizerModel[], request: RecognizeOptions): void {
  const model = models.find((entry) => entry.id === (request.model ?? MODEL_ID));
  if (model === undefined) {
    throw new EverywordError(
      "unsupported",
      `The tone recognizer has no model "${request.model}"; use "${MODEL_ID}".`,
    );
  }
  if (request.language !== undefined && !model.languages.includes(request.language)) {
    throw new EverywordError(
      "unsupported",
      `The tone recognizer does not know the language "${request.language}"; it knows ${model.languages.join(", ")}.`,
    );
  }
}

/** Invariant: `#words` is the open segment; it is empty exactly when `#startFrame` is undefined and no word is open. */
class ToneStream implements RecognizerStream {
  readonly #listener = new ToneListener();
  readonly #endpointFrames: number;
  readonly #interimFrames: number;
  readonly #maxFrames: number;
  readonly #onUpdate: (segment: RecognizedSegment) => void;
  readonly #onClose: () => void;
  #index = 0;
  #words: HeardWord[] = [];
  #lastUpdateFrame = 0;
  #lastText = "";
  #closed = false;

  constructor(
    request: RecognizeOptions,
    maxSegmentSeconds: number,
    onUpdate: (segment: RecognizedSegment) => void,
    onClose: () => void,
  ) {
    this.#endpointFrames = Math.round((request.endpointSeconds ?? 1) * WIRE_RATE);
    this.#interimFrames = Math.round((request.interimSeconds ?? 0.5) * WIRE_RATE);
    this.#maxFrames = Math.round(maxSegmentSeconds * WIRE_RATE);
    this.#onUpdate = onUpdate;
    this.#onClose = onClose;
  }

  push(samples: Int16Array): void {
    let from = 0;
    while (from < samples.length && !this.#closed) {
      const room = STEP_FRAMES - (this.#listener.position % STEP_FRAMES);
      const to = Math.min(samples.length, from + room);
      this.#words.push(...this.#listener.push(samples.subarray(from, to)));
      from = to;
      if (this.#listener.position % STEP_FRAMES === 0) this.#handleStep();
    }
  }

  drain(): Promise<void> {
    // What was heard since the last interim is told now: an echo means that it was answered.
    if (this.#interimFrames > 0 && !this.#closed) this.#emit(false);
    return Promise.resolve();
  }

  finish(): Promise<void> {
    if (!this.#closed) {
      this.#words.push(...this.#listener.flush());
      this.#emit(true);
    }
    return Promise.resolve();
  }

  behindSeconds(): number {
    return 0;
  }

  close(): void {
    this.#closed = true;
    this.#onClose();
  }

  #handleStep(): void {
    const now = this.#listener.position;
    const first = this.#words[0];
    const last = this.#words.at(-1);
    if (first !== undefined && last !== undefined && this.#listener.openStart === undefined) {
      const pausedEnough = now - last.endFrame >= this.#endpointFrames;
      if (pausedEnough || last.endFrame - first.startFrame >= this.#maxFrames) {
        this.#emit(true);
        return;
      }
    }
    if (this.#interimFrames > 0 && now - this.#lastUpdateFrame >= this.#interimFrames) {
      this.#emit(false);
    }
  }

  /** Reports the open segment when there is one and, for an interim, when its text changed. */
  #emit(final: boolean): void {
    const words = this.#words.map(recognized);
    const openText = this.#listener.openText;
    const openStart = this.#listener.openStart;
    const now = this.#listener.position;
    if (!final && openText !== "" && openStart !== undefined) {
      words.push({ text: openText, startFrame: openStart, endFrame: now });
    }
    const first = words[0];
    const last = words.at(-1);
    if (first === undefined || last === undefined) return;
    const text = words.map((word) => word.text).join(" ");
    if (!final && text === this.#lastText) return;
    this.#lastText = final ? "" : text;
    this.#lastUpdateFrame = now;
    const index = this.#index;
    if (final) {
      this.#index++;
      this.#words = [];
    }
    this.#onUpdate({
      index,
      startFrame: first.startFrame ?? 0,
      endFrame: last.endFrame ?? now,
      words,
      final,
    });
  }
}

function recognized(word: HeardWord): RecognizedWord {
  return {
    text: word.text,
    startFrame: word.startFrame,
    endFrame: word.endFrame,
    confidence: word.clarity,
  };
}
