/** `everyword serve`: the local server with the local recognizer, until it is told to stop. */
import { once } from "node:events";
import type { Command } from "../command.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { LOCAL_OPTIONS } from "../service-options.ts";

export const serveCommand: Command = {
  name: "serve",
  positionals: "",
  about:
    "Answers the protocol with the local recognizer: English, no key, no network. Prints its URL " +
    "on stdout and runs until it is interrupted.",
  options: [
    {
      name: "host",
      value: "ADDR",
      group: "Server",
      help: "Address to listen on; default 127.0.0.1",
    },
    { name: "port", value: "N", group: "Server", help: "Port; default 8080, 0 takes a free one" },
    { name: "max-streams", value: "N", group: "Server", help: "Live streams at once; default 10" },
    { name: "quiet", short: "q", group: "Server", help: "Nothing on stderr but errors" },
    ...LOCAL_OPTIONS,
  ],
  examples: [
    "everyword serve",
    "everyword serve --port 9000 --local-model tiny",
    "everyword live talk.wav --server http://127.0.0.1:8080",
  ],
  run: serve,
};

async function serve(values: Values, _positionals: readonly string[], io: Io): Promise<number> {
  const { openEngine } = await import("../../server/engine/engine.ts");
  const { startServer } = await import("../../server/server.ts");
  const port = values.integer("port", 0, 65_535) ?? 8080;
  const maxStreams = values.integer("max-streams", 1, 10_000);
  const notify = (line: string): void => {
    if (!values.flag("quiet")) io.stderr.write(`everyword: ${line}\n`);
  };
  let fetching = false;
  const recognizer = await openEngine({
    model: (values.text("local-model") as "tiny" | "base" | undefined) ?? "base",
    signal: io.abort,
    onProgress: () => {
      if (!fetching) notify("fetching the recognizer's weights, once");
      fetching = true;
    },
    cacheDir: values.text("model-dir"),
  });
  try {
    const server = await startServer({
      recognizer,
      host: values.text("host") ?? "127.0.0.1",
      port,
      ...(maxStreams === undefined ? {} : { maxStreams }),
    });
    await write(io.stdout, `${server.url}\n`);
    if (!io.stop.aborted) await once(io.stop, "abort");
    notify("stopping; running streams may finish");
    await server.close();
  } finally {
    await recognizer.close();
  }
  return 0;
}
