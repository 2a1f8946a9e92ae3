/** What `everyword batch` takes. */
import { LEDGER_OPTIONS } from "../batch/ledger-options.ts";
import { CAPTION_OPTIONS } from "../caption-options.ts";
import type { Command } from "../command.ts";
import { OUTPUT_OPTIONS } from "../output-options.ts";
import { PROGRESS_OPTION } from "../progress-line.ts";
import { SERVICE_OPTIONS, SPEECH_OPTIONS, TASK_OPTIONS } from "../service-options.ts";

export const batchCommand: Command = {
  name: "batch",
  positionals: "submit FILE… | wait|status|result|cancel JOB… | list",
  verbs: ["submit", "wait", "list", "status", "result", "cancel"],
  about:
    "Submits files as jobs and fetches their results later, from this or another terminal. A " +
    "ledger on the disk knows every job, so a run that was killed goes on where it was and nothing " +
    "is paid twice. A JOB is the beginning of its id, or its file; `wait` alone waits for all. " +
    "`result` prints one job in one format; otherwise, and with --output-dir or --output-name, it " +
    "writes files as `wait` does. Without any of -f, -o and --output-name both print the text.",
  options: [
    ...LEDGER_OPTIONS,
    { name: "json", group: "Output", help: "list and status as JSON" },
    { name: "quiet", short: "q", group: "Output", help: "Nothing on stderr but errors" },
    PROGRESS_OPTION,
    ...OUTPUT_OPTIONS,
    ...CAPTION_OPTIONS,
    { name: "recursive", short: "r", group: "Input", help: "Take the audio in folders and below" },
    ...TASK_OPTIONS,
    ...SPEECH_OPTIONS,
    ...SERVICE_OPTIONS,
  ],
  examples: [
    "everyword batch submit calls/*.mp3 --diarize",
    "everyword batch wait -f srt -o out",
    "everyword batch list",
    "everyword batch result 3f2a91 -f json > call.json",
    "everyword batch result one.mp3 two.mp3 -f srt -o out",
  ],
  async run(values, positionals, io) {
    return (await import("../batch/run.ts")).runBatch(values, positionals, io);
  },
};
