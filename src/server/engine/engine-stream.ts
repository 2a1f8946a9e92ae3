import { EverywordError } from "../../errors.ts";
import type { RecognizedSegment, RecognizeOptions, RecognizerStream } from "../recognizer.ts";
import { FrameQueue } from "./core/frame-queue.ts";
import { type Piece, Segmenter, type SegmenterEvent, WINDOW_FRAMES } from "./core/segmenter.ts";
import { spreadTimes } from "./core/spread.ts";
import type { DecodeReply } from "./messages.ts";
import { PieceOrder, type PieceState } from "./pieces.ts";

const SAMPLE_RATE = 16_000;
/**
 * After an interim the next waits for this many times the time it took, as audio: where decoding is
 * slow, interims become rarer and leave the workers to the finals.
 */
const INTERIM_REST = 1.5;
/** Windows the ear judges in one go: two seconds, so that many streams share it evenly. */
const MOST_WINDOWS = 64;
/** Complete pieces that wait for a decoder; beyond, the stream listens no further until one is done. */
const MOST_UNDECODED = 8;

/** What a stream needs from its engine. */
export interface StreamServices {
  detect(samples: Int16Array): Promise<Uint8Array>;
  decodeFinal(piece: Piece): Promise<DecodeReply>;
  decodeInterim(piece: Piece): Promise<DecodeReply | undefined>;
  /** Forget the detector's state: the next audio is unrelated. */
  resetDetector(): void;
  closed(): void;
}

export interface StreamLimits {
  /** `push` refuses more while this much is not looked at. */
  readonly mostBehindSeconds: number;
}

/** A caller that waits for the audio up to a position; `atEnd` closes what is open there. */
interface Mark {
  readonly afterFrame: number;
  readonly atEnd: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One stream: audio in, segments out. Listening runs ahead of decoding by a bounded number of
 * pieces. Everything that decides the final words depends on the samples alone; interims come when
 * there is time for them.
 */
export class EngineStream implements RecognizerStream {
  readonly #services: StreamServices;
  readonly #limits: StreamLimits;
  readonly #frames = new FrameQueue();
  readonly #segmenter: Segmenter;
  readonly #order: PieceOrder;
  readonly #interimFrames: number;
  readonly #working = new Set<Promise<void>>();
  readonly #marks: Mark[] = [];
  #open: PieceState | undefined;
  #nextInterimFrame = 0;
  /** The newest interim asked for of the open piece; older ones that still wait were pushed out. */
  #requested: Piece | undefined;
  /** Frames accepted, and frames handed to the ear: `position <= taken <= pushed`. */
  #pushed = 0;
  #taken = 0;
  #running = false;
  #closed = false;
  #failure: EverywordError | undefined;
  #answered: Promise<void> = Promise.resolve();

  constructor(
    options: RecognizeOptions,
    onUpdate: (segment: RecognizedSegment) => void,
    services: StreamServices,
    limits: StreamLimits,
  ) {
    this.#services = services;
    this.#limits = limits;
    const endpoint = Math.round((options.endpointSeconds ?? 1) * SAMPLE_RATE);
    this.#segmenter = new Segmenter({ endpointFrames: endpoint });
    this.#interimFrames = Math.round((options.interimSeconds ?? 0.5) * SAMPLE_RATE);
    this.#order = new PieceOrder((segment) => {
      if (!this.#closed) onUpdate(segment);
    }, this.#interimFrames > 0);
  }

  push(samples: Int16Array): void {
    if (this.#closed || this.#failure !== undefined) return;
    if (this.behindSeconds() >= this.#limits.mostBehindSeconds) {
      throw new EverywordError(
        "quota",
        `The recognizer is ${Math.round(this.behindSeconds())} s behind this stream; ` +
          "wait for behindSeconds() to fall before pushing more.",
      );
    }
    this.#frames.push(samples);
    this.#pushed += samples.length;
    this.#wake();
  }

  drain(): Promise<void> {
    return this.#mark(false);
  }

  finish(): Promise<void> {
    return this.#mark(true);
  }

  behindSeconds(): number {
    const lookedAt = this.#order.oldestFrame ?? this.#segmenter.position;
    return (this.#pushed - lookedAt) / SAMPLE_RATE;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frames.clear();
    this.#services.closed();
    this.#failMarks(closedEarly());
  }

  #mark(atEnd: boolean): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#marks.push({ afterFrame: this.#pushed, atEnd, resolve, reject });
      this.#wake();
    });
  }

  #wake(): void {
    if (!this.#running) void this.#runOnce();
  }

  async #runOnce(): Promise<void> {
    this.#running = true;
    try {
      await this.#run();
    } catch (error) {
      this.#fail(error);
    }
    this.#running = false;
    // What came between the last look and this line woke nobody.
    const more = this.#marks.length > 0 || this.#frames.length >= WINDOW_FRAMES;
    if (more && !this.#closed && this.#failure === undefined) this.#wake();
  }

  /** Listens until there is nothing to listen to; answers marks as it passes them. */
  async #run(): Promise<void> {
    for (;;) {
      await Promise.resolve();
      if (this.#closed || this.#failure !== undefined) return;
      const next = this.#marks[0];
      const until = (next?.afterFrame ?? this.#pushed) - this.#taken;
      const windows = Math.min(MOST_WINDOWS, Math.floor(until / WINDOW_FRAMES));
      if (windows > 0) await this.#listen(windows * WINDOW_FRAMES);
      else if (next === undefined) return;
      else {
        this.#marks.shift();
        await this.#pass(next, until);
      }
      while (this.#order.undecoded > MOST_UNDECODED && this.#working.size > 0) {
        await Promise.race(this.#working);
      }
    }
  }

  async #pass(mark: Mark, rest: number): Promise<void> {
    if (mark.atEnd) {
      if (rest > 0) await this.#listen(rest);
      this.#handle(this.#segmenter.flush());
      this.#services.resetDetector();
      this.#order.closeAll();
    }
    const heardFrame = this.#segmenter.openPiece()?.endFrame ?? 0;
    // One after the other, so that answers come in the order of their marks.
    this.#answered = Promise.all([this.#answered, this.#cover(this.#open, heardFrame)]).then(() =>
      this.#answer(mark),
    );
  }

  #answer(mark: Mark): void {
    if (this.#failure !== undefined) mark.reject(this.#failure);
    else if (this.#closed) mark.reject(closedEarly());
    else mark.resolve();
  }

  /**
   * Resolves once all speech before now was reported; later audio goes on meanwhile. Whoever hears
   * the answer to a mark concludes just that, so an open piece is decoded once more where no
   * interim covers it.
   */
  async #cover(open: PieceState | undefined, heardFrame: number): Promise<void> {
    for (;;) {
      await Promise.all(this.#working);
      if (this.#closed || this.#failure !== undefined || this.#interimFrames === 0) return;
      if (open === undefined || open.decoded !== undefined || open.coveredFrame >= heardFrame)
        return;
      // A piece that ended meanwhile has its final among the work to wait for; so has a request that
      // reaches as far as this one. Asking again would push that one out of the queue, and two that
      // wait would go on pushing each other out for ever.
      if (open !== this.#open || (this.#requested?.endFrame ?? 0) >= heardFrame) continue;
      if (!this.#requestInterim(open)) return;
    }
  }

  /** Whole windows, or at the end of the audio a last one that is shorter. */
  async #listen(frames: number): Promise<void> {
    const samples = this.#frames.take(frames);
    this.#taken += samples.length;
    const windows = Math.ceil(samples.length / WINDOW_FRAMES);
    const padded = new Int16Array(windows * WINDOW_FRAMES);
    padded.set(samples);
    const flags = await this.#services.detect(padded);
    if (this.#closed) return;
    for (let index = 0; index < windows; index += 1) {
      const window = samples.subarray(index * WINDOW_FRAMES, (index + 1) * WINDOW_FRAMES);
      this.#handle(this.#segmenter.push(window, flags[index] === 1));
    }
    this.#considerInterim();
  }

  #handle(events: readonly SegmenterEvent[]): void {
    for (const event of events) {
      if (event.type === "begin") {
        this.#open = this.#order.begin(event.startFrame);
        this.#nextInterimFrame = event.startFrame + this.#interimFrames;
        this.#requested = undefined;
      } else if (event.type === "end") {
        if (this.#open !== undefined) this.#track(this.#decode(this.#open, event.piece));
        this.#open = undefined;
      } else {
        this.#order.closeAll();
      }
    }
  }

  async #decode(state: PieceState, piece: Piece): Promise<void> {
    const { words } = await this.#services.decodeFinal(piece);
    // Heard words may reach into the padding; guessed ones stay where speech was detected.
    const heard = words.some((word) => word.startFrame !== undefined);
    const from = heard ? piece.audioFrame : piece.startFrame;
    const to = heard ? piece.audioFrame + piece.samples.length : piece.endFrame;
    this.#order.setDecoded(state, spreadTimes(words, from, to), piece.endFrame);
  }

  #considerInterim(): void {
    const due = this.#interimFrames > 0 && this.#segmenter.position >= this.#nextInterimFrame;
    // In a pause the complete piece is about to say it better.
    if (this.#open !== undefined && due && this.#segmenter.speaking) {
      this.#requestInterim(this.#open);
    }
  }

  /** @returns whether there was anything to decode. */
  #requestInterim(state: PieceState): boolean {
    const piece = this.#segmenter.openPiece();
    if (piece === undefined) return false;
    this.#nextInterimFrame = this.#segmenter.position + this.#interimFrames;
    this.#requested = piece;
    this.#track(this.#decodeInterim(state, piece));
    return true;
  }

  async #decodeInterim(state: PieceState, piece: Piece): Promise<void> {
    const reply = await this.#services.decodeInterim(piece);
    if (reply === undefined) {
      // Pushed out by a newer request, which then reaches further; or else it failed.
      if (this.#requested === piece) this.#requested = undefined;
      return;
    }
    const rest = Math.round((INTERIM_REST * reply.busyMs * SAMPLE_RATE) / 1_000);
    this.#nextInterimFrame = Math.max(this.#nextInterimFrame, piece.endFrame + rest);
    const words = spreadTimes(reply.words, piece.startFrame, piece.endFrame);
    this.#order.setInterim(state, words, piece.endFrame);
  }

  /** Remembers work until it is done, and fails the stream when it fails. */
  #track(work: Promise<void>): void {
    const settle = async (): Promise<void> => {
      try {
        await work;
      } catch (error) {
        this.#fail(error);
      }
      this.#working.delete(settled);
    };
    const settled = settle();
    this.#working.add(settled);
  }

  #fail(error: unknown): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#failure =
      error instanceof EverywordError
        ? error
        : new EverywordError("recognizer", "The local recognizer failed; send the audio again.", {
            cause: error,
          });
    this.#frames.clear();
    this.#services.closed();
    this.#failMarks(this.#failure);
  }

  #failMarks(error: EverywordError): void {
    for (const mark of this.#marks.splice(0)) mark.reject(error);
  }
}

function closedEarly(): EverywordError {
  return new EverywordError(
    "recognizer",
    "The stream was closed before it was done; open another.",
  );
}
