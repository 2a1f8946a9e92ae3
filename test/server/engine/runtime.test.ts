import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import { WINDOW_FRAMES } from "../../../src/server/engine/core/segmenter.ts";
import { Decoder } from "../../../src/server/engine/decoder.ts";
import { Ear } from "../../../src/server/engine/ear.ts";
import { type Load, loadRuntime } from "../../../src/server/engine/runtime.ts";
import { type ModelFiles, pullModel } from "../../../src/server/engine/weights.ts";
import { readRecording } from "./recording.ts";

const require = createRequire(import.meta.url);
const { samples } = readRecording("card-three");
let files: ModelFiles;

beforeAll(async () => {
  files = await pullModel("tiny");
}, 300_000);

/** As on a system that the native runtime was not built for. */
const withoutNative: Load = (name) => {
  if (name === "sherpa-onnx-node") throw new Error("no build for this system");
  return require(name) as unknown;
};

const withoutAny: Load = () => {
  throw new Error("not here");
};

function textBy(load?: Load): string {
  const moonshine = { encoder: files.encoder, mergedDecoder: files.decoder };
  const modelConfig = { moonshine, tokens: files.tokens, numThreads: 1, debug: 0 };
  const decoder = new Decoder({ role: "decoder", recognizer: { modelConfig } }, loadRuntime(load));
  const { words } = decoder.decode({ kind: "decode", samples, audioFrame: 0 });
  return words.map(({ text }) => text).join(" ");
}

/** Windows in which somebody speaks; the two runtimes date them up to three windows apart. */
function speechBy(load?: Load): number {
  const ear = new Ear({ role: "ear", vad: files.vad, threshold: 0.3 }, loadRuntime(load));
  const whole = samples.subarray(0, samples.length - (samples.length % WINDOW_FRAMES));
  return ear.detect(1, whole).filter((flag) => flag === 1).length;
}

describe("the runtime", () => {
  it("is the one in WebAssembly where the native one cannot be loaded, and hears the same", () => {
    expect([loadRuntime().name, loadRuntime(withoutNative).name]).toEqual([
      "sherpa-onnx-node",
      "sherpa-onnx",
    ]);
    expect(textBy(withoutNative)).toBe(textBy());
    expect(Math.abs(speechBy(withoutNative) - speechBy())).toBeLessThanOrEqual(2);
  });

  it("says in one sentence what to do where there is neither", () => {
    expect(() => loadRuntime(withoutAny)).toThrow(
      expect.objectContaining({
        code: "recognizer",
        message: expect.stringMatching(/npm install sherpa-onnx\), or use a server/u) as string,
      }),
    );
  });
});
