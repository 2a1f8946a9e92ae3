/** What is asked most and needs no command: answered before anything else is loaded. Pure. */
import { SUMMARIES } from "./summaries.ts";

/**
 * The text for stdout, or `undefined` when this is no such question.
 *
 * @param version asked for only when it is wanted
 */
export function quickAnswer(argv: readonly string[], version: () => string): string | undefined {
  const [first] = argv;
  if (argv.length !== 1) return undefined;
  if (first === "--version" || first === "-V") return `${version()}\n`;
  if (first === "--help" || first === "-h" || first === "help") return generalHelp();
  return undefined;
}

export function generalHelp(): string {
  const width = Math.max(...SUMMARIES.map(({ name }) => name.length)) + 2;
  return [
    "Usage: everyword COMMAND [options]",
    "",
    "Turns speech into one transcript on one timeline: every word once.",
    "Without a key and without --server, a recognizer on this machine does the work.",
    "",
    "Commands:",
    ...SUMMARIES.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    "  everyword COMMAND --help    what a command takes, with examples",
    "  everyword --version         the version",
    "",
    "Exit codes: 0 done, 1 some input failed, 2 usage, 3 key refused,",
    "  4 input unreadable, 5 network or service gone, 6 quota, 130 interrupted.",
    "",
  ].join("\n");
}
