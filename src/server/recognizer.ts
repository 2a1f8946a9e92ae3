/**
 * The recognizer port: what the local server needs from whatever turns audio into words. One real
 * implementation (the local engine) and one deterministic one (for tests). Positions are integer
 * frames at 16 kHz since the stream began.
 */

export interface RecognizedWord {
  readonly text: string;
  readonly startFrame?: number | undefined;
  readonly endFrame?: number | undefined;
  /** 0 to 1; absent where the engine has none. */
  readonly confidence?: number | undefined;
  /** True when the times were interpolated, not heard. */
  readonly estimated?: boolean | undefined;
}

export interface RecognizedSegment {
  /** Counts from 0 in its stream; an update with the same index replaces the segment. */
  readonly index: number;
  readonly startFrame: number;
  readonly endFrame: number;
  readonly words: readonly RecognizedWord[];
  /** A final segment does not change and is followed by larger indices only. */
  readonly final: boolean;
}

export interface RecognizeOptions {
  /** ISO 639 code; `undefined` = whatever the engine does by default. */
  readonly language?: string | undefined;
  readonly prompt?: string | undefined;
  /** Silence after which a segment is final. Default 1. */
  readonly endpointSeconds?: number | undefined;
  /** How often the open segment is decoded anew. Default 0.5 (0 = no interims: for files). */
  readonly interimSeconds?: number | undefined;
  /** A name from `Recognizer.models`; default the first. */
  readonly model?: string | undefined;
}

export interface RecognizerModel {
  readonly id: string;
  readonly languages: readonly string[];
  readonly tasks: readonly ("transcribe" | "translate")[];
  readonly streaming: boolean;
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

export interface Recognizer {
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
  load(): RecognizerLoad;
  /** Resolves when the first result can be had without delay (weights loaded). */
  ready(): Promise<void>;
  /** Ends the engine and its workers; open streams get no more updates. */
  close(): Promise<void>;
}

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
