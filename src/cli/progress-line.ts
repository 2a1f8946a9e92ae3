/** Whether a line in progress is drawn: on a terminal that can erase it, unless somebody said no. */
import type { OptionSpec } from "./command.ts";
import type { Io } from "./io.ts";
import type { Values } from "./parse.ts";

export const PROGRESS_OPTION: OptionSpec = {
  name: "progress",
  group: "Output",
  help: "--no-progress: no line in progress on a terminal",
};

export function showsProgress(values: Values, { stderr, env }: Io): boolean {
  const terminal = stderr.isTTY === true && env["TERM"] !== "dumb" && env["CI"] === undefined;
  const wanted = !values.has("progress") || values.flag("progress");
  return terminal && wanted && !values.flag("quiet");
}
