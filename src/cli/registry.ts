/** Every command: its line in the list, and how to load what it takes. */
import type { Command } from "./command.ts";
import { SUMMARIES, type CommandName } from "./summaries.ts";

export interface Entry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it takes. Loading it loads no audio, network or recognizer code: `run` does. */
  readonly load: () => Promise<Command>;
}

const LOADS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  transcribe: async () => (await import("./commands/transcribe.ts")).transcribeCommand,
  live: async () => (await import("./commands/live.ts")).liveCommand,
  batch: async () => (await import("./commands/batch.ts")).batchCommand,
  serve: async () => (await import("./commands/serve.ts")).serveCommand,
  models: async () => (await import("./commands/models.ts")).modelsCommand,
  convert: async () => (await import("./commands/convert.ts")).convertCommand,
  inspect: async () => (await import("./commands/inspect.ts")).inspectCommand,
  devices: async () => (await import("./commands/devices.ts")).devicesCommand,
  languages: async () => (await import("./commands/languages.ts")).languagesCommand,
  login: async () => (await import("./commands/login.ts")).loginCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  completion: async () => (await import("./commands/completion.ts")).completionCommand,
};

export const COMMANDS: readonly Entry[] = SUMMARIES.map(({ name, summary }) => ({
  name,
  summary,
  load: LOADS[name],
}));

export function findCommand(name: string): Entry | undefined {
  return COMMANDS.find((entry) => entry.name === name);
}
