import { describe, expect, it } from "vitest";
import type { Piece } from "../../../src/server/engine/core/segmenter.ts";
import { EngineStream, type StreamServices } from "../../../src/server/engine/engine-stream.ts";
import type { WordsReply } from "../../../src/server/engine/messages.ts";
import type { RecognizedSegment } from "../../../src/server/recognizer.ts";

/**
 * An engine with one decoder behind a queue in which a stream's newest interim pushes out the one
 * that waits, as the real pool does. Everything is speech, and at first the decoder is busy with
 * another stream.
 */
class OneDecoder implements StreamServices {
  #busy = true;
  #waiting:
    | { make: () => Piece | undefined; resolve: (reply: WordsReply | undefined) => void }
    | undefined;
  interims = 0;

  detect(samples: Int16Array): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(Math.ceil(samples.length / 512)).fill(1));
  }

  constructor() {
    setTimeout(() => {
      this.#busy = false;
      this.#dispatch();
    }, 5);
  }

  decodeFinal(piece: Piece): Promise<WordsReply> {
    return Promise.resolve(reply(piece));
  }

  align(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  decodeInterim(make: () => Piece | undefined): Promise<WordsReply | undefined> {
    this.interims++;
    if (this.interims > 1000) throw new Error("asks for interims for ever");
    return new Promise((resolve) => {
      this.#waiting?.resolve(undefined);
      this.#waiting = { make, resolve };
      this.#dispatch();
    });
  }

  resetDetector(): void {
    // There is no detector.
  }

  closed(): void {
    // Nothing is held.
  }

  #dispatch(): void {
    const job = this.#waiting;
    if (this.#busy || job === undefined) return;
    this.#waiting = undefined;
    const piece = job.make();
    this.#busy = true;
    setImmediate(() => {
      this.#busy = false;
      job.resolve(piece === undefined ? undefined : reply(piece));
      this.#dispatch();
    });
  }
}

function reply(piece: Piece): WordsReply {
  return { words: [{ text: `to ${piece.endFrame}` }], busyMs: 1 };
}

describe("several drains while a piece of speech is open", () => {
  it("all resolve, each with an interim that covers what was pushed before it", async () => {
    const services = new OneDecoder();
    const updates: RecognizedSegment[] = [];
    const stream = new EngineStream({ interimSeconds: 0.5 }, (one) => updates.push(one), services, {
      mostBehindSeconds: 600,
    });
    const drains: Promise<number>[] = [];
    for (let second = 1; second <= 5; second++) {
      stream.push(new Int16Array(16_000).fill(1000));
      drains.push(stream.drain().then(() => updates.at(-1)?.endFrame ?? 0));
    }
    const covered = await Promise.all(drains);
    expect(covered.every((frame, i) => frame >= (i + 1) * 16_000 - 512)).toBe(true);
    expect(services.interims).toBeLessThan(30);
  });
});

describe("a drain while every interim fails", () => {
  it("is answered without one, after a bounded number of tries", async () => {
    let asked = 0;
    const services: StreamServices = {
      detect: (samples) => Promise.resolve(new Uint8Array(Math.ceil(samples.length / 512)).fill(1)),
      decodeInterim: () => {
        asked++;
        return Promise.resolve(undefined);
      },
      decodeFinal: (piece) => Promise.resolve(reply(piece)),
      align: () => Promise.resolve(undefined),
      resetDetector: () => undefined,
      closed: () => undefined,
    };
    const limits = { mostBehindSeconds: 600 };
    const stream = new EngineStream({ interimSeconds: 0.5 }, () => undefined, services, limits);
    stream.push(new Int16Array(16_000).fill(1000));
    await stream.drain();
    expect(asked).toBeLessThan(6);
  });
});
