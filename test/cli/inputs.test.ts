import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expandInputs } from "../../src/cli/inputs.ts";
import { temporaryFolder } from "./built.ts";

const cwd = temporaryFolder();
mkdirSync(join(cwd, "talks", "old"), { recursive: true });
for (const name of ["a.wav", "b.mp3", "[1].wav", "notes.txt", "talks/2.wav", "talks/10.wav"]) {
  writeFileSync(join(cwd, name), "x");
}
writeFileSync(join(cwd, "talks", "old", "3.FLAC"), "x");
writeFileSync(join(cwd, "talks", "old", "cover.jpg"), "x");
writeFileSync(join(cwd, "talks", ".hidden.wav"), "x");

const expand = (args: string[], recursive = false) => expandInputs(args, { cwd, recursive });

describe("expandInputs", () => {
  it("expands a pattern itself, in an order people expect", async () => {
    expect(await expand(["talks/*.wav"])).toEqual(["talks/2.wav", "talks/10.wav"]);
  });

  it("takes a file that bears the literal name of a pattern", async () => {
    expect(await expand(["[1].wav"])).toEqual(["[1].wav"]);
  });

  it("reads each input once, however often it is named", async () => {
    expect(await expand(["a.wav", "./a.wav", "*.wav"])).toEqual(["a.wav", "[1].wav"]);
  });

  it("finds the audio in a folder and below, and nothing else", async () => {
    expect(await expand(["talks"], true)).toEqual([
      join("talks", "2.wav"),
      join("talks", "10.wav"),
      join("talks", "old", "3.FLAC"),
    ]);
  });

  it("leaves addresses, standard input and missing files as they are", async () => {
    const args = ["https://example.org/a*.mp3", "-", "gone.wav"];
    expect(await expand(args)).toEqual(args);
  });

  it.each([
    [["talks"], false, "talks is a folder; --recursive transcribes the audio in it and below."],
    [["*.ogg"], false, "No file matches *.ogg; check the pattern."],
  ])("refuses %j", async (args, recursive, message) => {
    await expect(expand(args, recursive)).rejects.toThrow(message);
  });

  it("says that a folder holds no audio", async () => {
    const empty = temporaryFolder();
    await expect(expandInputs([empty], { cwd, recursive: true })).rejects.toThrow("no audio in");
  });
});
