/** `everyword serve`: the local server with the local recognizer, until it is told to stop. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import { openEngine } from "../server/engine/engine.ts";
import { readScenarioFile } from "../server/faults/scenario-file.ts";
import { DEFAULT_LIMITS } from "../server/options.ts";
import { readKeysFile } from "../server/keys-file.ts";
import { startServer, type ServerOptions } from "../server/server.ts";
import { write, type Io } from "./io.ts";
import { cannotWrite, makeFolder } from "./outputs.ts";
import type { Values } from "./parse.ts";

export async function runServe(
  values: Values,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  if (positionals.length > 0) {
    throw new EverywordError("usage", `serve takes no input, got "${positionals[0] ?? ""}".`);
  }
  const options = await serverOptions(values, io);
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
    // Files are read through streams of the recognizer too.
    maxStreams: (options.maxStreams ?? DEFAULT_LIMITS.maxStreams) + DEFAULT_LIMITS.maxFiles,
  });
  try {
    await recognizer.ready();
    const server = await startServer({ ...options, recognizer });
    if (options.keys === undefined && !isLoopback(options.host ?? "")) {
      notify("anyone who reaches this address may use it; --keys-file lets in only some");
    }
    await write(io.stdout, `${server.url}\n`);
    if (!io.stop.aborted) await once(io.stop, "abort");
    notify("stopping; running streams may finish");
    await server.close();
  } finally {
    await recognizer.close();
  }
  return 0;
}

async function serverOptions(values: Values, io: Io): Promise<Omit<ServerOptions, "recognizer">> {
  const maxStreams = values.integer("max-streams", 1, 10_000);
  const keysFile = values.text("keys-file");
  const scenario = values.text("scenario");
  const dataDir = values.text("data-dir");
  if (dataDir !== undefined) {
    await makeFolder(resolve(io.cwd, dataDir)).catch((cause: unknown) => {
      throw cannotWrite(dataDir, cause);
    });
  }
  const tls = await tlsFrom(values);
  return {
    host: values.text("host") ?? "127.0.0.1",
    port: values.integer("port", 0, 65_535) ?? 8080,
    fetchUrls: values.flag("fetch-urls"),
    ...(maxStreams === undefined ? {} : { maxStreams }),
    ...(keysFile === undefined ? {} : { keys: await readKeysFile(keysFile) }),
    ...(scenario === undefined ? {} : { scenario: await readScenarioFile(scenario) }),
    ...(dataDir === undefined ? {} : { dataDir: resolve(io.cwd, dataDir) }),
    ...(tls === undefined ? {} : { tls }),
    ...(values.flag("log")
      ? { log: (line: object) => void io.stderr.write(`${JSON.stringify(line)}\n`) }
      : {}),
  };
}

async function tlsFrom(values: Values): Promise<ServerOptions["tls"] | undefined> {
  const cert = values.text("tls-cert");
  const key = values.text("tls-key");
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new EverywordError("usage", "--tls-cert and --tls-key go together.");
  }
  return { cert: await readPem("tls-cert", cert), key: await readPem("tls-key", key) };
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new EverywordError("usage", `--${option} ${path} cannot be read (${messageOf(cause)}).`, {
      cause,
    });
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
