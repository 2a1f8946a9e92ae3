import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../../src/stream/core/codec.ts";
import { endMessages, handshakeQuery, traceMessage } from "../../../src/stream/core/encode.ts";

const word = {
  word: " good ",
  language: "en",
  probability: 0.98,
  start: 1,
  end: 1.25,
  is_final: true,
};

describe("a message of the server", () => {
  it("is read in frames, with ids of any type as one key (X1, P26)", () => {
    const segments = [
      { id: 3, text: "good", words: [word] },
      { id: "4", text: "x", words: [word] },
      { id: "seg_5", text: "x", words: [word] },
    ];
    const message = decodeMessage(JSON.stringify({ task: "transcribe", text: "", segments }));
    if (message.kind !== "text") throw new Error(message.kind);
    expect(message.segments.map((segment) => segment.key)).toEqual([3, 4, "seg_5"]);
    expect(message.segments[0]?.words[0]).toEqual({
      text: "good",
      startFrame: 16_000,
      endFrame: 20_000,
      final: true,
      confidence: 0.98,
      language: "en",
      estimated: false,
    });
  });

  it("without word lists is split by its text, spread over its time, and never final (W20, P27)", () => {
    const segments = [{ id: 0, text: "one two", words: null, start: 1, end: 2 }];
    const message = decodeMessage(JSON.stringify({ segments }));
    if (message.kind !== "text") throw new Error(message.kind);
    const words = message.segments[0]?.words ?? [];
    expect(words.map((one) => [one.text, one.startFrame, one.endFrame, one.final])).toEqual([
      ["one", 16_000, 24_000, false],
      ["two", 24_000, 32_000, false],
    ]);
  });

  it.each([
    [1, undefined, 16_000, 16_000],
    [undefined, 2, 32_000, 32_000],
    [2, 1, 32_000, 32_000],
    ["1", null, undefined, undefined],
    [-1, -1, undefined, undefined],
    [1e12, 1e12, undefined, undefined],
  ])("survives the times %j and %j (U5)", (start, end, startFrame, endFrame) => {
    const segments = [{ id: 0, words: [{ word: "a", start, end }] }];
    const message = decodeMessage(JSON.stringify({ segments }));
    if (message.kind !== "text") throw new Error(message.kind);
    expect(message.segments[0]?.words[0]).toMatchObject({ startFrame, endFrame });
  });

  it.each([
    ['{"error":"x"}', { kind: "error", message: "x", code: undefined }],
    ['{"error":{"message":"m","code":7},"text":"t"}', { kind: "error", message: "m", code: "7" }],
    ['{"checkpoint_id":"final","extra":1}', { kind: "end" }],
    ['{"object":"stt.output.trace","trace_id":"final"}', { kind: "end" }],
    ['{"object":"stt.output.trace","trace_id":"1:2"}', { kind: "trace", id: "1:2" }],
    ['{"object":"stt.state.cleared","reset_id":"r"}', { kind: "cleared", id: "r" }],
    ['{"error":null,"text":"","segments":null}', { kind: "text", segments: [] }],
    ['{"object":"stt.output.text","segments":[]}', { kind: "text", segments: [] }],
    ['{"text":"a","words":[]}', { kind: "text", segments: [] }],
    [
      '{"text":"a","words":[{"word":"a"}],"segments":null}',
      { kind: "skipped", why: "words without segments" },
    ],
    ['{"object":"stt.output.text"}', { kind: "skipped", why: 'unknown object "stt.output.text"' }],
    ["nonsense", { kind: "skipped", why: "not JSON" }],
    ["[]", { kind: "skipped", why: "not an object" }],
    ["{}", { kind: "skipped", why: "no known key" }],
  ])("%s is told apart (PROTOCOL §4.4)", (text, expected) => {
    expect(decodeMessage(text)).toEqual(expected);
  });

  it("never throws, whatever it is (U3)", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.jsonValue(), (text, value) => {
        decodeMessage(text);
        decodeMessage(JSON.stringify({ segments: [{ id: 1, words: [value] }, value] }));
        decodeMessage(JSON.stringify({ object: value, error: value, checkpoint_id: value }));
      }),
      { seed: 4 },
    );
  });
});

describe("a message of the client", () => {
  it("asks for times by repeating the parameter and encodes the rest (P17)", () => {
    expect(handshakeQuery({ language: "de", prompt: "a&b=c" })).toBe(
      "response_format=verbose_json&timestamp_granularities=word&timestamp_granularities=segment" +
        "&language=de&prompt=a%26b%3Dc",
    );
  });

  it("marks the end in either form or both (X4)", () => {
    expect(endMessages("checkpoint")).toEqual(['{"checkpoint_id":"final"}']);
    expect(endMessages("trace")).toEqual([traceMessage("final")]);
    expect(endMessages("both")).toHaveLength(2);
  });
});
