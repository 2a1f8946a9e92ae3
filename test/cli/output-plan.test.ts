import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inputName, planOutputs, type OutputWishes } from "../../src/cli/output-plan.ts";

const wishes: OutputWishes = {
  formats: ["srt", "vtt"],
  extensionOf: (format) => format,
  directory: "out",
  nameTemplate: "{stem}.{ext}",
};
const pathsOf = (inputs: string[], changed: Partial<OutputWishes> = {}) =>
  planOutputs(inputs, { ...wishes, ...changed }).map(({ outputs }) =>
    outputs.map(({ path }) => path),
  );

describe("planOutputs", () => {
  it("writes one file for each format, named for the input", () => {
    expect(pathsOf(["calls/monday.wav"])).toEqual([
      [join("out", "monday.srt"), join("out", "monday.vtt")],
    ]);
  });

  it("prints when the folder is -", () => {
    expect(pathsOf(["a.wav"], { directory: "-" })).toEqual([[undefined, undefined]]);
  });

  it("fills the template", () => {
    const nameTemplate = "{parent}-{name}.{ext}";
    expect(pathsOf(["calls/monday.wav"], { nameTemplate, formats: ["srt"] })).toEqual([
      [join("out", "calls-monday.wav.srt")],
    ]);
  });

  it.each([
    [["a/talk.wav", "b/talk.wav"], {}, /a\/talk\.wav and b\/talk\.wav would both write/u],
    [["talk.wav", "TALK.mp3"], {}, /would both write .*"\{name\}\.\{ext\}" keeps them apart/u],
    [["a/talk.wav", "b/talk.wav"], {}, /"\{parent\}-\{stem\}\.\{ext\}" keeps them apart/u],
    [["a.wav"], { nameTemplate: "{title}.{ext}" }, /knows \{stem\}/u],
    [["a.wav"], { nameTemplate: "{stem}" }, /needs \{ext\}/u],
    [["a.srt"], { directory: "." }, /is an input and would be overwritten/u],
  ])("refuses %j with %j before any work", (inputs, changed, message) => {
    expect(() => pathsOf(inputs, changed)).toThrow(message);
  });

  it.each([
    ["https://example.org/talks/one%20two.mp3?x=1", "one two.mp3"],
    ["https://example.org/", "example.org"],
    ["https://example.org/..%2f..%2fetc", ".._.._etc"],
    ["-", "stdin"],
  ])("calls %s %s", (input, name) => {
    expect(inputName(input)).toBe(name);
  });
});
