/** `everyword transcribe`: files in, transcripts out. One bad file neither ends the run nor passes silently. */
import { basename, extname, join } from "node:path";
import { EverywordError, messageOf } from "../../errors.ts";
import { toChunks } from "../../resample/chunks.ts";
import { TranscriptCollector } from "../../stream/core/collect.ts";
import { transcribeChunks } from "../../stream/transcribe.ts";
import type { Transcript } from "../../transcript.ts";
import type { Service } from "../../service.ts";
import type { Command } from "../command.ts";
import { exitCodeOf, INTERRUPTED } from "../exit-code.ts";
import { chunkOptionsFrom, INPUT_OPTIONS, sourceFrom } from "../input-options.ts";
import { write, type Io } from "../io.ts";
import { OUTPUT_FORMATS, render, writeAtomically } from "../outputs.ts";
import type { Values } from "../parse.ts";
import {
  languageFrom,
  LOCAL_OPTIONS,
  SERVICE_OPTIONS,
  serviceFrom,
  SPEECH_OPTIONS,
} from "../service-options.ts";

export const transcribeCommand: Command = {
  name: "transcribe",
  summary: "Turn recordings into text and captions",
  positionals: "FILE…",
  about:
    "Transcribes each file and prints its text, or writes one file per format with " +
    "--output-format. With - the audio comes from standard input.",
  options: [
    {
      name: "output-format",
      short: "f",
      value: "FORMAT",
      group: "Output",
      multiple: true,
      split: true,
      choices: [...OUTPUT_FORMATS, "all"],
      help: `${OUTPUT_FORMATS.join(", ")} or all; comma-joined or repeated`,
    },
    {
      name: "output-dir",
      short: "o",
      value: "DIR",
      group: "Output",
      help: "Where to write; default: the current folder; - prints",
    },
    { name: "quiet", short: "q", group: "Output", help: "Nothing on stderr but errors" },
    ...INPUT_OPTIONS,
    ...SPEECH_OPTIONS,
    ...SERVICE_OPTIONS,
    ...LOCAL_OPTIONS,
  ],
  examples: [
    "everyword transcribe interview.wav",
    "everyword transcribe *.wav -f srt,vtt -o captions",
    "everyword transcribe - -f srt -o - < talk.wav > talk.srt",
  ],
  run: transcribe,
};

interface Plan {
  readonly input: string;
  /** Format -> path; `undefined` prints. */
  readonly outputs: ReadonlyMap<string, string | undefined>;
}

async function transcribe(values: Values, inputs: readonly string[], io: Io): Promise<number> {
  if (inputs.length === 0) {
    throw new EverywordError("usage", "transcribe needs at least one FILE; - is standard input.");
  }
  const plans = planOutputs(inputs, values);
  const language = languageFrom(values);
  const chunkOptions = { ...chunkOptionsFrom(values), signal: io.abort };
  const failures: { readonly input: string; readonly error: unknown }[] = [];
  let opened: Awaited<ReturnType<typeof serviceFrom>> | undefined;
  try {
    for (const plan of plans) {
      if (io.stop.aborted) break;
      try {
        const chunks = toChunks(sourceFrom(plan.input, io), chunkOptions)[Symbol.asyncIterator]();
        const first = await chunks.next();
        opened ??= await serviceFrom(values, io);
        const speech = language === undefined ? {} : { language };
        const transcript = await streamWhole(first, chunks, opened.service, speech, io);
        await deliver(plan, transcript, io);
      } catch (error) {
        if (io.abort.aborted) throw error;
        failures.push({ input: plan.input, error });
        await write(io.stderr, `everyword: ${plan.input}: ${messageOf(error)}\n`);
      }
    }
  } finally {
    await opened?.close();
  }
  if (io.stop.aborted) return INTERRUPTED;
  if (failures.length === 0) return 0;
  return inputs.length === 1 ? exitCodeOf(failures[0]?.error) : 1;
}

async function streamWhole(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
  service: Service,
  speech: { readonly language?: string },
  io: Io,
): Promise<Transcript> {
  const collector = new TranscriptCollector();
  const chunks = (async function* () {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  })();
  for await (const event of transcribeChunks(chunks, {
    service,
    pace: "max",
    signal: io.abort,
    ...speech,
  })) {
    collector.push(event);
    if (event.type === "gap") {
      const bounds = `${event.start.toFixed(2)} s to ${event.end.toFixed(2)} s`;
      await write(io.stderr, `everyword: nothing is known of ${bounds} (${event.reason})\n`);
    }
  }
  return collector.transcript();
}

async function deliver(plan: Plan, transcript: Transcript, io: Io): Promise<void> {
  for (const [format, path] of plan.outputs) {
    const text = render(format, transcript);
    if (path === undefined) await write(io.stdout, text);
    else await writeAtomically(path, text);
  }
}

/** @throws EverywordError `usage` when two inputs would write one file. */
function planOutputs(inputs: readonly string[], values: Values): Plan[] {
  const asked = values.list("output-format");
  const dir = values.text("output-dir");
  const formats = asked.includes("all") ? OUTPUT_FORMATS : asked.length > 0 ? asked : ["txt"];
  const prints = dir === "-" || (asked.length === 0 && dir === undefined);
  const taken = new Map<string, string>();
  return inputs.map((input) => {
    const stem = input === "-" ? "stdin" : basename(input, extname(input));
    const outputs = new Map<string, string | undefined>();
    for (const format of formats) {
      const path = prints ? undefined : join(dir ?? ".", `${stem}.${format}`);
      const other = path === undefined ? undefined : taken.get(path);
      if (path !== undefined && other !== undefined) {
        throw new EverywordError("usage", `${other} and ${input} would both write ${path}.`);
      }
      if (path !== undefined) taken.set(path, input);
      outputs.set(format, path);
    }
    return { input, outputs };
  });
}
