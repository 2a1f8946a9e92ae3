import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../../src/stream/core/codec.ts";
import type { HeardSegment } from "../../../src/stream/core/heard.ts";
import { Hearing } from "../../../src/stream/core/hearing.ts";
import { MediaClock } from "../../../src/stream/core/media-clock.ts";
import { Origin } from "../../../src/stream/core/origin.ts";
import { Timeline } from "../../../src/stream/core/timeline.ts";

/** A connection that began at session frame 1000 and got a minute of audio. */
function hearing(): Hearing {
  const origin = new Origin(1000);
  origin.sent(960_000);
  return new Hearing(1, origin, new Timeline(), new MediaClock());
}

/** Segments by their words' times in seconds. */
function segments(...lists: readonly (readonly [start: number, end: number][])[]): HeardSegment[] {
  const listed = lists.map((words, id) => ({
    id,
    words: words.map(([start, end]) => ({ word: "so", start, end, is_final: true })),
  }));
  const message = decodeMessage(JSON.stringify({ segments: listed }));
  return message.kind === "text" ? [...message.segments] : [];
}

describe("the first word that was never shown", () => {
  it("is the first of all new segments, when a recognizer says much at once", () => {
    const heard = hearing();
    const first = [[0.5, 1] as [number, number], [1, 2] as [number, number]];
    heard.hear(segments(first, [[2, 3]], [[3, 4]]));
    expect(heard.newestFrame()).toBe(1000 + 8000);
    heard.hear(segments(first, [[2, 3]], [[3, 4]]));
    expect(heard.newestFrame()).toBeUndefined();
    heard.hear(
      segments(
        first,
        [[2, 3]],
        [
          [3, 4],
          [5, 6],
        ],
        [[6, 7]],
      ),
    );
    expect(heard.newestFrame()).toBe(1000 + 80_000);
  });

  it("may stand behind segments that were withdrawn", () => {
    const heard = hearing();
    heard.hear(segments([[0, 1]], [[1, 2]]));
    heard.newestFrame();
    heard.hear(segments([[0, 1]], [], [[2, 3]]));
    expect(heard.newestFrame()).toBe(1000 + 32_000);
  });
});

describe("a connection that hears words again", () => {
  it("tells those from new ones though segments are fused meanwhile (W14)", () => {
    const origin = new Origin(0);
    origin.sent(960_000);
    const timeline = new Timeline();
    timeline.say({ text: "so", startFrame: 16_000, endFrame: 32_000 });
    timeline.say({ text: "so", startFrame: 48_000, endFrame: 64_000 });
    const heard = new Hearing(2, origin, timeline, new MediaClock());
    heard.begin();
    heard.hear(segments([[1, 2]], [[3, 4]]));
    expect(heard.report(0)).toEqual([]);
    const fused: [number, number][] = [
      [1, 2],
      [3, 4],
      [4.1, 4.6],
    ];
    heard.hear(segments(fused));
    const starts = heard.report(0).flatMap((event) => event.words.map(({ start }) => start));
    expect(starts).toEqual([4.1]);
  });
});

/** A connection that heard two seconds, and was not sent a minute behind them. */
function holed(): Hearing {
  const origin = new Origin(0);
  origin.sent(32_000);
  origin.skipTo(32_000 + 960_000);
  origin.sent(960_000);
  const heard = new Hearing(1, origin, new Timeline(), new MediaClock());
  heard.begin();
  const words = [{ word: "so", start: 1, end: 2 }];
  const later = [{ word: "late", start: 8, end: 9 }];
  const listed = [words, later].map((list, id) => ({ id, words: list }));
  const message = decodeMessage(JSON.stringify({ segments: listed }));
  heard.hear(message.kind === "text" ? message.segments : []);
  return heard;
}

describe("words that never become final", () => {
  it("count as final half a minute later, and what was left out does not count (W18)", () => {
    const types = [20, 31].map((seconds) => {
      const events = holed().report(32_000 + 960_000 + seconds * 16_000);
      return events.map((event) => event.type);
    });
    expect(types).toEqual([
      ["interim", "interim"],
      ["final", "interim"],
    ]);
  });

  it("are the last of a connection up to where it ends, and what was left out does not count", () => {
    const events = holed().conclude(32_000 + 960_000 + 5 * 16_000);
    expect(events.map((event) => event.text)).toEqual(["so"]);
  });
});
