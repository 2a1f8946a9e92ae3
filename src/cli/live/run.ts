/** `everyword live`: words as they are spoken, from a file at its own pace, a pipe, or a microphone. */
import { TranscriptCollector } from "../../stream/core/collect.ts";
import type { EndEvent } from "../../stream/core/events.ts";
import type { SessionOptions } from "../../stream/options.ts";
import { transcribeChunks } from "../../stream/transcribe.ts";
import type { SpillFile } from "../../stream/spill-file.ts";
import type { FormatName } from "../../captions/formats.ts";
import { EverywordError } from "../../errors.ts";
import type { Service } from "../../service.ts";
import type { Level } from "../level-meter.ts";
import type { Stability } from "../../captions/stabilizer.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { INTERRUPTED } from "../exit-code.ts";
import { isFormat, render } from "../formats.ts";
import { columnsOf, rowsOf, usesColor, type Io } from "../io.ts";
import { OpenOnce } from "../open-once.ts";
import type { Values } from "../parse.ts";
import { checkDistinct } from "../same-file.ts";
import { languageFrom } from "../service-options.ts";
import { untilStopped } from "./until-stopped.ts";
import type { ScreenSize } from "../screen.ts";
import { GivingUp } from "./giving-up.ts";
import { openInput, type Begun } from "./live-input.ts";
import { paced } from "./paced.ts";
import {
  keptWhenAborted,
  letGo,
  resumedFrom,
  skipTaken,
  spillFrom,
  toldBefore,
  withSpillAdvice,
} from "./spilled.ts";
import { note, printersFor, show, type Shown } from "./show.ts";
import { StableText } from "./stable-view.ts";
import { JsonLines, LiveText, type LiveView } from "./view.ts";
import { WrittenFiles } from "./write-files.ts";

export async function runLive(
  values: Values,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  const pace = paceFrom(values);
  const speech = speechFrom(values);
  const { language } = speech;
  const captions = captionOptionsFrom(values);
  const format = captionsFrom(values);
  const files = new WrittenFiles(values.list("write"), captions);
  const view = viewFor(values, io);
  const collector = new TranscriptCollector();
  const notify = (line: string): void => {
    if (values.flag("quiet")) return;
    const above = view.note?.(`everyword: ${line}`);
    if (above === undefined) io.stderr.write(`everyword: ${line}\n`);
    else io.stdout.write(above);
  };
  const onLevel = (level: Level): void => {
    const out = view.level?.(level) ?? "";
    if (out !== "") io.stdout.write(out);
  };
  const showsLevel = view.level !== undefined;
  const input = openInput(values, positionals, io, notify, showsLevel ? onLevel : undefined);
  await checkDistinctNames(values, positionals);
  await files.check();
  const opened = new OpenOnce(values, io, notify);
  const sayStopping = (): void => notify("finishing what was heard; once more stops at once");
  io.stop.addEventListener("abort", sayStopping, { once: true });
  const printers = printersFor(io, files, notify);
  const startedMs = performance.now();
  let early: Begun | undefined;
  let spill: SpillFile | undefined;
  try {
    spill = resumedFrom(values);
    // A file is looked at before anything is started for it; a microphone is opened when all is ready.
    early = input.startsEarly ? await input.begin() : undefined;
    const { service } = await opened.open();
    const begun = early ?? (await input.begin());
    spill ??= spillFrom(values);
    const talk = { view, collector, files, language, io, notify, printers, spill };
    const [name] = positionals;
    const end = await listen(begun, speech, service, {
      ...talk,
      pace,
      isFile: name !== undefined && name !== "-",
      pipedSinceMs: name === "-" ? startedMs : undefined,
      canWait: input.startsEarly,
    });
    const transcript = collector.transcript();
    if (format !== undefined) await printers.out(`\n${render(format, transcript, captions)}`);
    // A session that had nothing left to say needs no connection.
    await files.begin();
    await files.finish(transcript);
    if (io.stop.aborted) return INTERRUPTED;
    return end?.reason === "complete" ? 0 : 1;
  } finally {
    io.stop.removeEventListener("abort", sayStopping);
    // First of all: whoever stops at once does not wait for what follows.
    letGo(spill, notify);
    // Not awaited: a pipe that waits for its next sample would keep us here.
    void early?.rest.return?.(undefined).catch(() => undefined);
    await files.close();
    await opened.close();
  }
}

interface Talk extends Shown {
  readonly notify: (line: string) => void;
  readonly spill: SpillFile | undefined;
  readonly pace: number | "max";
  readonly isFile: boolean;
  /** When the audio of a pipe began; it does not wait for us. */
  readonly pipedSinceMs: number | undefined;
  /** No microphone. */
  readonly canWait: boolean;
}

/** The session from its first chunk to its end. */
async function listen(
  { first, rest }: Begun,
  speech: Speech,
  service: Service,
  talk: Talk,
): Promise<EndEvent | undefined> {
  const { io, spill, pace, files, isFile, canWait, pipedSinceMs } = talk;
  const next = isFile ? await skipTaken(first, rest, spill) : first;
  for (const event of toldBefore(spill)) await note(event, talk);
  const gaveUp = new AbortController();
  const givingUp = new GivingUp(io.stop, () => {
    // Without a file the audio is all there is: it is worth the whole patience of a session.
    if (spill === undefined) return;
    talk.notify("there is no connection to finish on; giving up");
    gaveUp.abort(io.stop.reason);
  });
  const source = canWait && pace !== "max" ? paced(rest, pace, pipedSinceMs) : rest;
  const isPiped = pipedSinceMs !== undefined;
  const events = transcribeChunks(untilStopped(next, source, io.stop), {
    service,
    pace: isPiped && pace !== "max" ? Math.min(100, pace * PIPE_CATCH_UP) : pace,
    spill: spill && keptWhenAborted(spill),
    // What cannot wait goes on, and says exactly what had to go.
    whenFull: !isFile && (spill !== undefined || !canWait) ? "drop" : "wait",
    signal: AbortSignal.any([io.abort, gaveUp.signal]),
    ...speech,
  });
  try {
    return await show(events, talk, (event) => givingUp.push(event));
  } catch (error) {
    // What was heard before it failed is kept; why it failed is told, not what follows from it.
    await files.finish(talk.collector.transcript()).catch(() => undefined);
    throw isFile ? error : withSpillAdvice(error, spill);
  } finally {
    givingUp.close();
  }
}

/** A pipe may have waited until the recognizer was ready: it is made up for at this much of its pace. */
const PIPE_CATCH_UP = 2;

/** @throws EverywordError `usage` when JSON lines are printed as well. */
function captionsFrom(values: Values): FormatName | undefined {
  const format = values.text("captions");
  if (format === undefined || !isFormat(format)) return undefined;
  if (values.flag("jsonl")) {
    throw new EverywordError(
      "usage",
      "--jsonl and --captions both want standard output; choose one, or --write FILE.",
    );
  }
  return format;
}

/** What is written is neither read nor written twice. A spill file that is there says so itself. */
async function checkDistinctNames(values: Values, positionals: readonly string[]): Promise<void> {
  const files = values.list("write");
  await checkDistinct([
    ...positionals.filter((name) => name !== "-"),
    ...values.list("resume"),
    ...files,
  ]);
  await checkDistinct([...values.list("spill"), ...files]);
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
