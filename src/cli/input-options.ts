/** The options that say what the input is: raw PCM has no header that could. */
import { EverywordError } from "../errors.ts";
import type { ChunkOptions } from "../resample/options.ts";
import type { AudioSource } from "../resample/source.ts";
import type { OptionSpec } from "./command.ts";
import type { Io } from "./io.ts";
import type { Values } from "./parse.ts";

const ENCODINGS = [
  "s16le",
  "s16be",
  "s24le",
  "s32le",
  "u8",
  "f32le",
  "f64le",
  "mulaw",
  "alaw",
] as const;

export const INPUT_OPTIONS: readonly OptionSpec[] = [
  {
    name: "input-format",
    value: "ENC",
    group: "Input",
    choices: ENCODINGS,
    help: `Raw PCM without a header: ${ENCODINGS.join(", ")}`,
  },
  { name: "rate", value: "HZ", group: "Input", help: "Sample rate of raw PCM; default 16000" },
  { name: "channels", value: "N", group: "Input", help: "Channels of raw PCM; default 1" },
];

/** `-` is standard input. */
export function sourceFrom(input: string, io: Io): AudioSource {
  return input === "-" ? (io.stdin as AsyncIterable<Uint8Array>) : input;
}

export function chunkOptionsFrom(values: Values): ChunkOptions {
  const encoding = values.text("input-format");
  if (encoding === undefined) {
    for (const name of ["rate", "channels"]) {
      if (values.has(name)) {
        throw new EverywordError(
          "usage",
          `--${name} goes with --input-format: a file says its own.`,
        );
      }
    }
    return {};
  }
  return {
    format: {
      encoding: encoding as (typeof ENCODINGS)[number],
      rate: values.integer("rate", 1000, 384_000) ?? 16_000,
      channels: values.integer("channels", 1, 64) ?? 1,
    },
  };
}
