import { describe, expect, it } from "vitest";
import {
  formatTokenTable,
  readVocabulary,
} from "../../../../src/server/engine/core/token-table.ts";

describe("the token table", () => {
  it("takes the vocabulary out of source text without running it", () => {
    const base64 = Buffer.from("<unk>\n<0x0A>\n\u2581the\nへ").toString("base64");
    expect(readVocabulary(`x; const llama_vocab_base64 = "${base64}"; y`)).toEqual([
      "<unk>",
      "<0x0A>",
      "\u2581the",
      "へ",
    ]);
  });

  it("says so when there is none", () => {
    expect(() => readVocabulary("const nothing = 1;")).toThrow(TypeError);
  });

  it("writes each piece as base64 and its number, bytes as bytes, and pads the rest", () => {
    const lines = formatTokenTable(["<unk>", "<0x0A>", "\u2581the"], 4).split("\n");
    const decoded = lines.slice(0, 4).map((line) => {
      const [piece = "", number] = line.split(" ");
      return [Buffer.from(piece, "base64").toString("utf8"), number];
    });
    expect(decoded).toEqual([
      ["<unk>", "0"],
      ["\n", "1"],
      [" the", "2"],
      ["<extra_3>", "3"],
    ]);
  });
});
