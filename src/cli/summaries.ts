/** The line of each command in the list. Alone in its file, so that `--help` loads nothing else. */
export const SUMMARIES = [
  { name: "transcribe", summary: "Turn recordings into text and captions" },
  { name: "live", summary: "Show words as they are spoken" },
  { name: "batch", summary: "Submit files as jobs, and fetch their results later" },
  { name: "serve", summary: "Run the local server and recognizer for others to use" },
  { name: "models", summary: "List or fetch the local recognizer's models" },
  { name: "convert", summary: "Captions to captions, audio to WAV" },
  { name: "inspect", summary: "Say what a recording is, and what of it will cost words" },
  { name: "devices", summary: "List the microphones" },
  { name: "languages", summary: "List the languages" },
  { name: "login", summary: "Store the hosted service's key" },
  { name: "doctor", summary: "Say what works on this machine, and what mends the rest" },
  { name: "completion", summary: "Teach your shell the commands and options" },
] as const;

export type CommandName = (typeof SUMMARIES)[number]["name"];
