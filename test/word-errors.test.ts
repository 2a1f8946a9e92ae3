import { describe, expect, it } from "vitest";
import { countWordErrors, normalizeWords } from "./word-errors.ts";

describe("countWordErrors", () => {
  it.each([
    ["a b c", "a b c", 0],
    ["a b c", "a c", 1],
    ["a b c", "a x b c", 1],
    ["a b c", "a x c", 1],
    ["", "a b", 2],
    ["a b", "", 2],
    ["Mr. Smith has 21 cats.", "mister smith has twenty one cats", 0],
  ])("of %j heard as %j is %i", (reference, hypothesis, errors) => {
    expect(countWordErrors(reference, hypothesis).errors).toBe(errors);
  });

  it("spells numbers out", () => {
    expect(normalizeWords("10 of clubs, 300; 4711").join(" ")).toBe(
      "ten of clubs three hundred four seven one one",
    );
  });
});
