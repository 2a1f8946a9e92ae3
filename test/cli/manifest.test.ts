import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MANIFEST_NAME, outputState, recordOutputs } from "../../src/cli/manifest.ts";
import { temporaryFolder } from "./built.ts";

const made = { source: "a", options: "b" };

describe("the manifest", () => {
  it("tells current from stale, foreign and missing", async () => {
    const folder = temporaryFolder();
    const [known, foreign, missing] = ["k.srt", "f.srt", "m.srt"].map((name) => join(folder, name));
    writeFileSync(known!, "1");
    writeFileSync(foreign!, "2");
    await recordOutputs([known!], made);
    expect([
      await outputState(known!, made),
      await outputState(known!, { ...made, source: "z" }),
      await outputState(known!, { ...made, options: "z" }),
      await outputState(foreign!, made),
      await outputState(missing!, made),
    ]).toEqual(["current", "stale", "stale", "foreign", "missing"]);
  });

  it("keeps what is there already, and survives a damaged file", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, MANIFEST_NAME), "{");
    await recordOutputs([join(folder, "a.srt")], made);
    await recordOutputs([join(folder, "b.srt")], made);
    const text = readFileSync(join(folder, MANIFEST_NAME), "utf8");
    expect(Object.keys((JSON.parse(text) as { outputs: object }).outputs)).toEqual([
      "a.srt",
      "b.srt",
    ]);
  });
});
