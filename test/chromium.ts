/**
 * A real browser for tests: a module of the suite, bundled as an application would bundle it, runs in
 * a page that headless Chromium opens from a server of its own on loopback. That the bundle can be
 * made at all says that no module of Node is on its path.
 *
 * @example
 * // greet-page.ts: export function run(input: { name: string }): string { return `Hello ${input.name}`; }
 * await runInChromium(new URL("greet-page.ts", import.meta.url), { name: "you" }); // "Hello you"
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** No sandbox: CI runs as root, where Chromium has none. Nothing reaches out to the network. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface ChromiumOptions {
  /** Files the page can fetch: path without the leading slash -> bytes. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** How long the page may take; default 60 000. */
  readonly timeoutMs?: number;
}

/**
 * Runs `run(input)` of the module in a page. Input and result go through JSON.
 *
 * @returns what it returned, or resolved to.
 * @throws Error with the page's own stack when it throws, or when the page does not report in time.
 */
export async function runInChromium(
  module: URL,
  input: unknown,
  { files = {}, timeoutMs = 60_000 }: ChromiumOptions = {},
): Promise<unknown> {
  const post = `(body) => fetch("/report", { method: "POST", body: JSON.stringify(body) })`;
  const script = await bundleRun(module, input, post);
  const profile = await mkdtemp(join(tmpdir(), "everyword-chromium-"));
  let browser: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  const page = await openPage(script, files);
  try {
    browser = spawn("chromium", [...FLAGS, `--user-data-dir=${profile}`, page.url], {
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    browser.stderr?.on("data", (data: Buffer) => (said = (said + data.toString()).slice(-2000)));
    const gone = new Promise<never>((_resolve, reject) => {
      browser?.once("error", reject);
      browser?.once("exit", (code) => reject(new Error(`Chromium ended with ${code}: ${said}`)));
      timer = setTimeout(
        () => reject(new Error(`The page said nothing within ${timeoutMs} ms: ${said}`)),
        timeoutMs,
      );
    });
    return await Promise.race([page.result, gone]);
  } finally {
    clearTimeout(timer);
    page.close();
    await end(browser);
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/**
 * A module of the suite as one script without modules of Node, which calls its `run`.
 *
 * @param report source of a function that takes `{ result }` or `{ error }`.
 */
export async function bundleRun(module: URL, input: unknown, report: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { run } from ${JSON.stringify(fileURLToPath(module))};
        const report = ${report};
        Promise.resolve(${JSON.stringify(input)}).then(run).then(
          (result) => report({ result }),
          (error) => report({ error: String(error?.stack ?? error) }),
        );`,
      resolveDir: tmpdir(),
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

interface Page {
  readonly url: string;
  readonly result: Promise<unknown>;
  close(): void;
}

async function openPage(
  script: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<Page> {
  const served = new Map<string | undefined, { type: string; body: string | Uint8Array }>([
    [
      "/",
      { type: "text/html", body: '<!doctype html><script type="module" src="/page.js"></script>' },
    ],
    ["/page.js", { type: "text/javascript", body: script }],
  ]);
  for (const [path, body] of Object.entries(files)) {
    served.set(`/${path}`, { type: "application/octet-stream", body });
  }
  const server = createServer();
  const result = new Promise<unknown>((resolve, reject) => {
    server.on("request", (request, response) => {
      if (request.url === "/report") {
        response.end();
        readReport(request).then(resolve, reject);
        return;
      }
      const file = served.get(request.url);
      if (file === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "content-type": file.type }).end(file.body);
    });
  });
  // Whoever waits for it sees a failure; a page that fails after all that is not asked any more.
  result.catch(() => {});
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/`, result, close };
}

async function readReport(request: IncomingMessage): Promise<unknown> {
  const report = (await json(request)) as { result?: unknown; error?: string };
  if (report.error !== undefined) throw new Error(`In Chromium: ${report.error}`);
  return report.result;
}

/** Ends the browser and its children, which are a process group of their own. */
async function end(browser: ChildProcess | undefined): Promise<void> {
  if (browser?.pid === undefined || browser.exitCode !== null) return;
  const gone = new Promise((resolve) => browser.once("exit", resolve));
  process.kill(-browser.pid, "SIGKILL");
  await gone;
}
