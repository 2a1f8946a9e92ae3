/** `everyword completion`: scripts for the shell, made from the same tables as the help. */
import { EverywordError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { completionScript, SHELLS, type Shell } from "../completion.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";

export const completionCommand: Command = {
  name: "completion",
  positionals: SHELLS.join("|"),
  verbs: SHELLS,
  about: "Prints a script that teaches your shell the commands, options and values.",
  options: [],
  examples: [
    "source <(everyword completion bash)      # in ~/.bashrc",
    "source <(everyword completion zsh)       # in ~/.zshrc, behind compinit",
    "everyword completion fish > ~/.config/fish/completions/everyword.fish",
  ],
  run: completion,
};

async function completion(
  _values: Values,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  const [shell, ...more] = positionals;
  if (shell === undefined || more.length > 0 || !isShell(shell)) {
    throw new EverywordError("usage", `completion takes one of ${SHELLS.join(", ")}.`);
  }
  const { COMMANDS } = await import("../registry.ts");
  const entries = await Promise.all(
    COMMANDS.map(async ({ name, summary, load }) => ({ name, summary, command: await load() })),
  );
  await write(io.stdout, completionScript(shell, entries));
  return 0;
}

function isShell(name: string): name is Shell {
  return (SHELLS as readonly string[]).includes(name);
}
