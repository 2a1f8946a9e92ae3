import { describe, expect, it } from "vitest";
import { countRepeats, heardAgain } from "../../../src/stream/core/reconcile.ts";
import { Timeline, type SpokenWord } from "../../../src/stream/core/timeline.ts";
import { Random } from "../../sim/random.ts";

/** "text@start-end" in hundredths of a second. */
function words(spec: string): SpokenWord[] {
  return spec
    .split(" ")
    .filter((part) => part !== "")
    .map((part) => {
      const [text = "", start = "0", end = "0"] = part.split(/[@-]/u);
      return { text, startFrame: Number(start) * 160, endFrame: Number(end) * 160 };
    });
}

function repeats(said: string, heard: string, originHundredths = 0): number {
  const tail = words(said);
  return countRepeats(
    heardAgain(tail, originHundredths * 160),
    words(heard),
    tail.at(-1)?.endFrame ?? 0,
  );
}

function bare(texts: string): SpokenWord[] {
  return texts.split(" ").map((text) => ({ text, startFrame: undefined, endFrame: undefined }));
}

describe("the seam between two connections", () => {
  it.each([
    ["the same words again", "a@100-130 b@140-170", "a@100-130 b@140-170 c@180-200", 2],
    ["times that moved", "a@100-130 b@140-170", "a@108-138 b@150-181 c@190-210", 2],
    ["no no no, one more", "no@100-120 no@130-150", "no@100-120 no@130-150 no@160-180", 2],
    ["no no no, moved back", "no@100-120 no@130-150", "no@92-112 no@121-140 no@151-170", 2],
    ["the last word heard otherwise", "four@100-130", "for@102-131 score@140-170", 1],
    ["no no no, the first cut off", "no@153-189 no@189-222", "no@188-224 no@223-233", 1],
    ["no no no, the first not heard", "no@704-719 no@721-741", "no@720-742 no@738-764", 1],
    ["no no, the first written otherwise", "no@166-178", "nox@166-178 no@178-199", 1],
    [
      "no no no, two written otherwise",
      "no@89-109 now@109-121",
      "now@89-109 no@109-121 now@121-145",
      2,
    ],
    ["one word as two", "cannot@100-150", "can@100-122 not@124-150 go@160-180", 2],
    ["two words as one", "can@100-122 not@124-150", "cannot@100-150 go@160-180", 1],
    ["letter case and points", "Yes,@100-130", "yes@101-131 sir@140-160", 1],
    ["nothing said before", "", "a@100-130", 0],
    ["a short word right behind", "no@100-130", "no@98-127 a@128-131", 1],
    ["a new word where only silence was", "a@100-130", "b@300-330", 0],
  ])("knows %s", (_, said, heard, expected) => {
    expect(repeats(said, heard)).toBe(expected);
  });

  it("does not take the next no for one of which only the end is heard again", () => {
    expect(repeats("no@100-130", "no@135-165", 120)).toBe(0);
    expect(repeats("one@160-201", "eight@199-218", 199)).toBe(0);
  });

  it("falls back on text where there are no times", () => {
    expect(countRepeats(heardAgain(bare("x a b"), 0), bare("a b c"), 0)).toBe(2);
    expect(countRepeats(heardAgain(bare("x a b"), 0), bare("d e"), 0)).toBe(0);
  });

  it("is exact in repetitive speech when every hearing moves the words by up to 60 ms", () => {
    const failures: number[] = [];
    for (let seed = 1; seed <= 400; seed += 1) {
      const random = new Random(seed);
      const jitter = (frame: number): number => Math.round(frame + random.between(-960, 960));
      const truth: SpokenWord[] = [];
      for (let at = 0; truth.length < 8; at += random.integer(5600, 9600)) {
        truth.push({ text: random.pick(["no", "no", "yes"]), startFrame: at, endFrame: at + 4000 });
      }
      const heard = (word: SpokenWord): SpokenWord => {
        const startFrame = jitter(word.startFrame ?? 0);
        const endFrame = Math.max(startFrame + 800, jitter(word.endFrame ?? 0));
        return { text: word.text, startFrame, endFrame };
      };
      const said = truth.slice(0, 5).map(heard);
      const origin = (truth[2]?.startFrame ?? 0) - 1600;
      const again = truth.slice(2).map(heard);
      const count = countRepeats(heardAgain(said, origin), again, said.at(-1)?.endFrame ?? 0);
      if (count !== 3) failures.push(seed);
    }
    expect(failures).toEqual([]);
  });
});

describe("where a new connection begins", () => {
  it("is in the pause before the last but one word, not more than a second back", () => {
    const timeline = new Timeline();
    for (const word of words("a@100-130 b@140-160 c@170-190")) timeline.say(word);
    expect(timeline.rewindFrame()).toBe(135 * 160);
    expect(timeline.ackedFrame).toBe(190 * 160);
  });

  it("is a little before a word that follows another without a pause", () => {
    const timeline = new Timeline();
    for (const word of words("a@100-130 b@130-160 c@160-190")) timeline.say(word);
    expect(timeline.rewindFrame()).toBe(125 * 160);
  });

  it("is just before the acknowledged position in silence", () => {
    const timeline = new Timeline();
    for (const word of words("a@100-130")) timeline.say(word);
    timeline.acknowledge(16_000 * 20);
    expect(timeline.rewindFrame()).toBe(16_000 * 20 - 3200);
    timeline.acknowledge(1);
    expect(timeline.ackedFrame).toBe(16_000 * 20);
  });
});
