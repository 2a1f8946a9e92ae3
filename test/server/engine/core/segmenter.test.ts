import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Piece,
  Segmenter,
  type SegmenterEvent,
  type SegmenterOptions,
  WINDOW_FRAMES,
} from "../../../../src/server/engine/core/segmenter.ts";

/** Runs a picture of speech (`#`) and silence (`.`), one character a window, and flushes. */
function run(picture: string, options: SegmenterOptions = {}, level = 1_000): SegmenterEvent[] {
  const segmenter = new Segmenter(options);
  const events = Array.from(picture, (flag) => {
    const window = new Int16Array(WINDOW_FRAMES).fill(flag === "#" ? level : 0);
    return segmenter.push(window, flag === "#");
  });
  return [...events.flat(), ...segmenter.flush()];
}

function piecesOf(events: readonly SegmenterEvent[]): Piece[] {
  return events.flatMap((event) => (event.type === "end" ? [event.piece] : []));
}

const SECOND = ".".repeat(31);

describe("Segmenter", () => {
  it("makes one piece of speech with short pauses and two where the pause is 0.3 s", () => {
    const oneBreath = run(`${SECOND}${"#".repeat(20)}${".".repeat(9)}${"#".repeat(20)}${SECOND}`);
    const twoBreaths = run(`${SECOND}${"#".repeat(20)}${".".repeat(10)}${"#".repeat(20)}${SECOND}`);
    expect([piecesOf(oneBreath).length, piecesOf(twoBreaths).length]).toEqual([1, 2]);
  });

  it("drops speech shorter than 0.1 s and keeps speech of 0.13 s", () => {
    const two = run(`${SECOND}${SECOND}##${SECOND}`);
    const three = run(`${SECOND}${SECOND}###${SECOND}`);
    expect([piecesOf(two).length, piecesOf(three).length]).toEqual([0, 1]);
  });

  it("keeps 0.3 s of audio before the speech and 0.15 s after it", () => {
    const [piece] = piecesOf(run(`${SECOND}${SECOND}${"#".repeat(20)}${SECOND}`));
    const before = (piece?.startFrame ?? 0) - (piece?.audioFrame ?? 0);
    const after = (piece?.audioFrame ?? 0) + (piece?.samples.length ?? 0) - (piece?.endFrame ?? 0);
    expect([before, after]).toEqual([4_800, 2_400]);
  });

  it("reaches back to the first sample when the voice is there from the start", () => {
    const [piece] = piecesOf(run(`${".".repeat(20)}${"#".repeat(20)}${SECOND}`));
    expect(piece?.audioFrame).toBe(0);
  });

  it("reports quiet once, when nobody has spoken for the endpoint", () => {
    const events = run(`${SECOND}${"#".repeat(20)}${SECOND}${SECOND}${SECOND}`);
    const quiet = events.filter(({ type }) => type === "quiet");
    expect(quiet).toEqual([{ type: "quiet", atFrame: (31 + 20 + 32) * WINDOW_FRAMES }]);
  });

  it("cuts speech of more than 10 s at its quietest point, losing and repeating nothing", () => {
    const segmenter = new Segmenter();
    const events: SegmenterEvent[] = [];
    for (let index = 0; index < 400; index += 1) {
      const quietest = index >= 200 && index < 203;
      const window = new Int16Array(WINDOW_FRAMES).fill(quietest ? 3 : 1_000);
      events.push(...segmenter.push(window, true));
    }
    const [first, second] = piecesOf([...events, ...segmenter.flush()]);
    const cut = (first?.audioFrame ?? 0) + (first?.samples.length ?? 0);
    expect([first?.endFrame, second?.startFrame, second?.audioFrame]).toEqual([cut, cut, cut]);
    expect(Math.abs(cut - 201.5 * WINDOW_FRAMES)).toBeLessThanOrEqual(WINDOW_FRAMES);
  });

  it("gives pieces in order that never overlap, never exceed their bound, and miss no speech", () => {
    const runs = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 60 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(runs, (lengths) => {
        const picture = lengths.map(([speech, n]) => (speech ? "#" : ".").repeat(n)).join("");
        const pieces = piecesOf(run(picture));
        let end = 0;
        const sound = pieces.every(({ audioFrame, startFrame, endFrame, samples }) => {
          const ordered = end <= audioFrame && audioFrame <= startFrame && startFrame < endFrame;
          end = audioFrame + samples.length;
          return ordered && endFrame <= end && samples.length <= 160_000 + 20_000;
        });
        // Runs shorter than 0.1 s between pauses may be dropped; no other speech may.
        const missed = [...picture.matchAll(/#{3,}/gu)].filter(({ index, 0: { length } }) => {
          const frames = [index * WINDOW_FRAMES, (index + length) * WINDOW_FRAMES - 1];
          return !frames.every((frame) =>
            pieces.some(
              ({ audioFrame, samples }) =>
                audioFrame <= frame && frame < audioFrame + samples.length,
            ),
          );
        });
        return sound && missed.length === 0;
      }),
      { numRuns: 100 },
    );
  });

  it("foresees the piece that a pause will end, to the sample", () => {
    const segmenter = new Segmenter();
    const foreseen: (Piece | undefined)[] = [];
    const ended: Piece[] = [];
    for (const flag of `${SECOND}${SECOND}${"#".repeat(20)}${".".repeat(10)}`) {
      const window = new Int16Array(WINDOW_FRAMES).fill(flag === "#" ? 1_000 : 0);
      ended.push(...piecesOf(segmenter.push(window, flag === "#")));
      foreseen.push(segmenter.foreseenPiece());
    }
    const first = foreseen.findIndex((piece) => piece !== undefined);
    expect([first - 2 * SECOND.length - 20, foreseen[first]]).toEqual([4, ended[0]]);
  });

  it("finds the quietest point of the open piece, and gives what follows it", () => {
    const segmenter = new Segmenter();
    for (let index = 0; index < 100; index += 1) {
      const level = index >= 60 && index < 63 ? 3 : 1_000;
      segmenter.push(new Int16Array(WINDOW_FRAMES).fill(level), true);
    }
    const quiet = segmenter.quietFrame(16_000, 40_000) ?? 0;
    const whole = segmenter.openPiece();
    expect(Math.abs(quiet - 61.5 * WINDOW_FRAMES)).toBeLessThanOrEqual(WINDOW_FRAMES);
    expect([...(segmenter.openPiece(quiet)?.samples ?? [])]).toEqual([
      ...(whole?.samples.subarray(quiet) ?? []),
    ]);
    expect(segmenter.quietFrame(40_000, 30_000)).toBeUndefined();
  });

  it("shows the open piece as it grows", () => {
    const segmenter = new Segmenter();
    for (let index = 0; index < 50; index += 1) {
      segmenter.push(new Int16Array(WINDOW_FRAMES).fill(index), true);
    }
    const open = segmenter.openPiece();
    expect([open?.audioFrame, open?.samples.length, open?.samples.at(-1)]).toEqual([
      0,
      50 * WINDOW_FRAMES,
      49,
    ]);
  });
});
