/** The options of jobs that outlive the terminal. */
import type { OptionSpec } from "../command.ts";

export const LEDGER_OPTIONS: readonly OptionSpec[] = [
  {
    name: "ledger",
    value: "DIR",
    group: "Jobs",
    completes: "folder",
    help: "Where jobs are remembered; default: the user's state folder",
  },
  { name: "uploads", value: "N", group: "Jobs", help: "Uploads at once; default 4" },
  {
    name: "on-ambiguous",
    value: "WHAT",
    group: "Jobs",
    choices: ["ask", "resubmit", "skip"],
    help: "A file whose submit was never answered: fail and say so (ask, default), resubmit, skip",
  },
];
