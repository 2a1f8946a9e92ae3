import { expect, it } from "vitest";
import { paced, type Pacing } from "../../../src/cli/live/paced.ts";

const CHUNK = new Uint8Array(1600);

async function* recording(count: number): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < count; i++) yield CHUNK;
}

function virtualClock(): Pacing & { at: number } {
  const clock = {
    at: 0,
    now: () => clock.at,
    sleep: async (ms: number) => {
      clock.at += ms;
    },
  };
  return clock;
}

it.each([
  [1, 950],
  [4, 950 / 4 - (3 / 4) * 500],
])("gives a recording out at pace %d, half a second ahead", async (pace, expected) => {
  const clock = virtualClock();
  let chunks = 0;
  // 1.5 s of audio: the last chunk is due at 1.45 s, and comes half a second early.
  for await (const chunk of paced(recording(30), pace, undefined, clock))
    chunks += chunk.length / 1600;
  expect([chunks, clock.at]).toEqual([30, Math.max(0, expected)]);
});

it("does not hurry after a reader that was slow", async () => {
  const clock = virtualClock();
  const times: number[] = [];
  for await (const _ of paced(recording(40), 1, undefined, clock)) {
    times.push(clock.at);
    if (times.length === 20) clock.at += 10_000;
  }
  const after = times.slice(20);
  // Half a second at once, and then 50 ms for each chunk.
  expect(after.filter((at) => at === after[0]).length).toBe(10);
  expect(after.at(-1)).toBe((after[0] ?? 0) + 10 * 50);
});

it("catches up with audio that did not wait to be read", async () => {
  const clock = virtualClock();
  // The recognizer took ten seconds to be ready.
  clock.at = 10_000;
  const times: number[] = [];
  for await (const _ of paced(recording(300), 1, 0, clock)) times.push(clock.at);
  // Ten and a half seconds at once, and then 50 ms for each chunk.
  expect(times.filter((at) => at === 10_000).length).toBe(211);
  expect(times.at(-1)).toBe(299 * 50 - 500);
});

it("lets go of the recording when its reader leaves", async () => {
  let closed = false;
  const source: AsyncIterator<Uint8Array> = {
    next: async () => ({ done: false, value: CHUNK }),
    return: async () => {
      closed = true;
      return { done: true, value: undefined };
    },
  };
  for await (const _ of paced(source, 1, undefined, virtualClock())) break;
  expect(closed).toBe(true);
});
