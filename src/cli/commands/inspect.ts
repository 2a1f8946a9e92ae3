/** `everyword inspect`: what a recording is, and whether it is fit to be recognized. */
import { EverywordError, messageOf } from "../../errors.ts";
import type { AudioFacts } from "../../resample/inspect.ts";
import { formatClock } from "../clock-time.ts";
import type { Command } from "../command.ts";
import { exitCodeOf } from "../exit-code.ts";
import { chunkOptionsFrom, INPUT_OPTIONS, sourceFrom } from "../input-options.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";

export const inspectCommand: Command = {
  name: "inspect",
  positionals: "FILE…",
  about:
    "Reads each recording to its end and says what it is: container, codec, length, loudness, " +
    "clipping, silence, damage; and what of that will cost words.",
  options: [{ name: "json", group: "Output", help: "As JSON lines" }, ...INPUT_OPTIONS],
  examples: ["everyword inspect call.mp3", "everyword inspect *.wav --json"],
  run: inspect,
};

async function inspect(values: Values, names: readonly string[], io: Io): Promise<number> {
  if (names.length === 0) throw new EverywordError("usage", "inspect needs at least one FILE.");
  const { inspectAudio } = await import("../../resample/inspect.ts");
  const { expandInputs } = await import("../inputs.ts");
  const inputs = await expandInputs(names, { cwd: io.cwd, recursive: false });
  const options = { ...chunkOptionsFrom(values), signal: io.abort };
  const failures: unknown[] = [];
  for (const input of inputs) {
    try {
      const facts = await inspectAudio(sourceFrom(input, io), options);
      const text = values.flag("json")
        ? JSON.stringify({ file: input, ...facts })
        : factLines(input, facts).join("\n");
      await write(io.stdout, `${text}\n`);
    } catch (error) {
      if (io.abort.aborted) throw error;
      failures.push(error);
      await write(io.stderr, `everyword: ${printable(input)}: ${messageOf(error)}\n`);
    }
  }
  if (failures.length === 0) return 0;
  return inputs.length === 1 ? exitCodeOf(failures[0]) : 1;
}

function factLines(input: string, facts: AudioFacts): string[] {
  const { container, codec, rate, channels, seconds, peakDb, loudness } = facts;
  const level = [
    ...(peakDb === undefined ? [] : [`peak ${peakDb.toFixed(1)} dBFS`]),
    ...(loudness === undefined ? [] : [`loudness ${loudness.toFixed(1)} LUFS`]),
    `${formatClock(facts.silentSeconds)} silent`,
  ];
  return [
    printable(input),
    `  ${container}, ${codec}, ${rate} Hz, ${channels} channel${channels === 1 ? "" : "s"}, ${formatClock(seconds)}`,
    `  ${level.join(", ")}`,
    ...advice(facts).map((line) => `  ! ${line}`),
  ];
}

function advice(facts: AudioFacts): string[] {
  const { rate, loudness, clippedSamples, silent, truncated, decodingErrors, tracks } = facts;
  return [
    ...(silent ? ["nothing is audible; check the recording"] : []),
    ...(!silent && loudness !== undefined && loudness < -40
      ? ["very quiet; record closer or louder"]
      : []),
    ...(clippedSamples > 0 ? [`${clippedSamples} samples clip; record less loud`] : []),
    ...(rate < 8000 ? [`${rate} Hz leaves out much of speech; record at 16000 or more`] : []),
    ...(truncated ? ["shorter than its header says; it was cut off"] : []),
    ...(decodingErrors > 0 ? [`${decodingErrors} decoding errors; the file is damaged`] : []),
    ...(tracks > 1 ? [`${tracks} audio tracks; --track N says which is read`] : []),
  ];
}
