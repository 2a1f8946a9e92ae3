import { expect, it } from "vitest";
import { Timeline } from "../../../src/stream/core/timeline.ts";

it("lets a new connection begin further on with each word and with each stretch of silence", () => {
  const timeline = new Timeline();
  timeline.say({ text: "one", startFrame: 16_000, endFrame: 20_000 });
  expect(timeline.rewindFrame()).toBe(12_800 + 1600);
  timeline.acknowledge(160_000);
  expect(timeline.rewindFrame()).toBe(160_000 - 3200);
  timeline.say({ text: "two", startFrame: 170_000, endFrame: 176_000 });
  expect(timeline.rewindFrame()).toBe(170_000 - 3200);
});
