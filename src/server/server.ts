/**
 * The local server: the whole protocol on one port, answered by a recognizer that the caller brings.
 */
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EverywordError } from "../errors.ts";
import { BatchJobs } from "./jobs/route.ts";
import { createKeyCheck } from "./auth.ts";
import type { ServerContext } from "./context.ts";
import { parseScenario } from "./faults/scenario.ts";
import { Slots } from "./files/slots.ts";
import { TempDir } from "./files/temp-dir.ts";
import { readKeysFile } from "./keys-file.ts";
import { Metrics } from "./metrics.ts";
import { type LogLine, resolveLimits, type ServerLimits, type ServerOptions } from "./options.ts";
import { isLoopbackHost } from "./origin.ts";
import { createRouter } from "./router.ts";
import { StreamHub } from "./streaming/upgrade.ts";

export type { LogLine, ServerLimits, ServerOptions } from "./options.ts";

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:PORT`, or `https:` with TLS; for streaming the same with `ws:`. */
  readonly url: string;
  /** The port it listens on. */
  readonly port: number;
  /**
   * Takes nothing new, lets running streams and requests finish for at most `drainMs`, ends the
   * rest, frees the port. Idempotent; never rejects. The recognizer stays open.
   */
  close(): Promise<void>;
}

/** Starts listening; what it throws stands at `startServer` in `local.ts`. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  options.signal?.throwIfAborted();
  const limits = resolveLimits(options);
  let draining = false;
  const temp = new TempDir(options.tempDir ?? tmpdir());
  const context = createContext(options, limits, temp, await keysOf(options), () => draining);
  const hub = new StreamHub(context);
  let opening: Promise<BatchJobs> | undefined;
  const openJobs = (): Promise<BatchJobs> => {
    opening ??= jobsDirectory(options, temp).then((path) => BatchJobs.open(path, context));
    // A directory that cannot be had now may be had at the next request.
    opening.catch(() => (opening = undefined));
    return opening;
  };
  // Jobs of an earlier run go on at once; without a directory of their own there are none.
  if (options.dataDir !== undefined) await openJobs();
  const router = createRouter(context, openJobs);
  const http = createHttp(
    options,
    limits.headersTimeoutMs,
    (request, response) => void router.handle(request, response),
  );
  http.maxConnections = limits.maxConnections;
  http.on("checkContinue", (request, response) => void router.handle(request, response));
  http.on("upgrade", (request, socket, head) => hub.handleUpgrade(request, socket, head));
  const host = options.host ?? "127.0.0.1";
  const port = await listen(http, host, options.port ?? 0).catch(async (error: unknown) => {
    await (await opening)?.close(0);
    throw error;
  });
  const scheme = options.tls === undefined ? "http" : "https";
  const url = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  context.log("info", "listening", { url });
  if (context.isKnown === undefined && !isLoopbackHost(host)) {
    context.log("warn", "no-keys", { host, why: "anybody who reaches this address may use it" });
  }

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    draining = true;
    closing ??= stop(http, hub, router, limits.drainMs, opening).then(async () => {
      await temp.remove();
      context.log("info", "stopped");
      return undefined;
    });
    return closing;
  };
  options.signal?.addEventListener("abort", () => void close(), { once: true });
  return { url, port, close };
}

function createContext(
  options: ServerOptions,
  limits: ServerLimits,
  temp: TempDir,
  keys: readonly string[] | undefined,
  isDraining: () => boolean,
): ServerContext {
  let ready = false;
  // A recognizer that cannot load is told by /readyz and by every request, not by a crash here.
  options.recognizer.ready().then(
    () => (ready = true),
    () => (ready = false),
  );
  return {
    recognizer: options.recognizer,
    limits,
    scenario: parseScenario(options.scenario ?? {}),
    allowScenarios: options.allowScenarios ?? keys === undefined,
    isKnown: keys === undefined ? undefined : createKeyCheck(keys),
    metrics: new Metrics(),
    slots: new Slots(limits.maxFiles, limits.maxWaiting),
    uploads: new Set(),
    fetchUrls: options.fetchUrls ?? false,
    tempDir: () => temp.open(),
    isDraining,
    isReady: () => ready,
    log: (level: LogLine["level"], event, fields = {}) =>
      options.log?.({ level, event, timeMs: Date.now(), ...fields }),
  };
}

/** @throws EverywordError `usage` for both at once, or as `readKeysFile`. */
async function keysOf(options: ServerOptions): Promise<readonly string[] | undefined> {
  if (options.keysFile === undefined) return options.keys;
  if (options.keys === undefined) return readKeysFile(options.keysFile);
  throw new EverywordError("usage", "Give the server either keys or keysFile, not both.");
}

async function jobsDirectory(options: ServerOptions, temp: TempDir): Promise<string> {
  return options.dataDir ?? join(await temp.open(), "batch");
}

function createHttp(
  options: ServerOptions,
  headersTimeoutMs: number,
  listener: RequestListener,
): Server {
  // Node looks for late headers only this often; its default is every 30 s.
  const settings = {
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    connectionsCheckingInterval: Math.min(1000, headersTimeoutMs),
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
  };
  if (options.tls === undefined) return createHttpServer(settings, listener);
  return createHttpsServer({ ...settings, cert: options.tls.cert, key: options.tls.key }, listener);
}

function listen(http: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", (cause) => {
      const why = `The server cannot listen at ${host}:${port} (${cause.message}); choose another host or port.`;
      reject(new EverywordError("usage", why, { cause }));
    });
    http.listen({ host, port }, () => {
      const address = http.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

async function stop(
  http: Server,
  hub: StreamHub,
  router: { drain(boundMs: number): Promise<void> },
  drainMs: number,
  opening: Promise<BatchJobs> | undefined,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    http.close(() => resolve());
  });
  http.closeIdleConnections();
  const jobs = await opening?.catch(() => undefined);
  await Promise.all([hub.close(drainMs), router.drain(drainMs), jobs?.close(drainMs)]);
  http.closeAllConnections();
  await closed;
}
