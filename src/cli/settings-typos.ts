/** Keys at the top of a settings file that no command knows: told, not refused, so that a file may be shared with a newer version. */
import type { OptionSpec } from "./command.ts";
import { nearest } from "./nearest.ts";
import { COMMANDS } from "./registry.ts";
import { specOf, type StrangeKey } from "./settings.ts";

/** One sentence for each key that is neither an option of any command nor a command's section. */
export async function typoSentences(strange: readonly StrangeKey[]): Promise<string[]> {
  const commands = COMMANDS.map(({ name }) => name);
  const options: OptionSpec[] = [];
  for (const { load } of COMMANDS) options.push(...(await load()).options);
  const sentences = strange
    .filter(({ key, section }) =>
      section ? !commands.includes(key) : specOf(options, key) === undefined,
    )
    .map(({ path, key, section }) => {
      const names = section ? commands : options.map((spec) => spec.name);
      const near = nearest(key.replaceAll("_", "-"), names);
      const hint = near === undefined ? "it has no effect" : `did you mean "${near}"?`;
      const what = section ? "is a section of no command" : "is an option of no command";
      return `"${key}" in ${path} ${what}; ${hint}`;
    });
  return [...new Set(sentences)];
}
