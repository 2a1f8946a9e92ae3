/** The shape of a subcommand. Help, completion, settings and the README's tables are all read from it. */
import type { Io } from "./io.ts";
import type { Values } from "./parse.ts";

export interface OptionSpec {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  /** What stands for the value in help; absent for a flag. */
  readonly value?: string;
  readonly help: string;
  /** Heading in the help. */
  readonly group: string;
  /** May be given several times; values are also split at commas when `split`. */
  readonly multiple?: boolean;
  readonly split?: boolean;
  /** Other spellings that are accepted and not shown. */
  readonly aliases?: readonly string[];
  /** The allowed values; anything else is refused with the list. */
  readonly choices?: readonly string[];
  /** What the value names, for completion: a file, a folder, or nothing that can be listed. */
  readonly completes?: "file" | "folder";
  /** Accepted for people who come from a local whisper; warned about once, then ignored. */
  readonly ignored?: boolean;
}

export interface Command {
  readonly name: string;
  /** Positional part of the usage line, such as `FILE…`. */
  readonly positionals: string;
  /** Words that may stand first, such as `submit`; for completion. */
  readonly verbs?: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  /** Runs on what the command line says alone where the settings make no sense: it is there to say so. */
  readonly survivesSettings?: boolean;
  /** A few sentences below the usage line. */
  readonly about: string;
  /** Resolves to the exit code; throws for anything that one sentence can say. */
  run(values: Values, positionals: readonly string[], io: Io): Promise<number>;
}
