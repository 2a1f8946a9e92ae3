/** Every command: its line in the list, and how to load what it takes. Nothing else is loaded for `--help`. */
import type { Command } from "./command.ts";

export interface Entry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it takes. Loading it loads no audio, network or recognizer code: `run` does. */
  readonly load: () => Promise<Command>;
}

export const COMMANDS: readonly Entry[] = [
  {
    name: "transcribe",
    summary: "Turn recordings into text and captions",
    load: async () => (await import("./commands/transcribe.ts")).transcribeCommand,
  },
  {
    name: "live",
    summary: "Show words as they are spoken",
    load: async () => (await import("./commands/live.ts")).liveCommand,
  },
  {
    name: "batch",
    summary: "Submit files as jobs, and fetch their results later",
    load: async () => (await import("./commands/batch.ts")).batchCommand,
  },
  {
    name: "serve",
    summary: "Run the local server and recognizer for others to use",
    load: async () => (await import("./commands/serve.ts")).serveCommand,
  },
  {
    name: "models",
    summary: "List or fetch the local recognizer's models",
    load: async () => (await import("./commands/models.ts")).modelsCommand,
  },
  {
    name: "convert",
    summary: "Captions to captions, audio to WAV",
    load: async () => (await import("./commands/convert.ts")).convertCommand,
  },
  {
    name: "inspect",
    summary: "Say what a recording is, and what of it will cost words",
    load: async () => (await import("./commands/inspect.ts")).inspectCommand,
  },
  {
    name: "devices",
    summary: "List the microphones",
    load: async () => (await import("./commands/devices.ts")).devicesCommand,
  },
  {
    name: "languages",
    summary: "List the languages",
    load: async () => (await import("./commands/languages.ts")).languagesCommand,
  },
  {
    name: "login",
    summary: "Store the hosted service's key",
    load: async () => (await import("./commands/login.ts")).loginCommand,
  },
  {
    name: "doctor",
    summary: "Say what works on this machine, and what mends the rest",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  {
    name: "completion",
    summary: "Teach your shell the commands and options",
    load: async () => (await import("./commands/completion.ts")).completionCommand,
  },
];

export function findCommand(name: string): Entry | undefined {
  return COMMANDS.find((entry) => entry.name === name);
}
