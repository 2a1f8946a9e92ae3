/** What `everyword doctor` takes. */
import type { Command } from "../command.ts";
import { LOCAL_OPTIONS, SERVICE_OPTIONS } from "../service-options.ts";

export const doctorCommand: Command = {
  name: "doctor",
  positionals: "",
  survivesSettings: true,
  about:
    "Says what works on this machine, what does not, and the one command that mends it. Sends " +
    "nothing to the hosted service; a server given with --server is asked whether it is ready. " +
    "Exit code 1 when transcribing would fail.",
  options: [
    { name: "json", group: "Output", help: "As JSON" },
    ...SERVICE_OPTIONS,
    ...LOCAL_OPTIONS,
  ],
  examples: ["everyword doctor", "everyword doctor --server http://127.0.0.1:8080"],
  async run(values, _positionals, io) {
    return (await import("../doctor/run.ts")).runDoctor(values, io);
  },
};
