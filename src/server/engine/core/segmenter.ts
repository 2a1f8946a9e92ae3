/**
 * Speech flags become pieces of audio to decode. A piece is speech between pauses; one that grows
 * too long is cut at its quietest point. Which pieces come out depends on the samples alone, never
 * on how they were handed over or when.
 */

import { findQuietest } from "./quietest.ts";

/** Frames the voice detector judges at a time (Silero v5 at 16 kHz takes nothing else). */
export const WINDOW_FRAMES = 512;

export interface SegmenterOptions {
  /** Shorter speech is dropped. Default 1 600 frames, 0.1 s. */
  readonly minSpeechFrames?: number;
  /** A pause this long ends a piece. Default 4 800 frames, 0.3 s. */
  readonly minSilenceFrames?: number;
  /** Longer pieces are cut: the recognizer loops on long ones. Default 160 000 frames, 10 s. */
  readonly maxFrames?: number;
  /** Audio kept before the speech, never shared with the piece before. Default 4 800 frames, 0.3 s. */
  readonly padBeforeFrames?: number;
  /**
   * The detector is slow to hear a voice that is there from the first sample: speech that begins
   * within this distance of the first sample is taken to begin there. Default 12 800 frames, 0.8 s.
   */
  readonly coldFrames?: number;
  /** Audio kept after the speech; at most `minSilenceFrames`. Default 2 400 frames. */
  readonly padAfterFrames?: number;
  /** Silence after which `quiet` is reported. Default 16 000 frames, 1 s. */
  readonly endpointFrames?: number;
}

/** Speech between pauses, with the audio around it that the recognizer wants. */
export interface Piece {
  /** Where the speech begins and ends, in frames since the stream began. */
  readonly startFrame: number;
  readonly endFrame: number;
  /** The position of the first of `samples`, at or before `startFrame`. */
  readonly audioFrame: number;
  readonly samples: Int16Array;
}

export type SegmenterEvent =
  /** Speech has begun: what follows belongs to a new piece. */
  | { readonly type: "begin"; readonly startFrame: number }
  /** The piece is complete and will not change. */
  | { readonly type: "end"; readonly piece: Piece }
  /** Nobody has spoken for `endpointFrames`. Reported once for each silence. */
  | { readonly type: "quiet"; readonly atFrame: number };

/**
 * Invariants: `#audioFrame <= #speechStart <= #position`; the buffer holds exactly the frames from
 * `#audioFrame` to `#position`, at most `maxFrames` plus the padding and one window.
 */
export class Segmenter {
  readonly #minSpeech: number;
  readonly #minSilence: number;
  readonly #max: number;
  readonly #padBefore: number;
  readonly #cold: number;
  readonly #padAfter: number;
  readonly #endpoint: number;
  readonly #buffer: Int16Array;
  #audioFrame = 0;
  /** Where the audio began: 0, or where it was last flushed. */
  #origin = 0;
  #position = 0;
  /** Where the speech that is heard now began, be it confirmed yet or not. */
  #speechStart: number | undefined;
  /** The same, where it may lie before the audio that is kept. */
  #onset = 0;
  #confirmed = false;
  /** Where the pause inside or after the open piece began. */
  #silenceStart: number | undefined;
  /** End of the last piece, until `quiet` was reported. */
  #awaitingQuiet: number | undefined;
  /** Mean square of each window since `#speechStart`. */
  #energies: number[] = [];

  constructor(options: SegmenterOptions = {}) {
    this.#minSpeech = options.minSpeechFrames ?? 1_600;
    this.#endpoint = options.endpointFrames ?? 16_000;
    this.#minSilence = Math.min(options.minSilenceFrames ?? 4_800, this.#endpoint);
    this.#max = options.maxFrames ?? 160_000;
    this.#padBefore = options.padBeforeFrames ?? 4_800;
    this.#cold = options.coldFrames ?? 12_800;
    this.#padAfter = Math.min(options.padAfterFrames ?? 2_400, this.#minSilence);
    const idle = Math.max(this.#padBefore, this.#cold) + this.#minSpeech + this.#padAfter;
    this.#buffer = new Int16Array(this.#max + idle + 4 * WINDOW_FRAMES);
  }

  /** Frames pushed so far. */
  get position(): number {
    return this.#position;
  }

  /** True while a confirmed piece is open and its last window was speech. */
  get speaking(): boolean {
    return this.#confirmed && this.#silenceStart === undefined;
  }

  /**
   * Takes the next window and what the detector said of it.
   * @param window at most {@link WINDOW_FRAMES} frames; only the last before `flush` may be shorter.
   */
  push(window: Int16Array, speech: boolean): SegmenterEvent[] {
    const events: SegmenterEvent[] = [];
    const at = this.#position;
    this.#append(window);
    if (speech) this.#hearSpeech(at, events);
    else this.#hearSilence(at, events);
    if (this.#speechStart !== undefined) this.#energies.push(meanSquare(window));
    if (this.#confirmed && this.#position - (this.#speechStart ?? 0) >= this.#max) {
      this.#cut(events);
    }
    this.#trim();
    return events;
  }

  /** End of the audio: closes what is open. More `push` begins anew at the same position. */
  flush(): SegmenterEvent[] {
    const events: SegmenterEvent[] = [];
    if (this.#confirmed) this.#end(this.#silenceStart ?? this.#position, events);
    this.#speechStart = undefined;
    this.#silenceStart = undefined;
    this.#awaitingQuiet = undefined;
    this.#energies = [];
    this.#origin = this.#position;
    this.#drop(this.#position);
    return events;
  }

  /**
   * The open piece as far as it was heard; its audio is a copy.
   * @param fromFrame leaves out what lies before this position.
   */
  openPiece(fromFrame = 0): Piece | undefined {
    if (!this.#confirmed || this.#speechStart === undefined) return undefined;
    const startFrame = Math.max(this.#speechStart, fromFrame);
    const audioFrame = Math.max(this.#audioStart(this.#speechStart), fromFrame);
    return {
      startFrame,
      endFrame: Math.max(startFrame, this.#silenceStart ?? this.#position),
      audioFrame,
      samples: this.#copy(audioFrame, this.#position),
    };
  }

  /**
   * The open piece as it will end if nobody goes on speaking: known once the pause is as long as the
   * audio that is kept after the speech.
   */
  foreseenPiece(): Piece | undefined {
    if (!this.#confirmed || this.#silenceStart === undefined) return undefined;
    if (this.#position - this.#silenceStart < this.#padAfter) return undefined;
    return this.#pieceTo(this.#silenceStart);
  }

  /** The quietest point of the open piece between two positions. */
  quietFrame(fromFrame: number, toFrame: number): number | undefined {
    const start = this.#speechStart;
    if (!this.#confirmed || start === undefined) return undefined;
    const [from, to] = [fromFrame, toFrame].map((frame) =>
      Math.max(0, Math.floor((frame - start) / WINDOW_FRAMES)),
    );
    const window = findQuietest(this.#energies, from ?? 0, to ?? 0);
    return window === undefined ? undefined : start + window * WINDOW_FRAMES + WINDOW_FRAMES / 2;
  }

  #hearSpeech(at: number, events: SegmenterEvent[]): void {
    this.#silenceStart = undefined;
    if (this.#speechStart === undefined) {
      // The detector wants two loud windows before it says speech: it began one earlier.
      this.#onset = at - WINDOW_FRAMES;
      this.#speechStart = Math.max(this.#audioFrame, this.#onset);
      this.#energies = [0];
    }
    if (!this.#confirmed && this.#position - this.#onset >= this.#minSpeech) {
      this.#confirmed = true;
      this.#awaitingQuiet = undefined;
      events.push({ type: "begin", startFrame: this.#speechStart });
    }
  }

  #hearSilence(at: number, events: SegmenterEvent[]): void {
    if (!this.#confirmed) {
      this.#speechStart = undefined;
      if (
        this.#awaitingQuiet !== undefined &&
        this.#position - this.#awaitingQuiet >= this.#endpoint
      ) {
        this.#awaitingQuiet = undefined;
        events.push({ type: "quiet", atFrame: this.#position });
      }
      return;
    }
    this.#silenceStart ??= at;
    if (this.#position - this.#silenceStart >= this.#minSilence) {
      this.#end(this.#silenceStart, events);
      this.#speechStart = undefined;
      this.#silenceStart = undefined;
    }
  }

  #end(endFrame: number, events: SegmenterEvent[]): void {
    const piece = this.#pieceTo(endFrame);
    events.push({ type: "end", piece });
    this.#confirmed = false;
    this.#awaitingQuiet = endFrame;
    this.#drop(piece.audioFrame + piece.samples.length);
  }

  /** The open piece when its speech ends at `endFrame`. */
  #pieceTo(endFrame: number): Piece {
    const startFrame = this.#speechStart ?? endFrame;
    const audioFrame = this.#audioStart(startFrame);
    const to = Math.min(this.#position, endFrame + this.#padAfter);
    return { startFrame, endFrame, audioFrame, samples: this.#copy(audioFrame, to) };
  }

  /** Cuts the open piece at the quietest three windows of its second half. */
  #cut(events: SegmenterEvent[]): void {
    const start = this.#speechStart ?? this.#position;
    const energies = this.#energies;
    const { length } = energies;
    const quietest = findQuietest(energies, length >> 1, length - 4) ?? length - 2;
    const cut = Math.min(this.#position, start + quietest * WINDOW_FRAMES + WINDOW_FRAMES / 2);
    const samples = this.#copy(this.#audioStart(start), cut);
    const audioFrame = cut - samples.length;
    events.push(
      { type: "end", piece: { startFrame: start, endFrame: cut, audioFrame, samples } },
      { type: "begin", startFrame: cut },
    );
    this.#speechStart = cut;
    this.#energies = energies.slice(quietest);
    this.#drop(cut);
  }

  /** Where the audio of speech that begins at `start` begins. */
  #audioStart(start: number): number {
    const cold = start - this.#origin <= this.#cold;
    return Math.max(this.#audioFrame, cold ? this.#origin : start - this.#padBefore);
  }

  #append(window: Int16Array): void {
    this.#buffer.set(window, this.#position - this.#audioFrame);
    this.#position += window.length;
  }

  #copy(from: number, to: number): Int16Array {
    return this.#buffer.slice(from - this.#audioFrame, to - this.#audioFrame);
  }

  /** Forgets what lies before `frame`. */
  #drop(frame: number): void {
    this.#buffer.copyWithin(0, frame - this.#audioFrame, this.#position - this.#audioFrame);
    this.#audioFrame = frame;
  }

  /** While nobody speaks only the padding before the next speech is kept. */
  #trim(): void {
    if (this.#speechStart !== undefined) return;
    if (this.#position - this.#origin <= this.#cold + 2 * WINDOW_FRAMES) return;
    const keepFrom = this.#position - this.#padBefore - WINDOW_FRAMES;
    if (keepFrom > this.#audioFrame + WINDOW_FRAMES) this.#drop(keepFrom);
  }
}

function meanSquare(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : sum / samples.length;
}
