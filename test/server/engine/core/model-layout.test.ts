import { describe, expect, it } from "vitest";
import { recognizeLayout } from "../../../../src/server/engine/core/model-layout.ts";
import { timeByTokens } from "../../../../src/server/engine/core/token-times.ts";

/** Names as sherpa-onnx's authors publish them. */
const PUBLISHED: readonly (readonly [string, string, readonly string[], string])[] = [
  [
    "transducer",
    "sherpa-onnx-zipformer-gigaspeech",
    [
      "encoder-epoch-30-avg-1.onnx",
      "decoder-epoch-30-avg-1.onnx",
      "joiner-epoch-30-avg-1.onnx",
      "tokens.txt",
    ],
    "",
  ],
  [
    "nemoTransducer",
    "sherpa-onnx-nemo-parakeet-tdt-0.6b-v2-int8",
    ["encoder.int8.onnx", "decoder.int8.onnx", "joiner.int8.onnx", "tokens.txt"],
    "",
  ],
  [
    "whisper",
    "sherpa-onnx-whisper-base.en",
    ["base.en-encoder.int8.onnx", "base.en-decoder.int8.onnx", "base.en-tokens.txt"],
    "",
  ],
  [
    "moonshine",
    "sherpa-onnx-moonshine-tiny-en-int8",
    [
      "preprocess.onnx",
      "encode.int8.onnx",
      "uncached_decode.int8.onnx",
      "cached_decode.int8.onnx",
      "tokens.txt",
    ],
    "",
  ],
  ["moonshine", "mine", ["encoder_model.onnx", "decoder_model_merged.onnx", "tokens.txt"], ""],
  ["paraformer", "sherpa-onnx-paraformer-zh", ["model.int8.onnx", "model.onnx", "tokens.txt"], ""],
  ["senseVoice", "unnamed", ["model.onnx", "tokens.txt"], "<|zh|> 1\n<|yue|> 2\n"],
  ["nemoCtc", "unnamed", ["model.onnx", "tokens.txt"], "<unk> 0\n\u2581t 1\n<blk> 1024\n"],
  ["zipformerCtc", "unnamed", ["model.onnx", "tokens.txt"], "<blk> 0\n\u2581t 1\n"],
];

describe("recognizeLayout", () => {
  it.each(PUBLISHED)("knows a %s in %s", (kind, directory, names, tokens) => {
    expect(recognizeLayout(names, directory, () => tokens)).toMatchObject({ kind });
  });

  it("prefers the 8-bit file of two", () => {
    const layout = recognizeLayout(
      ["model.onnx", "model.int8.onnx", "tokens.txt"],
      "paraformer",
      () => "",
    );
    expect(layout).toMatchObject({ parts: { model: "model.int8.onnx" } });
  });

  it("takes a model named for English to be English, and else promises nothing", () => {
    const english = ["tiny.en-encoder.onnx", "tiny.en-decoder.onnx", "tiny.en-tokens.txt"];
    const many = ["tiny-encoder.onnx", "tiny-decoder.onnx", "tiny-tokens.txt"];
    expect([
      recognizeLayout(english, "w", () => ""),
      recognizeLayout(many, "w", () => ""),
    ]).toMatchObject([{ languages: ["en"] }, { languages: [] }]);
  });

  it.each([
    [
      ["encoder.onnx", "decoder.onnx"],
      "tokens.txt is missing (it holds encoder.onnx, decoder.onnx)",
    ],
    [["encoder.onnx", "tokens.txt"], "decoder.onnx is missing (it holds encoder.onnx, tokens.txt)"],
    [
      ["joiner.onnx", "decoder.onnx", "tokens.txt"],
      "encoder.onnx is missing (it holds joiner.onnx, decoder.onnx, tokens.txt)",
    ],
  ])("says of %j what is missing", (names, problem) => {
    expect(recognizeLayout(names, "mine", () => "")).toEqual({ problem });
  });

  it("says that a streaming model is of the wrong kind", () => {
    const names = ["encoder-chunk-16-left-128.onnx", "decoder.onnx", "joiner.onnx", "tokens.txt"];
    expect(recognizeLayout(names, "zipformer", () => "")).toMatchObject({
      problem: expect.stringContaining("offline"),
    });
  });
});

describe("timeByTokens", () => {
  it("joins tokens to words and ends each where the next begins", () => {
    const tokens = ["\u2581good", "\u2581mor", "ning"];
    expect(timeByTokens(["good", "morning"], tokens, [0, 0.5, 0.75], 160)).toEqual([
      { text: "good", startFrame: 160, endFrame: 8_160 },
      { text: "morning", startFrame: 8_160, endFrame: 15_360 },
    ]);
  });

  it("gives nothing when the tokens do not spell the words", () => {
    expect(timeByTokens(["good"], ["bad"], [0], 0)).toBeUndefined();
    expect(timeByTokens(["good"], [], [], 0)).toBeUndefined();
  });
});
