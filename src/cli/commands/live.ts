/** What `everyword live` takes. */
import { CAPTION_OPTIONS } from "../caption-options.ts";
import type { Command } from "../command.ts";
import { FORMAT_NAMES } from "../format-names.ts";
import { INPUT_OPTIONS } from "../input-options.ts";
import { LOCAL_OPTIONS, SERVICE_OPTIONS, SPEECH_OPTIONS } from "../service-options.ts";

export const liveCommand: Command = {
  name: "live",
  positionals: "[FILE|-]",
  about:
    "Streams the audio at its own pace and prints the words as they are recognized. With - the " +
    "audio comes from standard input, with --mic from the microphone until Ctrl-C.",
  options: [
    { name: "jsonl", group: "Output", help: "One JSON object a line: every event of the session" },
    {
      name: "captions",
      value: "FORMAT",
      group: "Output",
      choices: FORMAT_NAMES,
      help: "Print the finished captions at the end",
    },
    {
      name: "write",
      value: "FILE",
      group: "Output",
      multiple: true,
      completes: "file",
      help:
        "Write to FILE (replaced if it exists), format by its ending: srt, vtt, txt, tsv, csv and lrc grow with every " +
        "sentence, json is written at the end; repeatable",
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
      name: "stability",
      value: "HOW",
      group: "Output",
      choices: ["low", "medium", "high", "none"],
      help: "How sure a word must be before it stays on the terminal; default medium",
    },
    ...CAPTION_OPTIONS,
    { name: "mic", group: "Input", help: "Record from the microphone" },
    {
      name: "device",
      value: "NAME",
      group: "Input",
      help: "Which microphone: a name from everyword devices; implies --mic",
    },
    {
      name: "pace",
      value: "N",
      group: "Streaming",
      help: "1 (default) is real time, 2 twice as fast, max as fast as the server answers",
    },
    {
      name: "text-timeout",
      value: "SECONDS",
      group: "Streaming",
      help: "Experimental: silence after which text is final, 1 to 29",
    },
    {
      name: "spill",
      value: "FILE",
      group: "Streaming",
      completes: "file",
      help: "Keep up to 4 hours of audio in FILE (115 MB an hour) through outages and crashes",
    },
    {
      name: "resume",
      value: "FILE",
      group: "Streaming",
      completes: "file",
      help: "Take up the session that left FILE behind; its input goes on, or is left out",
    },
    ...INPUT_OPTIONS,
    ...SPEECH_OPTIONS,
    ...SERVICE_OPTIONS,
    ...LOCAL_OPTIONS,
  ],
  examples: [
    "everyword live --mic",
    "everyword live talk.wav",
    "everyword live talk.wav --pace max --captions srt > talk.srt",
    "everyword live talk.wav --write talk.srt --write talk.vtt",
    "everyword live --mic --spill talk.spill",
    "test -e talk.spill && everyword live --resume talk.spill",
    "ffmpeg -i rtsp://camera -f s16le -ar 16000 -ac 1 - |",
    "  everyword live - --input-format s16le --jsonl",
  ],
  async run(values, positionals, io) {
    return (await import("../live/run.ts")).runLive(values, positionals, io);
  },
};
