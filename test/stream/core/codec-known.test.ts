import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../../src/stream/core/codec.ts";
import type { HeardWord } from "../../../src/stream/core/heard.ts";

const anyWord = fc.record(
  {
    word: fc.constantFrom("one", " two ", "", 7),
    language: fc.constantFrom("en", " en", "en,de", undefined),
    probability: fc.constantFrom(0.5, 0.9, 2),
    start: fc.constantFrom(0, 1, 2, undefined),
    end: fc.constantFrom(1, 2, "2"),
    is_final: fc.boolean(),
  },
  { requiredKeys: ["word"] },
);

function wordsIn(list: readonly unknown[], known?: readonly HeardWord[]): readonly HeardWord[] {
  const text = JSON.stringify({ segments: [{ id: 1, words: list }] });
  const message = decodeMessage(text, { wordsOf: () => known });
  if (message.kind !== "text") throw new Error(message.kind);
  return message.segments[0]?.words ?? [];
}

describe("a segment that was listed before", () => {
  it("reads the same whatever was known of it (W11, W15)", () => {
    const lists = fc.array(anyWord, { maxLength: 4 });
    fc.assert(
      fc.property(lists, lists, (before, list) => {
        expect(wordsIn(list, wordsIn(before))).toEqual(wordsIn(list));
      }),
    );
  });

  it("is the same object when nothing in it has changed", () => {
    const list = [{ word: "one", start: 0, end: 1 }, { word: " two " }, { word: "" }];
    const known = wordsIn(list);
    expect(wordsIn(list, known)).toBe(known);
  });

  it("keeps the words that have not changed, and is a new list", () => {
    const known = wordsIn([{ word: "one" }, { word: "too" }]);
    const words = wordsIn([{ word: "one" }, { word: "two" }, { word: "three" }], known);
    expect(words[0]).toBe(known[0]);
    expect(words.map((word) => word.text)).toEqual(["one", "two", "three"]);
  });

  it("is shorter when words were taken back", () => {
    const known = wordsIn([{ word: "one" }, { word: "two" }]);
    expect(wordsIn([{ word: "one" }], known).map((word) => word.text)).toEqual(["one"]);
  });
});
