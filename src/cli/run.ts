/** argv -> command -> exit code. */
import { readFileSync } from "node:fs";
import { EverywordError } from "../errors.ts";
import type { Command } from "./command.ts";
import { errorLine, exitCodeOf, INTERRUPTED, isClosedPipe } from "./exit-code.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { write, type Io } from "./io.ts";
import { nearest, parseOptions } from "./parse.ts";

/** Each command is loaded when it is asked for, so that `--version` stays instant. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  transcribe: async () => (await import("./commands/transcribe.ts")).transcribeCommand,
  live: async () => (await import("./commands/live.ts")).liveCommand,
  serve: async () => (await import("./commands/serve.ts")).serveCommand,
  models: async () => (await import("./commands/models.ts")).modelsCommand,
};

/** All commands, for help, completion and the README's tables. */
export async function loadCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (isClosedPipe(error)) return 0;
    if (io.abort.aborted || (io.stop.aborted && error === io.stop.reason)) return INTERRUPTED;
    await write(io.stderr, errorLine(error)).catch(() => undefined);
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-V") {
    await write(io.stdout, `${packageVersion()}\n`);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const asked = rest[0] === undefined ? undefined : COMMANDS[rest[0]];
    const text = asked ? commandHelp(await asked()) : generalHelp(await loadCommands());
    await write(name === undefined ? io.stderr : io.stdout, text);
    return name === undefined ? 2 : 0;
  }
  const load = COMMANDS[name];
  if (load === undefined) throw unknownCommand(name);
  const command = await load();
  if (rest.includes("--help") || rest.includes("-h")) {
    await write(io.stdout, commandHelp(command));
    return 0;
  }
  const { values, positionals, ignored } = parseOptions(rest, command.options);
  for (const option of ignored) {
    await write(io.stderr, `everyword: --${option} has no meaning here and is ignored.\n`);
  }
  return command.run(values, positionals, io);
}

function unknownCommand(name: string): EverywordError {
  const near = nearest(name, Object.keys(COMMANDS));
  const hint = near === undefined ? "run everyword --help for the list" : `did you mean ${near}?`;
  return new EverywordError("usage", `There is no command "${name}"; ${hint}`);
}

export function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}
