/** What `everyword login` takes. */
import type { Command } from "../command.ts";

export const loginCommand: Command = {
  name: "login",
  positionals: "",
  about:
    "Asks for the hosted service's API key without showing it and stores it in " +
    "~/.fireworks/auth.ini, readable by you alone. Piped in, the key is the first line.",
  options: [{ name: "remove", group: "Key", help: "Forget the stored key" }],
  examples: ["everyword login", "everyword login < key.txt", "everyword login --remove"],
  async run(values, _positionals, io) {
    return (await import("../login.ts")).runLogin(values, io);
  },
};
