/** `everyword live`: words as they are spoken, from a file at its own pace, a pipe, or a microphone. */
import { TranscriptCollector } from "../../stream/core/collect.ts";
import type { SessionEvent } from "../../stream/core/events.ts";
import { transcribeChunks } from "../../stream/transcribe.ts";
import { toChunks } from "../../resample/chunks.ts";
import { EverywordError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { INTERRUPTED } from "../exit-code.ts";
import { chunkOptionsFrom, INPUT_OPTIONS, sourceFrom } from "../input-options.ts";
import { usesColor, write, type Io } from "../io.ts";
import { JsonLines, LiveText, type LiveView } from "../live-view.ts";
import { OUTPUT_FORMATS, render, writeOutput } from "../outputs.ts";
import type { Values } from "../parse.ts";
import {
  languageFrom,
  LOCAL_OPTIONS,
  SERVICE_OPTIONS,
  serviceFrom,
  SPEECH_OPTIONS,
} from "../service-options.ts";
import { untilStopped } from "../until-stopped.ts";

export const liveCommand: Command = {
  name: "live",
  summary: "Show words as they are spoken",
  positionals: "FILE|-",
  about:
    "Streams the audio at its own pace and prints the words as they are recognized. With - the " +
    "audio comes from standard input.",
  options: [
    { name: "jsonl", group: "Output", help: "One JSON object a line: every event of the session" },
    {
      name: "captions",
      value: "FORMAT",
      group: "Output",
      choices: OUTPUT_FORMATS,
      help: "Print the finished captions at the end",
    },
    {
      name: "write",
      value: "FILE",
      group: "Output",
      multiple: true,
      help: "Write the transcript to FILE, format by its ending; may be given several times",
    },
    { name: "quiet", short: "q", group: "Output", help: "Nothing on stderr but errors" },
    {
      name: "color",
      value: "WHEN",
      group: "Output",
      choices: ["auto", "always", "never"],
      help: "auto (default), always, never",
    },
    {
      name: "pace",
      value: "N",
      group: "Streaming",
      help: "1 (default) is real time, 2 twice as fast, max as fast as the server answers",
    },
    ...INPUT_OPTIONS,
    ...SPEECH_OPTIONS,
    ...SERVICE_OPTIONS,
    ...LOCAL_OPTIONS,
  ],
  examples: [
    "everyword live talk.wav",
    "everyword live talk.wav --pace max --captions srt > talk.srt",
    "ffmpeg -i rtsp://camera -f s16le -ar 16000 -ac 1 - |",
    "  everyword live - --input-format s16le --jsonl",
  ],
  run: live,
};

async function live(values: Values, positionals: readonly string[], io: Io): Promise<number> {
  const [input, ...more] = positionals;
  if (input === undefined || more.length > 0) {
    throw new EverywordError(
      "usage",
      `live takes one input, got ${positionals.length}; everyword live --help shows how.`,
    );
  }
  const pace = paceFrom(values);
  const language = languageFrom(values);
  const chunkOptions = chunkOptionsFrom(values);
  const writes = values.list("write").map((path) => writeOutput(path));
  const view = viewFor(values, io);
  const collector = new TranscriptCollector();
  // The input is looked at before anything is started for it.
  const chunks = toChunks(sourceFrom(input, io), { ...chunkOptions, signal: io.abort })[
    Symbol.asyncIterator
  ]();
  const first = await chunks.next();
  const opened = await serviceFrom(values, io);
  try {
    const events = transcribeChunks(untilStopped(first, chunks, io.stop), {
      service: opened.service,
      pace,
      signal: io.abort,
      ...(language === undefined ? {} : { language }),
      ...(values.has("prompt") ? { prompt: values.text("prompt") ?? "" } : {}),
      ...(values.has("temperature")
        ? { temperature: values.number("temperature", 0, 1) ?? 0 }
        : {}),
    });
    const end = await show(events, view, collector, io);
    const captions = values.text("captions");
    if (captions !== undefined)
      await write(io.stdout, `\n${render(captions, collector.transcript())}`);
    for (const save of writes) await save(collector.transcript());
    if (io.stop.aborted) return INTERRUPTED;
    return end?.reason === "complete" ? 0 : 1;
  } finally {
    await opened.close();
  }
}

async function show(
  events: AsyncIterable<SessionEvent>,
  view: LiveView,
  collector: TranscriptCollector,
  io: Io,
): Promise<Extract<SessionEvent, { type: "end" }> | undefined> {
  let end: Extract<SessionEvent, { type: "end" }> | undefined;
  // After `end` of a failed session the iterator throws what failed: read on to the end.
  for await (const event of events) {
    collector.push(event);
    const { out, err } = view.show(event);
    if (out !== "") await write(io.stdout, out);
    if (err !== "") await write(io.stderr, err);
    if (event.type === "end") end = event;
  }
  return end;
}

function viewFor(values: Values, io: Io): LiveView {
  if (values.flag("jsonl")) return new JsonLines();
  const terminal = io.stdout.isTTY === true && io.env["TERM"] !== "dumb";
  return new LiveText({
    columns: terminal ? () => io.stdout.columns ?? 80 : undefined,
    color: usesColor(io, io.stdout, values.text("color")),
    quiet: values.flag("quiet"),
  });
}

function paceFrom(values: Values): number | "max" {
  return values.text("pace") === "max" ? "max" : (values.number("pace", 0.1, 100) ?? 1);
}
