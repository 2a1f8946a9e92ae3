/**
 * Options that only a program with whisper's own decoder has (openai-whisper, faster-whisper and
 * whisperX name them so). Scripts that come from there keep running: accepted, told once, ignored.
 */
import type { OptionSpec } from "./command.ts";

const WITH_VALUE = [
  "device",
  "device-index",
  "compute-type",
  "threads",
  "batch-size",
  "chunk-size",
  "beam-size",
  "best-of",
  "patience",
  "length-penalty",
  "repetition-penalty",
  "no-repeat-ngram-size",
  "suppress-tokens",
  "suppress-blank",
  "condition-on-previous-text",
  "carry-initial-prompt",
  "prompt-reset-on-temperature",
  "fp16",
  "temperature-increment-on-fallback",
  "compression-ratio-threshold",
  "logprob-threshold",
  "no-speech-threshold",
  "hallucination-silence-threshold",
  "prepend-punctuations",
  "append-punctuations",
  "max-initial-timestamp",
  "vad-filter",
  "vad-threshold",
  "vad-method",
  "vad-onset",
  "vad-offset",
  "hotwords",
  "align-model",
  "interpolate-method",
  "segment-resolution",
  "hf-token",
  "print-progress",
  "model-cache-only",
  "local-files-only",
  "model-directory",
] as const;

const FLAGS = ["suppress-numerals", "no-align", "return-char-alignments"] as const;

export const WHISPER_ONLY_OPTIONS: readonly OptionSpec[] = [
  ...WITH_VALUE.map((name) => ({ name, value: "X", group: "", help: "", ignored: true })),
  ...FLAGS.map((name) => ({ name, group: "", help: "", ignored: true })),
];
