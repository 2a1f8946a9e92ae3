/** argv -> command -> exit code. */
import { EverywordError } from "../errors.ts";
import { errorLine, exitCodeOf, INTERRUPTED, isClosedPipe } from "./exit-code.ts";
import { commandHelp } from "./help.ts";
import { columnsOf, write, type Io } from "./io.ts";
import { nearest } from "./nearest.ts";
import { generalHelp } from "./quick.ts";
import { COMMANDS, findCommand } from "./registry.ts";
import type { StrangeKey } from "./settings.ts";

export { INTERRUPTED } from "./exit-code.ts";

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
  if (name === undefined) {
    await write(io.stderr, generalHelp());
    return 2;
  }
  if (name === "help" && rest[0] !== undefined) {
    await write(io.stdout, commandHelp(await commandNamed(rest[0]).load(), columnsOf(io.stdout)));
    return 0;
  }
  const command = await commandNamed(name).load();
  if (asksForHelp(rest)) {
    await write(io.stdout, commandHelp(command, columnsOf(io.stdout)));
    return 0;
  }
  const { parseOptions } = await import("./parse.ts");
  const { withSettings } = await import("./settings.ts");
  const { values, positionals, ignored } = parseOptions(rest, command.options);
  const strange: StrangeKey[] = [];
  const layered = await withSettings(values, command, io, (key) => strange.push(key)).catch(
    (error: unknown) => {
      if (command.survivesSettings === true) return values;
      throw error;
    },
  );
  if (!layered.flag("quiet")) {
    const said = ignored.length > 0 ? [ignoredSentence(ignored)] : [];
    if (strange.length > 0) {
      said.push(...(await (await import("./settings-typos.ts")).typoSentences(strange)));
    }
    for (const sentence of said) await write(io.stderr, `everyword: ${sentence}\n`);
  }
  return command.run(layered, positionals, io);
}

/** A `--help` behind `--` is a file of that name. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

function ignoredSentence(names: readonly string[]): string {
  const list = names.map((name) => `--${name}`).join(", ");
  return `${list} only ${names.length === 1 ? "has" : "have"} a meaning for a local whisper; ignored`;
}

function commandNamed(name: string): (typeof COMMANDS)[number] {
  const found = findCommand(name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    COMMANDS.map((entry) => entry.name),
  );
  const hint = near === undefined ? "run everyword --help for the list." : `did you mean ${near}?`;
  throw new EverywordError(
    "usage",
    name.startsWith("-")
      ? `A command comes first, not ${name}; everyword --help lists them.`
      : `There is no command "${name}"; ${hint}`,
  );
}
