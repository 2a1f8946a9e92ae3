import { describe, expect, it } from "vitest";
import { type Piece, Segmenter, WINDOW_FRAMES } from "../../../src/server/engine/core/segmenter.ts";
import { PieceOrder } from "../../../src/server/engine/pieces.ts";
import { type PieceServices, PieceWork } from "../../../src/server/engine/piece-work.ts";
import type { WordsReply } from "../../../src/server/engine/messages.ts";

/** A decoder that a test lets go step by step, and the text that the caller sees. */
class Stage implements PieceServices {
  readonly seen: string[] = [];
  readonly finals: Piece[] = [];
  readonly interims: Piece[] = [];
  #waiting: (() => void)[] = [];
  readonly #segmenter = new Segmenter();
  readonly #work: PieceWork;

  constructor(interimFrames: number) {
    const order = new PieceOrder(({ words, final }) => {
      this.seen.push(words.map(({ text }) => text).join(" ") + (final ? " (final)" : ""));
    }, interimFrames > 0);
    this.#work = new PieceWork(this, this.#segmenter, order, interimFrames, (error) => {
      throw error;
    });
  }

  /** Hears a picture of speech (`#`) and silence (`.`), one character a window. */
  hear(picture: string): void {
    for (const flag of picture) {
      const window = new Int16Array(WINDOW_FRAMES).fill(flag === "#" ? 1_000 : 0);
      this.#work.handle(this.#segmenter.push(window, flag === "#"));
      this.#work.consider();
    }
  }

  /** Lets the decoder do what waits, and what comes of it. */
  async decode(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) {
      for (const run of this.#waiting.splice(0)) run();
      await Promise.resolve();
    }
  }

  decodeFinal(piece: Piece): Promise<WordsReply> {
    this.finals.push(piece);
    return new Promise((resolve) => this.#waiting.push(() => resolve(replyTo(piece))));
  }

  decodeInterim(make: () => Piece | undefined): Promise<WordsReply | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        const piece = make();
        if (piece !== undefined) this.interims.push(piece);
        resolve(piece === undefined ? undefined : replyTo(piece));
      });
    });
  }

  align(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** One word for each tenth of a second of speech, numbered by where it lies. */
function replyTo({ startFrame, endFrame }: Piece): WordsReply {
  const first = Math.round(startFrame / 1_600);
  const length = Math.max(1, Math.round(endFrame / 1_600) - first);
  const words = Array.from({ length }, (_, index) => ({ text: String(first + index) }));
  return { words, busyMs: 0 };
}

const QUIET = ".".repeat(40);

describe("PieceWork", () => {
  it("decodes a pause early and takes that for the final words when it lasts", async () => {
    const stage = new Stage(64_000);
    stage.hear(`${QUIET}${"#".repeat(30)}.....`);
    await stage.decode();
    const early = stage.seen.length;
    stage.hear(QUIET);
    await stage.decode();
    expect([early, stage.interims.length, stage.finals.length]).toEqual([1, 1, 0]);
    expect(stage.seen.at(-1)).toBe(`${stage.seen[0]} (final)`);
  });

  it("decodes anew, whole, when somebody went on speaking after a short pause", async () => {
    const stage = new Stage(64_000);
    stage.hear(`${QUIET}${"#".repeat(30)}.....`);
    await stage.decode();
    stage.hear(`${"#".repeat(30)}${QUIET}`);
    await stage.decode();
    const [final] = stage.finals;
    expect(stage.finals.length + stage.interims.length).toBeGreaterThanOrEqual(2);
    const whole = [...stage.interims, ...stage.finals].at(-1);
    expect(whole?.startFrame).toBe(stage.interims[0]?.startFrame);
    expect(stage.seen.at(-1)).toMatch(/ \(final\)$/u);
    expect(final === undefined || final.samples.length > 30 * WINDOW_FRAMES).toBe(true);
  });

  it("does not decode early where no interims are wanted: a file cannot wait for a pause", async () => {
    const stage = new Stage(0);
    stage.hear(`${QUIET}${"#".repeat(30)}.....`);
    await stage.decode();
    stage.hear(QUIET);
    await stage.decode();
    expect([stage.interims.length, stage.finals.length]).toEqual([0, 1]);
  });

  it("keeps interims of a long breath short, and its words together", async () => {
    const stage = new Stage(8_000);
    stage.hear(QUIET);
    for (let window = 0; window < 250; window++) {
      stage.hear("#");
      await stage.decode();
    }
    const longest = Math.max(...stage.interims.map(({ samples }) => samples.length));
    expect(longest).toBeLessThan(4.5 * 16_000);
    const shown = (stage.seen.at(-1) ?? "").split(" ").map(Number);
    const gaps = shown.filter((word, index) => index > 0 && word !== (shown[index - 1] ?? 0) + 1);
    expect([shown.length > 70, gaps]).toEqual([true, []]);
  });
});
