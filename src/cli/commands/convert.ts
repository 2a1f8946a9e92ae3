/** What `everyword convert` takes. */
import { CAPTION_OPTIONS } from "../caption-options.ts";
import type { Command } from "../command.ts";
import { FORMAT_NAMES } from "../format-names.ts";
import { INPUT_OPTIONS } from "../input-options.ts";

export const convertCommand: Command = {
  name: "convert",
  positionals: "IN [OUT]",
  about:
    "Turns captions and transcripts (srt, vtt, tsv, csv, json) into any caption format, and audio into " +
    "16 kHz mono WAV. The ending of OUT says which; without OUT captions are printed.",
  options: [
    {
      name: "format",
      short: "f",
      value: "FORMAT",
      group: "Output",
      choices: [...FORMAT_NAMES, "wav"],
      help: `${FORMAT_NAMES.join(", ")} or wav; default: by the ending of OUT`,
    },
    {
      name: "from",
      value: "FORMAT",
      group: "Input",
      choices: ["srt", "vtt", "tsv", "csv", "json", "audio"],
      help: "What IN is; default: by its ending",
    },
    { name: "shift", value: "SECONDS", group: "Captions", help: "Move all times; may be negative" },
    ...CAPTION_OPTIONS,
    ...INPUT_OPTIONS.filter((option) => option.name !== "channels"),
  ],
  examples: [
    "everyword convert talk.srt talk.vtt",
    "everyword convert talk.json talk.srt --preset bbc",
    "everyword convert talk.tsv talk.srt",
    "everyword convert talk.srt moved.srt --shift -1.5",
    "everyword convert video.mp4 speech.wav",
  ],
  async run(values, positionals, io) {
    return (await import("../convert/run.ts")).runConvert(values, positionals, io);
  },
};
