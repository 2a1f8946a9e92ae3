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

const DECODERS = ["auto", "native", "wasm"] as const;

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
  {
    name: "track",
    value: "N",
    group: "Input",
    help: "Audio track of a file with several, from 0; default 0",
  },
  {
    name: "decoder",
    value: "WHO",
    group: "Input",
    choices: DECODERS,
    help: "What reads compressed audio: native (ffmpeg), wasm, or auto (default)",
  },
];

/** For a command that can hear channels apart. */
export const SPLIT_INPUT_OPTIONS: readonly OptionSpec[] = INPUT_OPTIONS.map((option) =>
  option.name === "channels"
    ? {
        ...option,
        value: "N|split",
        multiple: true,
        split: true,
        help: "Channels of raw PCM, default 1; split: each channel is a speaker of its own",
      }
    : option,
);

/** `-` is standard input. */
export function sourceFrom(input: string, io: Io): AudioSource {
  return input === "-" ? (io.stdin as AsyncIterable<Uint8Array>) : input;
}

/**
 * @param splits whether the command can hear channels apart
 * @throws EverywordError `usage` for what makes no sense together.
 */
export function chunkOptionsFrom(values: Values, splits = false): ChunkOptions {
  if (!splits && splitsChannels(values)) {
    throw new EverywordError(
      "usage",
      "--channels split is for everyword transcribe; here the channels are mixed.",
    );
  }
  const encoding = values.text("input-format");
  const count = values.list("channels").findLast((text) => text !== "split");
  const channels = count === undefined ? undefined : Number(count);
  if (channels !== undefined && !(Number.isInteger(channels) && channels >= 1 && channels <= 64)) {
    throw new EverywordError(
      "usage",
      `--channels must be a whole number from 1 to 64, or split, not "${count}".`,
    );
  }
  if (encoding === undefined) {
    const given = { rate: values.has("rate"), channels: channels !== undefined };
    for (const [name, isGiven] of Object.entries(given)) {
      if (isGiven) {
        throw new EverywordError(
          "usage",
          `--${name} goes with --input-format: a file says its own.`,
        );
      }
    }
    return readOptionsFrom(values);
  }
  return {
    ...readOptionsFrom(values),
    format: {
      encoding: encoding as (typeof ENCODINGS)[number],
      rate: values.integer("rate", 1000, 384_000) ?? 16_000,
      channels: channels ?? 1,
    },
  };
}

/** What a container is read with. */
function readOptionsFrom(values: Values): ChunkOptions {
  return {
    track: values.integer("track", 0, 1000),
    decoder: values.text("decoder") as (typeof DECODERS)[number] | undefined,
  };
}

/** `--channels split`: each channel is a speaker of its own. */
export function splitsChannels(values: Values): boolean {
  return values.list("channels").includes("split");
}
