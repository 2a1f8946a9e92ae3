import { describe, expect, test } from "vitest";
import { alignPrefix, comparable } from "../../src/captions/align.ts";
import {
  Stabilizer,
  STABILITY,
  type HypothesisEvent,
  type StabilizerOptions,
  type StableUpdate,
  type Stability,
} from "../../src/captions/stabilizer.ts";
import { generateTalk, type Talk } from "./hypotheses.ts";

const SEEDS = Array.from({ length: 120 }, (_, index) => index + 1);
const SETTINGS = Object.keys(STABILITY) as Stability[];
const ONLY_FINALS = { hypotheses: Infinity, surviveMs: Infinity, maxTailMs: Infinity };

const interim = (text: string, segment = "1:0"): HypothesisEvent => ({
  type: "interim",
  segment,
  words: text === "" ? [] : text.split(" ").map((word) => ({ text: word })),
});
const final = (text: string, segment = "1:0"): HypothesisEvent => ({
  ...interim(text, segment),
  type: "final",
});

/** `settled|tail` after each event, one second apart. */
function screens(options: StabilizerOptions, events: readonly HypothesisEvent[]): string[] {
  const stabilizer = new Stabilizer(options);
  let settled = "";
  let tail = "";
  return events.map((event, index) => {
    const update = stabilizer.push(index * 1000, event);
    settled += update?.commit ?? "";
    tail = update?.tail ?? tail;
    return `${settled}|${tail}`;
  });
}

describe("a tail that may change", () => {
  test("finals are committed at once, and what follows them stays in the tail", () => {
    expect(
      screens(ONLY_FINALS, [interim("it was late"), final("It was"), interim("late when")]),
    ).toEqual(["|it was late", "It was|", "It was| late when"]);
  });

  test("a hypothesis that stops earlier takes no words off the screen", () => {
    expect(
      screens(ONLY_FINALS, [interim("it was late"), interim("it was"), interim("it was early")]),
    ).toEqual(["|it was late", "|it was late", "|it was early"]);
  });

  test("a shorter final wins", () => {
    expect(screens(ONLY_FINALS, [interim("it was late again"), final("It was.")])).toEqual([
      "|it was late again",
      "It was.|",
    ]);
  });

  test("words that nobody confirms leave at the age limit, uncommitted", () => {
    const events = [interim("hm"), interim(""), interim(""), interim("")];
    expect(screens({ ...ONLY_FINALS, maxTailMs: 2500 }, events)).toEqual([
      "|hm",
      "|hm",
      "|hm",
      "|",
    ]);
  });

  test("segments are shown in the order of their numbers", () => {
    expect(
      screens(ONLY_FINALS, [interim("b", "1:10"), interim("a", "1:9"), interim("c", "2:0")]).at(-1),
    ).toBe("|a b c");
  });

  test("words of scripts without spaces are joined without", () => {
    expect(screens(ONLY_FINALS, [final("今日 は"), interim("いい 天気")]).at(-1)).toBe(
      "今日は|いい天気",
    );
  });
});

describe("a word is committed early", () => {
  test("after enough hypotheses agree, whatever their case and punctuation", () => {
    const rules = { ...ONLY_FINALS, hypotheses: 3, heldWords: 1 };
    const events = [
      interim("it was"),
      interim("It was late"),
      interim("it, was late"),
      interim("it was late now"),
    ];
    expect(screens(rules, events)).toEqual([
      "|it was",
      "|It was late",
      "it, was| late",
      "it, was late| now",
    ]);
  });

  test("when it stood long enough", () => {
    const rules = { ...ONLY_FINALS, surviveMs: 2000, heldWords: 0 };
    expect(screens(rules, [interim("it"), interim("it was"), interim("it was late")])).toEqual([
      "|it",
      "|it was",
      "it| was late",
    ]);
  });

  test("when it is too old, even if it never stood still", () => {
    const rules = { ...ONLY_FINALS, maxTailMs: 2000 };
    expect(screens(rules, [interim("a"), interim("b"), interim("c")])).toEqual(["|a", "|b", "c|"]);
  });

  test("and stays when the final says otherwise, without doubling what follows", () => {
    const rules = { ...ONLY_FINALS, hypotheses: 1, heldWords: 1 };
    expect(
      screens(rules, [interim("it whas late"), final("It was late."), final("Yes.", "1:1")]),
    ).toEqual(["it whas| late", "it whas late.|", "it whas late. Yes.|"]);
  });
});

interface Watched {
  readonly settled: string;
  readonly updates: readonly StableUpdate[];
  readonly stabilizer: Stabilizer;
  /** Times at which something was overdue after a push or tick. */
  readonly overdue: number;
}

/** Runs a talk with every tick at its time. */
function watch({ events }: Talk, options: StabilizerOptions): Watched {
  const stabilizer = new Stabilizer(options);
  const updates: StableUpdate[] = [];
  let overdue = 0;
  const take = (nowMs: number, update: StableUpdate | undefined): void => {
    if (update !== undefined) updates.push(update);
    if ((stabilizer.nextTimeout() ?? Infinity) <= nowMs) overdue += 1;
  };
  for (const { nowMs, event } of events) {
    for (
      let due = stabilizer.nextTimeout();
      due !== undefined && due < nowMs;
      due = stabilizer.nextTimeout()
    ) {
      take(due, stabilizer.tick(due));
      if (overdue > 0) break;
    }
    take(nowMs, stabilizer.push(nowMs, event));
  }
  const last = stabilizer.flush((events.at(-1)?.nowMs ?? 0) + 1000);
  if (last !== undefined) updates.push(last);
  return { settled: updates.map(({ commit }) => commit).join(""), updates, stabilizer, overdue };
}

const textOf = ({ said }: Talk): string => said.map((word) => word.text).join(" ");

describe("120 recognizers that change their minds", () => {
  test("with finals only, the screen ends up with exactly the finals", () => {
    const wrong = SEEDS.filter((seed) => {
      const talk = generateTalk(seed, { errors: 0.3 });
      return watch(talk, ONLY_FINALS).settled !== textOf(talk);
    });
    expect(wrong).toEqual([]);
  });

  test.each(SETTINGS)(
    "at %s, updates are numbered without gaps and nothing is overdue",
    (stability) => {
      const wrong = SEEDS.filter((seed) => {
        const { updates, overdue } = watch(generateTalk(seed, { errors: 0.3 }), { stability });
        return (
          overdue > 0 ||
          updates.some(({ seq }, index) => seq !== index + 1) ||
          updates.at(-1)?.tail !== ""
        );
      });
      expect(wrong).toEqual([]);
    },
  );

  test.each(SETTINGS)("at %s, every word on the screen is accounted for", (stability) => {
    const wrong = SEEDS.filter((seed) => {
      const talk = generateTalk(seed, { errors: 0.3 });
      const { settled, stabilizer } = watch(talk, { stability });
      const { finalWords, wrongWords, missedWords } = stabilizer.metrics();
      const words = settled.split(" ").length;
      return finalWords !== talk.said.length || words !== finalWords + wrongWords - missedWords;
    });
    expect(wrong).toEqual([]);
  });

  test.each(SETTINGS)("at %s, hypotheses that only grow cost nothing", (stability) => {
    const wrong = SEEDS.filter((seed) => {
      const talk = generateTalk(seed, { errors: 0 });
      const { settled, stabilizer } = watch(talk, { stability });
      const { erasure, wrongWords, missedWords } = stabilizer.metrics();
      return settled !== textOf(talk) || erasure + wrongWords + missedWords > 0;
    });
    expect(wrong).toEqual([]);
  });

  test("a surer setting commits later and takes less back that it committed", () => {
    const totals = SETTINGS.map((stability) => {
      const all = SEEDS.map((seed) =>
        watch(generateTalk(seed, { errors: 0.3 }), { stability }).stabilizer.metrics(),
      );
      const sum = (key: "meanCommitMs" | "wrongWords"): number =>
        all.reduce((total, metrics) => total + metrics[key], 0);
      return { wait: sum("meanCommitMs"), wrong: sum("wrongWords") };
    });
    const [low, medium, high] = totals;
    expect([low!.wait < medium!.wait, medium!.wait < high!.wait]).toEqual([true, true]);
    expect([low!.wrong > medium!.wrong, medium!.wrong >= high!.wrong]).toEqual([true, true]);
  });
});

const align = (shown: string, hypothesis: string): number =>
  alignPrefix(shown.split(" ").map(comparable), hypothesis.split(" ").map(comparable)).covered;

describe("alignment", () => {
  test.each([
    ["no no", "no no no", 2],
    ["it was", "It was, late", 2],
    ["it whas", "it was late", 2],
    ["was late", "it was late again", 3],
    ["it was well late", "it was late again", 3],
    ["foo bar", "entirely other words", 0],
  ])("“%s” over “%s” covers %d", (shown, hypothesis, covered) => {
    expect(align(shown, hypothesis)).toBe(covered);
  });
});

describe("wrong calls", () => {
  test("unknown settings are refused", () => {
    expect(() => new Stabilizer({ stability: "extreme" as "low" })).toThrow(
      "must be low, medium, or high",
    );
    expect(() => new Stabilizer({ surviveMs: -1 })).toThrow(
      "surviveMs must be a number from 0, got -1",
    );
  });
});
