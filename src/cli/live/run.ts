/** `everyword live`: words as they are spoken, from a file at its own pace, a pipe, or a microphone. */
import { TranscriptCollector } from "../../stream/core/collect.ts";
import type { EndEvent, SessionEvent } from "../../stream/core/events.ts";
import type { SessionOptions } from "../../stream/options.ts";
import { transcribeChunks } from "../../stream/transcribe.ts";
import type { Writable } from "node:stream";
import { EverywordError } from "../../errors.ts";
import type { Level } from "../level-meter.ts";
import type { Stability } from "../../captions/stabilizer.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { INTERRUPTED, isClosedPipe } from "../exit-code.ts";
import { isFormat, render } from "../formats.ts";
import { checkDistinct } from "../distinct-files.ts";
import { columnsOf, rowsOf, usesColor, write, type Io } from "../io.ts";
import { OpenOnce } from "../open-once.ts";
import type { Values } from "../parse.ts";
import { languageFrom } from "../service-options.ts";
import { untilStopped } from "./until-stopped.ts";
import type { ScreenSize } from "../screen.ts";
import { openInput, type Begun } from "./live-input.ts";
import { paced } from "./paced.ts";
import {
  guardSpill,
  letGo,
  resumedFrom,
  skipTaken,
  spillFrom,
  toldBefore,
  withSpillAdvice,
  type SpillGuard,
} from "./spilled.ts";
import { StableText } from "./stable-view.ts";
import { JsonLines, LiveText, type LiveView } from "./view.ts";
import { writtenFile, type WrittenFile } from "./write-files.ts";

export async function runLive(
  values: Values,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  const pace = paceFrom(values);
  const speech = speechFrom(values);
  const { language } = speech;
  const captions = captionOptionsFrom(values);
  checkOutputs(values, positionals);
  const files = values.list("write").map((path) => writtenFile(path, captions));
  const view = viewFor(values, io);
  const collector = new TranscriptCollector();
  const notify = notifier(values, view, io);
  const onLevel = (level: Level): void => {
    const out = view.level?.(level) ?? "";
    if (out !== "") io.stdout.write(out);
  };
  const showsLevel = view.level !== undefined;
  const input = openInput(values, positionals, io, notify, showsLevel ? onLevel : undefined);
  // A file is looked at before anything is started for it; a microphone is opened when all is ready.
  let early: Begun | undefined;
  const opened = new OpenOnce(values, io, notify);
  let spill = resumedFrom(values);
  const guard = guardSpill(io, () => spill);
  const sayStopping = (): void => notify("finishing what was heard; once more stops at once");
  io.stop.addEventListener("abort", sayStopping, { once: true });
  try {
    for (const file of files) await file.check();
    early = input.startsEarly ? await input.begin() : undefined;
    const { service } = await opened.open();
    const { first, rest } = early ?? (await input.begin());
    const isFile = positionals[0] !== undefined && positionals[0] !== "-";
    const next = isFile ? await skipTaken(first, rest, spill) : first;
    for (const event of toldBefore(spill)) await note(event, { collector, files, language });
    spill ??= spillFrom(values);
    const isRecorded = input.startsEarly && pace !== "max";
    const source = isRecorded ? paced(rest, pace) : rest;
    const events = transcribeChunks(untilStopped(next, source, io.stop), {
      service,
      pace,
      spill,
      // What cannot wait goes on, and says exactly what had to go.
      whenFull: !isFile && (spill !== undefined || !input.startsEarly) ? "drop" : "wait",
      signal: guard.signal,
      ...speech,
    });
    const shown = { view, collector, files, language, io, guard };
    const end = await show(events, shown).catch(async (error: unknown) => {
      // What was heard before it failed is kept.
      for (const file of files) await file.finish(collector.transcript());
      throw isFile ? error : withSpillAdvice(error, spill);
    });
    const transcript = collector.transcript();
    const format = values.text("captions");
    if (format !== undefined && isFormat(format)) {
      await write(io.stdout, `\n${render(format, transcript, captions)}`);
    }
    for (const file of files) await file.finish(transcript);
    if (io.stop.aborted) return INTERRUPTED;
    return end?.reason === "complete" ? 0 : 1;
  } finally {
    io.stop.removeEventListener("abort", sayStopping);
    guard.end();
    // Not awaited: a pipe that waits for its next sample would keep us here.
    void early?.rest.return?.(undefined).catch(() => undefined);
    for (const file of files) await file.close();
    await opened.close();
    letGo(spill, notify);
  }
}

/** @throws EverywordError `usage` when two things would be written to one place. */
function checkOutputs(values: Values, positionals: readonly string[]): void {
  checkDistinct([...values.list("write"), ...positionals.filter((name) => name !== "-")]);
  if (values.flag("jsonl") && values.text("captions") !== undefined) {
    const message =
      "--jsonl and --captions both want standard output; use --write FILE for captions.";
    throw new EverywordError("usage", message);
  }
}

function notifier(values: Values, view: LiveView, io: Io): (line: string) => void {
  return (line) => {
    if (values.flag("quiet")) return;
    const above = view.note?.(`everyword: ${line}`);
    if (above === undefined) io.stderr.write(`everyword: ${line}\n`);
    else io.stdout.write(above);
  };
}

type Speech = Pick<SessionOptions, "language" | "temperature" | "textTimeoutSeconds" | "prompt">;

function speechFrom(values: Values): Speech {
  return {
    language: languageFrom(values),
    temperature: values.number("temperature", 0, 1),
    textTimeoutSeconds: values.number("text-timeout", 1, 29),
    prompt: values.text("prompt"),
  };
}

interface Noted {
  readonly collector: TranscriptCollector;
  readonly files: readonly WrittenFile[];
  readonly language: string | undefined;
}

async function note(event: SessionEvent, { collector, files, language }: Noted): Promise<void> {
  collector.push(event);
  const isTalking = event.type === "connected" || event.type === "reconnected";
  if (isTalking) for (const file of files) await file.begin();
  if (event.type === "final") for (const file of files) await file.push(event, language);
}

interface Shown extends Noted {
  readonly view: LiveView;
  readonly io: Io;
  readonly guard: SpillGuard;
}

async function show(
  events: AsyncIterable<SessionEvent>,
  { view, collector, files, language, io, guard }: Shown,
): Promise<EndEvent | undefined> {
  let end: EndEvent | undefined;
  let isWatched = true;
  const say = async (stream: Writable, text: string): Promise<void> => {
    if (text === "" || !isWatched) return;
    await write(stream, text).catch((error: unknown) => {
      // The files go on without a reader of the screen.
      if (!isClosedPipe(error) || files.length === 0) throw error;
      isWatched = false;
    });
  };
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    const at = view.nextTimeout?.();
    if (at === undefined) return;
    timer = setTimeout(
      () => {
        const out = view.tick?.(performance.now() - started) ?? "";
        if (out !== "") io.stdout.write(out);
        arm();
      },
      Math.max(10, started + at - performance.now()),
    );
  };
  const resize = (): void => {
    const out = view.resize?.() ?? "";
    if (out !== "") io.stdout.write(out);
  };
  io.stdout.on("resize", resize);
  try {
    // After `end` of a failed session the iterator throws what failed: read on to the end.
    for await (const event of events) {
      guard.see(event);
      try {
        await note(event, { collector, files, language });
        const { out, err } = view.show(event, performance.now() - started);
        await say(io.stdout, out);
        await say(io.stderr, err);
      } catch (error) {
        guard.keep();
        throw error;
      }
      if (event.type === "end") end = event;
      arm();
    }
  } finally {
    clearTimeout(timer);
    io.stdout.off("resize", resize);
  }
  return end;
}

function viewFor(values: Values, io: Io): LiveView {
  if (values.flag("jsonl")) return new JsonLines(() => io.stop.aborted);
  const terminal = io.stdout.isTTY === true && io.env["TERM"] !== "dumb";
  const columns = (): number => columnsOf(io.stdout);
  const size = (): ScreenSize => ({ width: columns(), height: rowsOf(io.stdout) });
  const color = usesColor(io, io.stdout, values.text("color"));
  const quiet = values.flag("quiet");
  const stability = (values.text("stability") ?? "medium") as Stability | "none";
  return terminal && stability !== "none"
    ? new StableText({ size, color, quiet, stability })
    : new LiveText({ columns: terminal ? columns : undefined, color, quiet });
}

function paceFrom(values: Values): number | "max" {
  return values.text("pace") === "max" ? "max" : (values.number("pace", 0.1, 100) ?? 1);
}
