import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEngine } from "../../../src/server/engine/engine.ts";
import { findUserModel } from "../../../src/server/engine/model-dir.ts";
import { pullModel } from "../../../src/server/engine/weights.ts";
import { readRecording } from "./recording.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "everyword-model-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("a model directory of the user's", () => {
  it("is recognized by its files and used", async () => {
    const files = await pullModel("tiny");
    await copyFile(files.encoder, join(directory, "encoder_model.onnx"));
    await copyFile(files.decoder, join(directory, "decoder_model_merged.onnx"));
    await copyFile(files.tokens, join(directory, "tokens.txt"));
    const engine = await openEngine({ cacheDir: directory });
    const heard: string[] = [];
    const stream = engine.openStream({ interimSeconds: 0 }, ({ words }) => {
      heard.push(...words.map(({ text }) => text));
    });
    stream.push(readRecording("card-one").samples);
    await stream.finish();
    await engine.close();
    expect(heard.join(" ")).toMatch(/^Ten of/u);
    expect((await readdir(directory)).length).toBe(3);
  }, 300_000);

  it("is refused in one sentence when a part is missing", async () => {
    await writeFile(join(directory, "encoder.onnx"), "");
    await writeFile(join(directory, "tokens.txt"), "");
    await expect(findUserModel(directory)).rejects.toMatchObject({
      code: "recognizer",
      message: `${directory} is no model that can be used: decoder.onnx is missing (it holds encoder.onnx, tokens.txt); put all files of one model there as they were published, or leave --model-dir out.`,
    });
  });

  it("fails as an error, not as a crash, when a file is damaged", async () => {
    await writeFile(join(directory, "model.onnx"), "not a network");
    await writeFile(join(directory, "tokens.txt"), "<blk> 0\na 1\n");
    const engine = await openEngine({ cacheDir: directory });
    await expect(engine.ready()).rejects.toMatchObject({ code: "recognizer" });
    const stream = engine.openStream({}, () => undefined);
    stream.push(readRecording("card-one").samples);
    await expect(stream.finish()).rejects.toMatchObject({ code: "recognizer" });
    await engine.close();
  }, 300_000);

  it("is only a place to keep fetched models when it holds no other", async () => {
    expect(await findUserModel(directory)).toBeUndefined();
    await writeFile(join(directory, "silero_vad_v5.onnx"), "");
    expect(await findUserModel(directory)).toBeUndefined();
    expect(await findUserModel(join(directory, "not-yet"))).toBeUndefined();
  });
});
