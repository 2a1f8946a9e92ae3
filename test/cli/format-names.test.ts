import { describe, expect, it } from "vitest";
import { formats } from "../../src/captions/formats.ts";
import { PRESETS } from "../../src/captions/presets.ts";
import { FORMAT_NAMES, PRESET_NAMES } from "../../src/cli/format-names.ts";

describe("the names in the help", () => {
  it("are all the formats that can be written", () => {
    expect([...FORMAT_NAMES].toSorted()).toEqual(Object.keys(formats).toSorted());
  });

  it("are all the presets, and whisper's layout", () => {
    expect([...PRESET_NAMES].toSorted()).toEqual([...Object.keys(PRESETS), "whisper"].toSorted());
  });
});
