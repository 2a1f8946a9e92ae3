/**
 * The recognizer port: what the local server needs from whatever turns audio into words. One real
 * implementation (the local engine) and one deterministic one (for tests). Positions are integer
 * frames at 16 kHz since the stream began.
 */

/** One word, as the engine gives it. */
export interface RecognizedWord {
  /** As it is read: with its punctuation, without spaces. */
  readonly text: string;
  /** Frames at 16 kHz since the stream began; absent where the engine has none. */
  readonly startFrame?: number | undefined;
  /** Frames at 16 kHz since the stream began; never before `startFrame`. */
  readonly endFrame?: number | undefined;
  /** 0 to 1; absent where the engine has none. */
  readonly confidence?: number | undefined;
  /** True when the times were interpolated, not heard. */
  readonly estimated?: boolean | undefined;
}

/** What a stretch of speech looks like now. */
export interface RecognizedSegment {
  /** Counts from 0 in its stream; an update with the same index replaces the segment. */
  readonly index: number;
  /** Frames at 16 kHz since the stream began. */
  readonly startFrame: number;
  /** Frames at 16 kHz since the stream began; never before `startFrame`. */
  readonly endFrame: number;
  /** In the order in which they were said. */
  readonly words: readonly RecognizedWord[];
  /** A final segment does not change and is followed by larger indices only. */
  readonly final: boolean;
}

/** What one stream asks of the engine. */
export interface RecognizeOptions {
  /** ISO 639 code; `undefined` = whatever the engine does by default. */
  readonly language?: string | undefined;
  /** Vocabulary and style; an engine that cannot use it ignores it. */
  readonly prompt?: string | undefined;
  /** Silence after which a segment is final. Default 1. */
  readonly endpointSeconds?: number | undefined;
  /** How often the open segment is decoded anew. Default 0.5 (0 = no interims: for files). */
  readonly interimSeconds?: number | undefined;
  /** A name from `Recognizer.models`; default the first. */
  readonly model?: string | undefined;
}

/** What one model can do. */
export interface RecognizerModel {
  /** As `RecognizeOptions.model` names it. */
  readonly id: string;
  /** ISO 639 codes. */
  readonly languages: readonly string[];
  /** What it can be asked for. */
  readonly tasks: readonly ("transcribe" | "translate")[];
  /** Whether it gives interims. */
  readonly streaming: boolean;
  /** Whether its words have times. */
  readonly wordTimes: boolean;
}

/** How busy the engine is. */
export interface RecognizerLoad {
  /** Decodes waiting for a worker. */
  readonly queued: number;
  /** Audio seconds accepted and not yet answered, over all streams. */
  readonly behindSeconds: number;
  /** Processing time ÷ audio time over the last minute; 0 when idle. */
  readonly realTimeFactor: number;
}

/** The port behind the server: implement it to bring a recognizer of your own. */
export interface Recognizer {
  /** At least one; the first is the default. */
  readonly models: readonly RecognizerModel[];
  /**
   * Starts a stream. `onUpdate` is called for each changed segment, in order, never after `close()`.
   * @throws EverywordError `unsupported` for a language or model the engine does not have, `quota`
   * when it is full.
   */
  openStream(
    options: RecognizeOptions,
    onUpdate: (segment: RecognizedSegment) => void,
  ): RecognizerStream;
  /** How busy it is now. */
  load(): RecognizerLoad;
  /** Resolves when the first result can be had without delay (weights loaded). */
  ready(): Promise<void>;
  /** Ends the engine and its workers; open streams get no more updates. */
  close(): Promise<void>;
}

/** One timeline: audio in, segments out by the callback of `openStream`. */
export interface RecognizerStream {
  /**
   * 16 kHz mono; copied. Returns at once; after a failure or `close` it is ignored.
   * @throws EverywordError `quota` when the stream is already as far ahead as the engine allows.
   */
  push(samples: Int16Array): void;
  /**
   * Resolves, in the order of the calls, once all audio pushed before it was looked at and the
   * updates it caused were delivered: speech that is not over has been reported as an interim,
   * where interims were asked for. Finalizes nothing. Rejects when the stream has failed or is
   * closed first.
   */
  drain(): Promise<void>;
  /**
   * End of the audio: finalizes what is open, delivers it, resolves. More `push` begins a new
   * segment. Rejects as `drain` does.
   */
  finish(): Promise<void>;
  /** Seconds of pushed audio not yet looked at; for back-pressure. */
  behindSeconds(): number;
  /** Gives up: frees everything, no further update. Idempotent. */
  close(): void;
}
