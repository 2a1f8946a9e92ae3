import * as fc from "fast-check";
import { expect, it } from "vitest";
import { joinWords } from "../../../../src/server/engine/core/join-words.ts";

function wordsOf(text: string): { text: string }[] {
  return text.split(" ").map((word) => ({ text: word }));
}

function join(before: string, tail: string): string | undefined {
  return joinWords(wordsOf(before), wordsOf(tail))
    ?.map(({ text }) => text)
    .join(" ");
}

it("takes the tail from the first words that both have, whatever a cut made of those before", () => {
  expect(
    join("had he married a more amiable woman", "Marry the More amiable woman, he might"),
  ).toBe("had he married a more amiable woman, he might");
});

it("lets the tail correct the end of what was heard before", () => {
  expect(
    join("leisure to consider how Much they're much", "to consider how much there might be"),
  ).toBe("leisure to consider how much there might be");
});

it("joins at the last of equal runs when somebody repeats themselves", () => {
  expect(join("one two three one two", "one two four")).toBe("one two three one two four");
});

it("does not guess when no two words in a row are common", () => {
  expect([join("one two three", "four two five"), join("one", "one")]).toEqual([
    undefined,
    undefined,
  ]);
});

it("gives back a text of different words that was cut anywhere with two words in common", () => {
  const cuts = fc.tuple(fc.integer({ min: 2, max: 40 }), fc.nat({ max: 38 }));
  fc.assert(
    fc.property(cuts, ([heard, from]) => {
      const words = Array.from({ length: 40 }, (_, index) => ({ text: `w${index}` }));
      const start = Math.min(from, heard - 2);
      const joined = joinWords(words.slice(0, heard), words.slice(start));
      return joined?.length === 40 && joined.every((word, index) => word === words[index]);
    }),
  );
});
