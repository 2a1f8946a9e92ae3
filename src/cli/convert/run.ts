/** `everyword convert`: captions to captions, transcripts to captions, audio to WAV. */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Cue } from "../../captions/cue.ts";
import {
  cuesTranscript,
  formats,
  type FormatName,
  type FormatOptions,
} from "../../captions/formats.ts";
import { readJson } from "../../captions/read-json.ts";
import { EverywordError } from "../../errors.ts";
import { toChunks } from "../../resample/chunks.ts";
import type { AudioWarning } from "../../resample/options.ts";
import { writeWav } from "../../resample/write-wav.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { formatOfPath, isFormat } from "../formats.ts";
import { chunkOptionsFrom, sourceFrom } from "../input-options.ts";
import { write, type Io } from "../io.ts";
import { writeAtomically } from "../outputs.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { shiftCues, type Shifted, shiftRecording } from "./shift.ts";

/** Captions of a day have some megabytes; more is no caption file. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;

export async function runConvert(
  values: Values,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  const [input, output, ...more] = positionals;
  if (input === undefined || more.length > 0) {
    throw new EverywordError(
      "usage",
      `convert takes IN and OUT, got ${positionals.length}; everyword convert --help shows how.`,
    );
  }
  const target = targetOf(values, output);
  const source = sourceKind(values, input);
  if ((source === "audio") !== (target === "wav")) {
    throw new EverywordError(
      "usage",
      source === "audio"
        ? `${input} is taken for audio, which becomes only .wav here; everyword transcribe makes captions of it.`
        : `${input} is captions, which cannot become audio.`,
    );
  }
  if (target === "wav") {
    if (output === undefined || output === "-") {
      throw new EverywordError("usage", "Audio needs a file to go to: convert IN OUT.wav.");
    }
    const warnings: string[] = [];
    const options = {
      ...chunkOptionsFrom(values),
      signal: io.abort,
      onWarning: ({ message }: AudioWarning) => void warnings.push(message),
    };
    await writeWav(toChunks(sourceFrom(input, io), options), output);
    for (const warning of warnings) {
      await write(io.stderr, `everyword: ${printable(input)}: ${warning}\n`);
    }
    return 0;
  }
  const { text, shifted } = convertCaptions(await readText(input, io), source, target, values);
  const { lost, total, unit } = shifted;
  if (lost > 0 && lost === total) {
    const message = `All ${total} ${unit} of ${input} would end before 0; give a --shift nearer to 0.`;
    throw new EverywordError("unsupported", message);
  }
  if (lost > 0) {
    const line = `${lost} of ${total} ${unit} would end before 0 and are left out`;
    await write(io.stderr, `everyword: ${printable(input)}: ${line}\n`);
  }
  if (output === undefined || output === "-") await write(io.stdout, text);
  else await writeAtomically(output, text);
  return 0;
}

function targetOf(values: Values, output: string | undefined): FormatName | "wav" {
  const asked = values.text("format");
  if (asked === "wav") return "wav";
  if (asked !== undefined && isFormat(asked)) return asked;
  if (output === undefined || output === "-") {
    throw new EverywordError("usage", "Without OUT, --format says what to print.");
  }
  return extname(output).toLowerCase() === ".wav" ? "wav" : formatOfPath(output);
}

/** What captions are read from; what is none of these is audio. */
const READ = ["srt", "vtt", "tsv", "csv", "json"] as const;

type Source = (typeof READ)[number] | "audio";

function sourceKind(values: Values, input: string): Source {
  const asked = values.text("from") ?? extname(input).slice(1).toLowerCase();
  return READ.find((name) => name === asked) ?? "audio";
}

interface Converted {
  readonly text: string;
  readonly shifted: Omit<Shifted<unknown>, "value">;
}

function convertCaptions(
  text: string,
  source: Source,
  target: FormatName,
  values: Values,
): Converted {
  const options = captionOptionsFrom(values);
  const shift = values.number("shift", -1e6, 1e6) ?? 0;
  const format = formats[target];
  if (source === "json") {
    const shifted = shiftRecording(readJson(text), shift);
    return { text: format.write(shifted.value, options), shifted };
  }
  const shifted = shiftCues(source === "audio" ? [] : read(source, text), shift);
  const cues = shifted.value;
  // Cues that somebody laid out stay as they are, unless another layout is asked for.
  const laidOut = (source === "srt" || source === "vtt") && !asksForLayout(options);
  const written =
    format.writeCues !== undefined && laidOut
      ? format.writeCues(cues, options)
      : format.write(cuesTranscript(cues), options);
  return { text: written, shifted };
}

function read(name: FormatName, text: string): Cue[] {
  const cues = formats[name].read?.(text) ?? [];
  if (cues.length === 0 && text.trim().replace(/^\u{FEFF}?WEBVTT.*/u, "") !== "") {
    throw new EverywordError(
      "input-unreadable",
      `No caption was found in this ${name}; check the file, or say what it is with --from.`,
    );
  }
  return cues;
}

function asksForLayout(options: FormatOptions): boolean {
  const { preset, maxLineWidth, maxLineCount, maxWordsPerLine, rollUp } = options;
  return [preset, maxLineWidth, maxLineCount, maxWordsPerLine, rollUp].some(
    (value) => value !== undefined,
  );
}

async function readText(input: string, io: Io): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    const blocks =
      input === "-" ? (io.stdin as AsyncIterable<Uint8Array>) : [await readFile(input)];
    for await (const block of blocks) {
      bytes += block.length;
      if (bytes > MAX_TEXT_BYTES) throw new Error("it is larger than 256 MiB");
      parts.push(block);
    }
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const why =
      code === "ENOENT"
        ? "there is no such file; check the path"
        : String(code ?? (cause instanceof Error ? cause.message : cause));
    throw new EverywordError("input-unreadable", `Cannot read ${input}: ${why}.`, { cause });
  }
  return Buffer.concat(parts).toString("utf8");
}
