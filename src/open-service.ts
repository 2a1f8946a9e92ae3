/**
 * Reads the environment and the files that say where the audio goes (service.ts has the rule), and
 * starts the embedded server when nothing does.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { EverywordError } from "./errors.ts";
import {
  chooseService,
  serverService,
  type ApiKey,
  type AuthScheme,
  type Service,
} from "./service.ts";

/** Whatever is not said here is read from the environment; all of it is optional. */
export interface OpenServiceOptions {
  /** URL of a server that speaks the protocol. Default `EVERYWORD_SERVER`. */
  readonly server?: string | undefined;
  /** Default: `apiKeyFile`, then the environment, then `~/.fireworks/auth.ini`. */
  readonly apiKey?: ApiKey | undefined;
  /** A file that holds nothing but the key. */
  readonly apiKeyFile?: string | undefined;
  /** How the key is sent. Default `raw`. */
  readonly auth?: AuthScheme | undefined;
  /** Local recognizer: `tiny` or `base`. */
  readonly localModel?: "tiny" | "base" | undefined;
  /** Local recognizer: where its weights are kept. Default `EVERYWORD_MODEL_DIR`, else the user's cache. */
  readonly modelDir?: string | undefined;
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where `.fireworks/auth.ini` is looked for. Default the user's home. */
  readonly homeDir?: string | undefined;
  /** Told in one line what a person should know: that the local recognizer is used, that weights are fetched. */
  readonly onNotice?: ((line: string) => void) | undefined;
  /** Gives the opening up, a download of weights included. */
  readonly signal?: AbortSignal | undefined;
}

/** A place to send audio to, and what must be closed behind it. */
export interface OpenedService {
  /** Give it to a session or to a file call. */
  readonly service: Service;
  /** Stops the embedded server, if one was started. Idempotent. */
  close(): Promise<void>;
}

/**
 * Decides where the audio goes and opens it. A key that is meant for the hosted service
 * (`FIREWORKS_API_KEY`, `~/.fireworks/auth.ini`) is never sent to another server; for that there
 * are `apiKey`, `apiKeyFile` and `EVERYWORD_API_KEY`.
 *
 * @throws EverywordError `usage` for a bad URL or key file, `recognizer` when the local engine
 * cannot start.
 *
 * @example
 * const opened = await openService();
 * try {
 *   // … opened.service …
 * } finally {
 *   await opened.close();
 * }
 */
export async function openService(options: OpenServiceOptions = {}): Promise<OpenedService> {
  const found = await findService(options);
  if (found !== undefined) return { service: found, close: async () => undefined };
  return shareEmbedded(options);
}

interface Shared {
  users: number;
  readonly opened: Promise<OpenedService>;
}

/** Embedded servers of this process by model: the weights are loaded once, whoever asks. */
const embedded = new Map<string, Shared>();

async function shareEmbedded(options: OpenServiceOptions): Promise<OpenedService> {
  const key = JSON.stringify([options.localModel ?? "base", options.modelDir]);
  const shared = embedded.get(key) ?? { users: 0, opened: openEmbedded(options) };
  embedded.set(key, shared);
  shared.users++;
  const leave = (): boolean => {
    shared.users--;
    if (shared.users > 0) return false;
    if (embedded.get(key) === shared) embedded.delete(key);
    return true;
  };
  try {
    const opened = await shared.opened;
    let closing: Promise<void> | undefined;
    return {
      service: opened.service,
      close: () => {
        closing ??= leave() ? opened.close() : Promise.resolve();
        return closing;
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}

/**
 * The same decision without opening anything: `undefined` means that {@link openService} would
 * start the local recognizer.
 *
 * @throws EverywordError `usage` for a bad URL or key file.
 */
export async function findService(options: OpenServiceOptions = {}): Promise<Service | undefined> {
  const env = options.env ?? process.env;
  const explicitKey = options.apiKey ?? (await keyFromFile(options.apiKeyFile));
  const server = options.server ?? emptyToUndefined(env["EVERYWORD_SERVER"]);
  const apiKey =
    explicitKey ??
    (server === undefined
      ? await hostedKey(env, options.homeDir ?? homedir())
      : emptyToUndefined(env["EVERYWORD_API_KEY"]));
  return chooseService({ server, apiKey, auth: options.auth });
}

function emptyToUndefined(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}

async function keyFromFile(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new EverywordError(
      "usage",
      `The key file ${path} cannot be read; give --api-key-file a file that holds the key and nothing else.`,
      { cause },
    );
  });
  const key = emptyToUndefined(text);
  if (key === undefined || /\s/u.test(key)) {
    throw new EverywordError("usage", `The key file ${path} must hold one key and nothing else.`);
  }
  return key;
}

async function hostedKey(
  env: Readonly<Record<string, string | undefined>>,
  homeDir: string,
): Promise<string | undefined> {
  const fromEnv = emptyToUndefined(env["FIREWORKS_API_KEY"]);
  if (fromEnv !== undefined) return fromEnv;
  const text = await readFile(join(homeDir, ".fireworks", "auth.ini"), "utf8").catch(() => "");
  return authIniKey(text);
}

/** `api_key` in the service's own store: bare `key = value` lines, sections tolerated (PROTOCOL §3). */
export function authIniKey(text: string): string | undefined {
  for (const line of text.split(/\r?\n/u)) {
    const value = /^\s*api_key\s*=\s*(.*?)\s*$/u.exec(line)?.[1];
    if (value !== undefined && value !== "") return value.replace(/^(["'])(.*)\1$/u, "$2");
  }
  return undefined;
}

async function openEmbedded(options: OpenServiceOptions): Promise<OpenedService> {
  const [{ openEngine }, { startServer }] = await Promise.all([
    import("./server/engine/engine.ts"),
    import("./server/server.ts"),
  ]);
  const model = options.localModel ?? "base";
  options.onNotice?.(
    `no key and no server given: using the local recognizer (Moonshine ${model}, English) in this process`,
  );
  let fetching = false;
  const recognizer = await openEngine({
    model,
    cacheDir: options.modelDir,
    signal: options.signal,
    onProgress: () => {
      if (!fetching) options.onNotice?.("fetching the recognizer's weights, once");
      fetching = true;
    },
  });
  try {
    await recognizer.ready();
    const server = await startServer({ recognizer });
    return {
      service: serverService(server.url, undefined, "embedded"),
      close: async () => {
        await server.close();
        await recognizer.close();
      },
    };
  } catch (error) {
    await recognizer.close();
    throw error;
  }
}
