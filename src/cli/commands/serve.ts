/** What `everyword serve` takes. */
import type { Command } from "../command.ts";
import { LOCAL_OPTIONS } from "../service-options.ts";

export const serveCommand: Command = {
  name: "serve",
  positionals: "",
  about:
    "Answers the protocol with the local recognizer: streaming, files and batch, English, no " +
    "network. Prints its URL on stdout and runs until it is interrupted; then running streams " +
    "may finish.",
  options: [
    {
      name: "host",
      value: "ADDR",
      group: "Server",
      help: "Address to listen on; default 127.0.0.1, this machine alone",
    },
    { name: "port", value: "N", group: "Server", help: "Port; default 8080, 0 takes a free one" },
    {
      name: "keys-file",
      value: "FILE",
      group: "Server",
      completes: "file",
      help: "Let in only these keys, one a line; readable by you alone",
    },
    {
      name: "tls-cert",
      value: "FILE",
      group: "Server",
      completes: "file",
      help: "Certificate (PEM) for https and wss; with --tls-key",
    },
    { name: "tls-key", value: "FILE", group: "Server", completes: "file", help: "Its key (PEM)" },
    { name: "max-streams", value: "N", group: "Server", help: "Live streams at once; default 10" },
    {
      name: "data-dir",
      value: "DIR",
      group: "Server",
      completes: "folder",
      help: "Keep batch jobs there over restarts; default: they end with the server",
    },
    {
      name: "fetch-urls",
      group: "Server",
      help: "Fetch a URL sent in place of a file; it can reach what this machine can",
    },
    {
      name: "scenario",
      value: "FILE",
      group: "Server",
      completes: "file",
      help: "Misbehave as this JSON file says, to test clients",
    },
    { name: "log", group: "Server", help: "A JSON line on stderr for each request and stream" },
    { name: "quiet", short: "q", group: "Server", help: "Nothing on stderr but errors" },
    ...LOCAL_OPTIONS,
  ],
  examples: [
    "everyword serve",
    "everyword serve --port 9000 --local-model tiny",
    "everyword serve --host 0.0.0.0 --keys-file keys.txt \\",
    "  --tls-cert cert.pem --tls-key key.pem",
    "everyword live talk.wav --server http://127.0.0.1:8080",
  ],
  async run(values, positionals, io) {
    return (await import("../serve.ts")).runServe(values, positionals, io);
  },
};
