/** A client that is refused while it still sends gets to read why, and then its connection ends. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { lacks } from "../programs.ts";
import { bounded } from "./support/plain-client.ts";
import { serverForEachTest } from "./support/running.ts";

const start = serverForEachTest();
const run = promisify(execFile);
const MEGABYTE = 1_000_000;

interface Seen {
  readonly answer: string;
  readonly error: string | undefined;
}

/** Sends head and body and only then begins to read, as simple clients do. */
function sendThenRead(
  port: number,
  head: string,
  megabytes: number,
  block = Buffer.alloc(MEGABYTE, "x"),
  tail = "",
): Promise<Seen> {
  const socket = connect(port, "127.0.0.1");
  socket.pause();
  let error: string | undefined;
  let answer = "";
  const done = new Promise<Seen>((resolve) => {
    socket.on("error", (why) => (error = why.message));
    socket.on("data", (data) => (answer += data.toString("latin1")));
    socket.on("close", () => resolve({ answer, error }));
  });
  socket.write(head);
  let sent = 0;
  const next = (): void => {
    while (sent < megabytes) {
      sent++;
      if (!socket.write(block)) {
        socket.once("drain", next);
        return;
      }
    }
    socket.write(tail);
    socket.resume();
  };
  next();
  return bounded(done, "end of the connection", 30_000);
}

function headOf(megabytes: number): string {
  return [
    "POST /v1/audio/transcriptions HTTP/1.1",
    "Host: x",
    "Content-Type: multipart/form-data; boundary=b",
    `Content-Length: ${megabytes * MEGABYTE}`,
    "\r\n",
  ].join("\r\n");
}

/** As a request of unknown length is sent; an empty one is its end. */
function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

test.each([
  ["413 for a body above the limit", { maxBodyBytes: 1000 }, "413"],
  ["401 for a missing key", { keys: ["fw_key"] }, "401"],
])("a client that sends everything before it reads sees %s", async (_name, options, status) => {
  const { port } = await start(options);
  const seen = await sendThenRead(port, headOf(60), 60);
  expect(seen.error).toBeUndefined();
  expect(seen.answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*\\}$`, "u"));
});

test("a client that does not say how much it sends sees 413 once it is too much", async () => {
  const { port } = await start({ maxBodyBytes: 5 * MEGABYTE });
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="long.wav"\r\n\r\n';
  const head = headOf(0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
  const block = Buffer.from(chunk("x".repeat(MEGABYTE)));
  const seen = await sendThenRead(port, head + chunk(part), 60, block, chunk(""));
  expect(seen.error).toBeUndefined();
  expect(seen.answer).toMatch(/^HTTP\/1\.1 413 [^]*\}$/u);
});

test("a client that never stops sending is cut within the bound", async () => {
  const { port } = await start({ maxBodyBytes: 1000, lingerMs: 100 });
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => (answer += data.toString("latin1")));
  socket.on("error", () => undefined);
  socket.write(headOf(1000));
  const dripping = setInterval(() => socket.write("x"), 5);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await bounded(closed, "end of the connection", 5000);
  clearInterval(dripping);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /u);
});

test.skipIf(lacks("curl"))("curl prints the refusal of a large upload, and no error", async () => {
  const { url } = await start({ maxBodyBytes: 1000 });
  const directory = await mkdtemp(join(tmpdir(), "refusal-"));
  const path = join(directory, "long.wav");
  await writeFile(path, "");
  await truncate(path, 100 * MEGABYTE);
  const { stdout } = await run("curl", [
    "-sS",
    "-H",
    "Expect:",
    "-F",
    `file=@${path}`,
    "-w",
    "%{http_code}",
    `${url}/v1/audio/transcriptions`,
  ]);
  await rm(directory, { recursive: true });
  expect(stdout).toMatch(/"message"[^]*413$/u);
});
