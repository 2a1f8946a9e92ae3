/** `everyword live`: words as they are spoken, from a file at its own pace, a pipe, or a microphone. */
import { TranscriptCollector } from "../../stream/core/collect.ts";
import type { EndEvent, SessionEvent } from "../../stream/core/events.ts";
import { transcribeChunks } from "../../stream/transcribe.ts";
import { toChunks } from "../../resample/chunks.ts";
import { EverywordError } from "../../errors.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { INTERRUPTED } from "../exit-code.ts";
import { isFormat, render } from "../formats.ts";
import { chunkOptionsFrom, sourceFrom } from "../input-options.ts";
import { usesColor, write, type Io } from "../io.ts";
import { OpenOnce } from "../open-once.ts";
import type { Values } from "../parse.ts";
import { languageFrom } from "../service-options.ts";
import { untilStopped } from "./until-stopped.ts";
import { JsonLines, LiveText, type LiveView } from "./view.ts";
import { writtenFile, type WrittenFile } from "./write-files.ts";

export async function runLive(
  values: Values,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  const [input, ...more] = positionals;
  if (input === undefined || more.length > 0) {
    throw new EverywordError(
      "usage",
      `live takes one input, got ${positionals.length}; everyword live --help shows how.`,
    );
  }
  const pace = paceFrom(values);
  const language = languageFrom(values);
  const temperature = values.number("temperature", 0, 1);
  const textTimeoutSeconds = values.number("text-timeout", 1, 29);
  const chunkOptions = chunkOptionsFrom(values);
  const captions = captionOptionsFrom(values);
  const files = values.list("write").map((path) => writtenFile(path, captions));
  const view = viewFor(values, io);
  const collector = new TranscriptCollector();
  // The input is looked at before anything is started for it.
  const chunks = toChunks(sourceFrom(input, io), { ...chunkOptions, signal: io.abort })[
    Symbol.asyncIterator
  ]();
  const first = await chunks.next();
  const opened = new OpenOnce(values, io, (line) => {
    if (!values.flag("quiet")) io.stderr.write(`everyword: ${line}\n`);
  });
  try {
    const { service } = await opened.open();
    for (const file of files) await file.begin();
    const events = transcribeChunks(untilStopped(first, chunks, io.stop), {
      service,
      pace,
      signal: io.abort,
      language,
      temperature,
      textTimeoutSeconds,
      prompt: values.text("prompt"),
    });
    const end = await show(events, { view, collector, files, language, io });
    const transcript = collector.transcript();
    const format = values.text("captions");
    if (format !== undefined && isFormat(format)) {
      await write(io.stdout, `\n${render(format, transcript, captions)}`);
    }
    for (const file of files) await file.finish(transcript);
    if (io.stop.aborted) return INTERRUPTED;
    return end?.reason === "complete" ? 0 : 1;
  } finally {
    for (const file of files) await file.close();
    await opened.close();
  }
}

interface Shown {
  readonly view: LiveView;
  readonly collector: TranscriptCollector;
  readonly files: readonly WrittenFile[];
  readonly language: string | undefined;
  readonly io: Io;
}

async function show(
  events: AsyncIterable<SessionEvent>,
  { view, collector, files, language, io }: Shown,
): Promise<EndEvent | undefined> {
  let end: EndEvent | undefined;
  // After `end` of a failed session the iterator throws what failed: read on to the end.
  for await (const event of events) {
    collector.push(event);
    const { out, err } = view.show(event);
    if (out !== "") await write(io.stdout, out);
    if (err !== "") await write(io.stderr, err);
    if (event.type === "final") for (const file of files) await file.push(event, language);
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
