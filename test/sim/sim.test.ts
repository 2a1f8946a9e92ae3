import { describe, expect, it } from "vitest";
import { MUTATIONS, runSeeds } from "../../scripts/sim.mjs";
import { findProblems } from "./check.ts";
import { runSeed, simulate, simulateLong } from "./main.ts";
import { Random } from "./random.ts";
import { Resets } from "./resets.ts";
import { runSession } from "./run.ts";
import { cardNumberSource, makeSource, makeSources, type Source } from "./source.ts";

const SEEDS = 60;

function problemsWithResets(source: Source, times: readonly number[], seed: number): string[] {
  const run = runSession(seed, [source], {
    options: { pace: 1, replayFrames: 60 * 16_000, traceFrames: 16_000 },
    manners: { isRough: true, endEcho: "checkpoint", echoesTraces: true, answersPings: true },
    faults: new Resets(times),
    hasClockJumps: false,
    hasTrouble: false,
  });
  const problems = findProblems(run);
  const { outcome } = run;
  if (outcome?.reason !== "complete") problems.push(`ended ${outcome?.reason}`);
  if (outcome?.words !== source.words.length) problems.push(`${outcome?.words} words`);
  return problems;
}

describe("simulated sessions with random faults", () => {
  it(`lose and double no word outside the reported gaps (${SEEDS} seeds)`, () => {
    const { failures, faults, reconnects } = simulate(1, SEEDS);
    expect(failures).toEqual([]);
    expect(faults).toBeGreaterThan(SEEDS);
    expect(reconnects).toBeGreaterThan(SEEDS / 2);
  });

  it(`do so under hardships as well (${SEEDS} seeds)`, () => {
    const { failures, faults } = simulate(1, SEEDS, 20, true);
    expect(failures).toEqual([]);
    expect(faults).toBeGreaterThan(SEEDS);
  });

  for (const name of Object.keys(MUTATIONS)) {
    it(`would notice if the client were broken: ${name}`, async () => {
      const { failures } = await runSeeds(1, 24, name);
      expect(failures.length).toBeGreaterThan(0);
    });
  }
});

describe("seeds that once failed", () => {
  const sources = makeSources(48, 30);
  it.each([
    [30, "a full spill gave up audio for the note of a gap, and the gap did not say so"],
    [126, "the same before the first connection of a process that took the session up"],
    [235, "the same, with words in it"],
    [3006, "the recognizer jumped over a word behind audio that was left out"],
    [14_321, "a writer waited for less than a chunk to leave, which waited for more"],
    [21_777, "a writer waited for less than a chunk to leave, which waited for more"],
    [24_410, "a writer waited for less than a chunk to leave, which waited for more"],
    [26_507, "a writer waited for less than a chunk to leave, which waited for more"],
    [39_420, "a writer waited for less than a chunk to leave, which waited for more"],
    [14_755, "a spare took over behind the end marker, and the old echo ended the session"],
    [30_391, "a spare took over behind the end marker, and the old echo ended the session"],
    [31_863, "a spare took over behind the end marker, and the old echo ended the session"],
    [36_330, "a spare took over behind the end marker, and the old echo ended the session"],
    [40_796, "a spare took over behind the end marker, and the old echo ended the session"],
    [24_504, "sound behind a gap passed for the sound of a word"],
    [30_072, "sound behind a gap passed for the sound of a word"],
    [41_120, "sound behind a gap passed for the sound of a word"],
    [16_016, "how late words come was learned from the last of several new segments"],
    [25_027, "a goodbye behind the last echo passed for the end, before all was said"],
    [36_273, "a goodbye behind the last echo passed for the end, before all was said"],
    [38_599, "a gap was told of audio that a replaced connection still spoke of"],
    [9293, "connections were replaced before they could say anything new"],
    [95_409, "words that waited for a replaced connection were lost with the next one"],
    [19_801, "repeats were forgotten before the seam was behind them, and the rest was told again"],
    [71_946, "repeats were forgotten before the seam was behind them, and the rest was told again"],
  ])("stay mended: seed %i, %s", (seed) => {
    expect(findProblems(runSeed(seed, sources))).toEqual([]);
  });
});

describe("seeds that once failed under hardships", () => {
  const sources = makeSources(48, 30);
  it.each([
    [26, "words were said again when their segments were fused"],
    [91, "the same, with words before them that had left under the same id"],
    [54, "an id's next words passed for its last, which sounded like them"],
    [1266, "words were said again when fused segments were listed as they had been"],
    [2172, "a new word stood among repeats whose segments were fused"],
    [917, "a word that was cut off passed for the one before it"],
    [442, "a word that was written otherwise was not known again, and the next one was"],
    [1187, "the same with times that were a little off"],
    [74, "words that overlap a little passed for one"],
    [19_710, "the first word was not heard again, and those behind it passed for it and the next"],
    [23_783, "the last moment of a word passed for the next word"],
    [
      22_416,
      "a connection began a moment behind the beginning of the word that it was to begin with",
    ],
    [6860, "a gap ended where a fresh connection was to begin, and it began later"],
    [
      22_916,
      "a word began before a fresh connection's first frame and ended behind the old one's last",
    ],
    [110_799, "a hole that was not told before the audio behind it was answered, and a crash"],
  ])("stay mended: seed %i, %s", (seed) => {
    expect(findProblems(runSeed(seed, sources, true))).toEqual([]);
  });
});

describe("repetitive speech across seams", () => {
  it("keeps a card number that is read twice exact, wherever the connection breaks", () => {
    const source = cardNumberSource();
    const endMs = source.samples.length / 16;
    const failures: string[] = [];
    for (let atMs = 100; atMs < endMs; atMs += 370) {
      for (const problem of problemsWithResets(source, [atMs, 900, 350], atMs)) {
        failures.push(`reset at ${atMs} ms: ${problem}`);
      }
    }
    expect(failures).toEqual([]);
  });

  it("keeps every no of no no no, through several drops in it", () => {
    const failures: string[] = [];
    for (let seed = 1; seed <= 25; seed += 1) {
      const random = new Random(seed);
      const source = makeSource(random, 12, "no-no-no");
      const times = Array.from({ length: 4 }, () => random.between(50, 4000));
      for (const problem of problemsWithResets(source, times, seed)) {
        failures.push(`seed ${seed}: ${problem}`);
      }
    }
    expect(failures).toEqual([]);
  });
});

describe("an hour with a drop a minute", () => {
  it("has no drift and holds no more than a few seconds of audio", () => {
    const { problems, reconnects, mostHeldBytes } = simulateLong(60);
    expect(problems).toEqual([]);
    expect(reconnects).toBe(59);
    expect(mostHeldBytes).toBeLessThan(12 * 32_000);
  });
});
