import { EverywordError } from "../../errors.ts";
import type { RecognizedSegment, RecognizeOptions, RecognizerStream } from "../recognizer.ts";
import { FrameQueue } from "./core/frame-queue.ts";
import { Segmenter, WINDOW_FRAMES } from "./core/segmenter.ts";
import { PieceOrder } from "./pieces.ts";
import { type PieceServices, PieceWork } from "./piece-work.ts";

const SAMPLE_RATE = 16_000;
/** Windows the ear judges in one go: two seconds, so that many streams share it evenly. */
const MOST_WINDOWS = 64;
/** Complete pieces that wait for a decoder; beyond, the stream listens no further until one is done. */
const MOST_UNDECODED = 8;

/** What a stream needs from its engine. */
export interface StreamServices extends PieceServices {
  detect(samples: Int16Array): Promise<Uint8Array>;
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
 * pieces; what they are decoded to is `PieceWork`'s concern.
 */
export class EngineStream implements RecognizerStream {
  readonly #services: StreamServices;
  readonly #limits: StreamLimits;
  readonly #frames = new FrameQueue();
  readonly #segmenter: Segmenter;
  readonly #order: PieceOrder;
  readonly #work: PieceWork;
  readonly #marks: Mark[] = [];
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
    const interimFrames = Math.round((options.interimSeconds ?? 0.5) * SAMPLE_RATE);
    this.#order = new PieceOrder((segment) => {
      if (!this.#closed) onUpdate(segment);
    }, interimFrames > 0);
    const fail = (error: unknown): void => {
      this.#fail(error);
    };
    this.#work = new PieceWork(services, this.#segmenter, this.#order, interimFrames, fail);
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
    this.#work.stop();
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
      await this.#work.settle(MOST_UNDECODED);
    }
  }

  async #pass(mark: Mark, rest: number): Promise<void> {
    if (mark.atEnd) {
      if (rest > 0) await this.#listen(rest);
      this.#work.handle(this.#segmenter.flush());
      this.#services.resetDetector();
      this.#order.closeAll();
    }
    // One after the other, so that answers come in the order of their marks.
    this.#answered = Promise.all([this.#answered, this.#work.cover()]).then(() =>
      this.#answer(mark),
    );
  }

  #answer(mark: Mark): void {
    if (this.#failure !== undefined) mark.reject(this.#failure);
    else if (this.#closed) mark.reject(closedEarly());
    else mark.resolve();
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
      this.#work.handle(this.#segmenter.push(window, flags[index] === 1));
    }
    this.#work.consider();
  }

  #fail(error: unknown): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#failure =
      error instanceof EverywordError
        ? error
        : new EverywordError("recognizer", "The local recognizer failed; send the audio again.", {
            cause: error,
          });
    this.#work.stop();
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
