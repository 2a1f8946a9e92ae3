/** `everyword languages`: the codes that `--language` takes. */
import { isTranslatable, LANGUAGES } from "../../languages.ts";
import type { Command } from "../command.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";

export const languagesCommand: Command = {
  name: "languages",
  positionals: "",
  about:
    "Lists the languages of the protocol. What a server's recognizer understands is its own " +
    "matter: the local recognizer knows English.",
  options: [{ name: "json", group: "Output", help: "As JSON" }],
  examples: ["everyword languages", "everyword languages | grep -i slov"],
  run: languages,
};

async function languages(values: Values, _positionals: readonly string[], io: Io): Promise<number> {
  const list = [...LANGUAGES].map(([code, name]) => ({
    code,
    name,
    translatable: isTranslatable(code),
    local: code === "en",
  }));
  const text = values.flag("json")
    ? `${JSON.stringify(list, undefined, 2)}\n`
    : list
        .map(
          ({ code, name, local }) => `${code.padEnd(9)}${name}${local ? "  (also local)" : ""}\n`,
        )
        .join("");
  await write(io.stdout, text);
  return 0;
}
