/** A small real HTTP server on loopback whose answers a test scripts, request by request. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { serverService, type Service } from "../../src/service.ts";

/** One request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Form fields in their order, the file's name under `file`. */
  readonly fields: readonly (readonly [string, string])[];
  readonly file: Buffer;
  readonly bodyBytes: number;
}

export type Answerer = (arrived: Arrived, response: ServerResponse) => void | Promise<void>;

export interface ScriptServer {
  readonly url: string;
  readonly service: Service;
  readonly arrived: Arrived[];
}

/** The last answer is repeated. Closed, with every connection, when the test ends. */
export async function serveScript(
  answers: readonly Answerer[],
  onRaw?: (request: IncomingMessage, response: ServerResponse, index: number) => boolean,
): Promise<ScriptServer> {
  const arrived: Arrived[] = [];
  let requests = 0;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const index = requests;
    requests += 1;
    request.on("error", () => undefined);
    if (onRaw?.(request, response, index) === true) return;
    if (request.headers.expect !== undefined) response.writeContinue();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const seen = readRequest(request, Buffer.concat(chunks));
      arrived.push(seen);
      void answers[Math.min(arrived.length, answers.length) - 1]?.(seen, response);
    });
  };
  const server = createServer(handle);
  server.on("checkContinue", handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, service: serverService(url, "fw_secret_key_1"), arrived };
}

function readRequest(request: IncomingMessage, body: Buffer): Arrived {
  const boundary = /boundary=(.+)$/u.exec(request.headers["content-type"] ?? "")?.[1];
  const fields: [string, string][] = [];
  let file: Buffer = Buffer.alloc(0);
  const mark = Buffer.from(`--${boundary ?? "none"}\r\n`);
  for (let at = 0; at >= 0 && body.indexOf(mark, at) === at;) {
    const from = body.indexOf("\r\n\r\n", at) + 4;
    const head = body.toString("utf8", at, from);
    const to = body.indexOf(`\r\n--${boundary ?? "none"}`, from);
    const name = / name="([^"]*)"/u.exec(head)?.[1] ?? "";
    const fileName = / filename="([^"]*)"/u.exec(head)?.[1];
    if (fileName !== undefined) file = body.subarray(from, to);
    fields.push([name, fileName ?? body.toString("utf8", from, to)]);
    at = to + 2;
  }
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers,
    fields,
    file,
    bodyBytes: body.length,
  };
}

/** Answers JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Answerer {
  return (_arrived, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
}

/** Answers anything. */
export function text(value: string, status: number, contentType = "text/plain"): Answerer {
  return (_arrived, response) => {
    response.writeHead(status, { "content-type": contentType });
    response.end(value);
  };
}

/** Cuts the connection. */
export const reset: Answerer = (_arrived, response) => {
  response.socket?.resetAndDestroy();
};

/** A file of its own for this test. */
export async function temporaryFile(bytes: Uint8Array, name = "talk.wav"): Promise<string> {
  const directory = await temporaryDirectory();
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "everyword-batch-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Bytes that no accident of the transport leaves looking right. */
export function patternBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
