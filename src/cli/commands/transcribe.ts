/** What `everyword transcribe` takes. */
import { LEDGER_OPTIONS } from "../batch/ledger-options.ts";
import { CAPTION_OPTIONS } from "../caption-options.ts";
import type { Command } from "../command.ts";
import { SPLIT_INPUT_OPTIONS } from "../input-options.ts";
import { OUTPUT_OPTIONS } from "../output-options.ts";
import { PROGRESS_OPTION } from "../progress-line.ts";
import {
  LOCAL_OPTIONS,
  SERVICE_OPTIONS,
  SPEECH_OPTIONS,
  TASK_OPTIONS,
} from "../service-options.ts";
import { WHISPER_ONLY_OPTIONS } from "../whisper-options.ts";

export const transcribeCommand: Command = {
  name: "transcribe",
  positionals: "FILE…",
  about:
    "Transcribes each input and prints its text, or writes one file per format with " +
    "--output-format. An input is a file, a pattern, a folder (with --recursive), an http(s) " +
    "address, or - for standard input. Whisper's option names are understood.",
  options: [
    ...OUTPUT_OPTIONS,
    {
      name: "skip-existing",
      group: "Output",
      help: "Leave out inputs whose results are there and, as far as is known, current",
    },
    {
      name: "jsonl",
      group: "Output",
      help: "Progress, segments and results as JSON lines on stdout",
    },
    { name: "quiet", short: "q", group: "Output", help: "Nothing on stderr but errors" },
    { name: "verbose", group: "Output", help: "Show each segment on stderr as it is recognized" },
    PROGRESS_OPTION,
    {
      name: "color",
      value: "WHEN",
      group: "Output",
      choices: ["auto", "always", "never"],
      help: "auto (default), always, never",
    },
    ...CAPTION_OPTIONS,
    {
      name: "recursive",
      short: "r",
      group: "Input",
      help: "Transcribe the audio in folders and below",
    },
    {
      name: "jobs",
      short: "j",
      value: "N",
      group: "Input",
      help: "Inputs at once, 1 to 32; default 4 where each is one request, else and with --fail-fast 1",
    },
    { name: "fail-fast", group: "Input", help: "Stop at the first input that fails" },
    { name: "start", value: "TIME", group: "Input", help: "Begin there: seconds or [h:]m:s" },
    {
      name: "end",
      value: "TIME",
      group: "Input",
      help: "End there; times stay those of the input",
    },
    {
      name: "clip-timestamps",
      value: "START,END",
      group: "Input",
      help: "The same in whisper's words",
    },
    ...SPLIT_INPUT_OPTIONS,
    ...TASK_OPTIONS,
    ...SPEECH_OPTIONS,
    ...SERVICE_OPTIONS,
    {
      name: "via",
      value: "ROUTE",
      group: "Where the audio goes",
      choices: ["sync", "stream"],
      help: "sync: one request a file (default with a server or key); stream: as a live session",
    },
    {
      name: "batch",
      group: "Jobs",
      help: "Submit each file as a job and wait for it; a killed run goes on where it was",
    },
    ...LEDGER_OPTIONS,
    ...LOCAL_OPTIONS,
    ...WHISPER_ONLY_OPTIONS,
  ],
  examples: [
    "everyword transcribe interview.wav",
    "everyword transcribe *.wav -f srt,vtt -o captions",
    "everyword transcribe -r recordings -f all -o out --skip-existing",
    "everyword transcribe call.wav --channels split -f srt",
    "everyword transcribe -r calls --batch -f json -o out",
    "everyword transcribe - -f srt -o - < talk.wav > talk.srt",
  ],
  async run(values, positionals, io) {
    if (values.flag("batch")) {
      const { runTranscribeBatch } = await import("../batch/transcribe.ts");
      return runTranscribeBatch(values, positionals, io);
    }
    return (await import("../transcribe/run.ts")).runTranscribe(values, positionals, io);
  },
};
