import { execFileSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EverywordError } from "../../src/errors.ts";
import { readKeysFile } from "../../src/server/keys-file.ts";
import type { Recognizer } from "../../src/server/recognizer.ts";
import type { LogLine, ServerOptions } from "../../src/server/server.ts";
import { createToneRecognizer, speakTones, startServer } from "../../src/server/testing.ts";
import { bounded, dial, mergedText } from "./support/plain-client.ts";
import { ask, serverForEachTest, transcribe } from "./support/running.ts";
import { lacks } from "../programs.ts";

const start = serverForEachTest();
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "operations-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test("liveness, readiness and metrics need no key; readiness waits for the recognizer", async () => {
  const loading = new EventEmitter();
  const ready = once(loading, "loaded").then(() => undefined);
  const recognizer = { ...createToneRecognizer(), ready: () => ready };
  const { url } = await start({ keys: ["k"], recognizer });
  const before = await ask(`${url}/readyz`);
  loading.emit("loaded");
  await ready;
  const after = await ask(`${url}/readyz`);
  const health = await ask(`${url}/healthz`);
  expect([before.status, after.status, health.status]).toEqual([503, 200, 200]);
});

test("metrics count streams, audio, answers and the recognizer's load", async () => {
  const recognizer = {
    ...createToneRecognizer(),
    load: () => ({ queued: 3, behindSeconds: 1.5, realTimeFactor: 0.25 }),
  };
  const { url } = await start({ recognizer });
  const stream = await dial(url);
  stream.sendAudio(new Int16Array(32_000));
  await stream.finish();
  await ask(`${url}/nothing`);
  const { text, headers } = await ask(`${url}/metrics`);
  expect(headers.get("content-type")).toContain("version=0.0.4");
  const value = (name: string): number =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`everyword_${name} `))
        ?.split(" ")[1],
    );
  expect([
    value("streams"),
    value("audio_seconds_total"),
    value('http_answers_total{status="404"}'),
    value("recognizer_queue"),
    value("recognizer_behind_seconds"),
    value("recognizer_real_time_factor"),
  ]).toEqual([1, 2, 1, 3, 1.5, 0.25]);
});

test("the log tells what happened, and never a key, a text or a URL with either", async () => {
  const lines: LogLine[] = [];
  const { url } = await start({ keys: ["fw_secret"], log: (line) => lines.push(line) });
  const stream = await dial(url, { query: "Authorization=fw_secret&odd=1&prompt=whisper" });
  stream.sendAudio(speakTones("confidential").samples);
  await stream.finish();
  stream.socket.close();
  await stream.closed;
  await ask(`${url}/v1/models?authorization=Bearer%20fw_secret`);
  await dial(url, { query: "Authorization=fw_guess" }).catch(() => {});
  const all = JSON.stringify(lines);
  expect(lines.map((line) => line.event)).toEqual(
    expect.arrayContaining([
      "listening",
      "stream-open",
      "stream-closed",
      "request",
      "stream-refused",
    ]),
  );
  expect(all).toContain('unknown parameter \\"odd\\"');
  expect(all).not.toMatch(/fw_|confidential|whisper|Bearer/u);
});

test("keys come from a file that only its owner may read", async () => {
  const path = join(directory, "keys");
  await writeFile(path, "# team\nfw_one\n\n  fw_two  \r\n", { mode: 0o600 });
  expect(await readKeysFile(path)).toEqual(["fw_one", "fw_two"]);
  const { url } = await start({ keysFile: path });
  const statuses = ["fw_two", "team"].map(async (key) => {
    return (await ask(`${url}/v1/models`, { headers: { authorization: key } })).status;
  });
  expect(await Promise.all(statuses)).toEqual([200, 401]);
  await expect(start({ keysFile: path, keys: ["k"] })).rejects.toThrow(/not both/u);
  await chmod(path, 0o640);
  await expect(readKeysFile(path)).rejects.toThrow(/chmod 600/u);
  await chmod(path, 0o600);
  await writeFile(path, "# nobody\n");
  await expect(readKeysFile(path)).rejects.toThrow(/holds no key/u);
  await expect(readKeysFile(join(directory, "none"))).rejects.toThrow(/cannot be read/u);
});

test.skipIf(lacks("openssl"))("with TLS both HTTP and streams are encrypted", async () => {
  const [certPath, keyPath] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  execFileSync(
    "openssl",
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost -keyout ${keyPath} -out ${certPath}`.split(
      " ",
    ),
    { stdio: "ignore" },
  );
  const [cert, key] = await Promise.all([readFile(certPath), readFile(keyPath)]);
  const { url } = await start({ tls: { cert, key } });
  expect(url).toMatch(/^https:/u);
  const stream = await dial(url);
  stream.sendAudio(speakTones("sealed").samples);
  expect(mergedText(await stream.finish())).toBe("sealed");
  const send = (path: string, method: string, headers: Record<string, string>): Promise<unknown> =>
    new Promise((resolve) => {
      const options = { rejectUnauthorized: false, agent: false, method, headers };
      const request = httpsRequest(url + path, options, (response) => resolve(response.statusCode));
      request.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
      request.end(method === "POST" ? "x".repeat(9000) : undefined);
    });
  expect(await send("/healthz", "GET", {})).toBe(200);
  const upload = {
    "content-type": "multipart/form-data; boundary=b",
    "x-everyword-scenario": "A14:bytes=1000",
  };
  expect(await send("/v1/audio/transcriptions", "POST", upload)).toBe("ECONNRESET");
});

test("closing lets a running stream finish, takes nothing new, and frees the port", async () => {
  const server = await start({ drainMs: 5000 });
  const stream = await dial(server.url);
  stream.sendAudio(speakTones("almost").samples);
  await stream.next((message) => "segments" in message);
  const closing = server.close();
  await expect(dial(server.url)).rejects.toThrow(/ECONNREFUSED/u);
  stream.sendAudio(speakTones("done | ").samples);
  expect(mergedText(await stream.finish())).toBe("almost done");
  stream.socket.close();
  await bounded(closing, "close");
});

test("closing ends what does not finish within the bound, with 1012", async () => {
  const server = await start({ drainMs: 20 });
  const stream = await dial(server.url);
  await bounded(server.close(), "close");
  expect((await stream.closed).code).toBe(1012);
});

test("an aborted signal closes the server; an aborted one never starts it", async () => {
  const controller = new AbortController();
  const server = await start({ signal: controller.signal });
  controller.abort();
  await bounded(server.close(), "close");
  await expect(ask(server.url)).rejects.toThrow(/fetch failed/u);
  const late = startServer({ recognizer: createToneRecognizer(), signal: controller.signal });
  await expect(late).rejects.toThrow(/abort/u);
});

async function warnsOfAll(options: Partial<ServerOptions>): Promise<boolean> {
  const lines: LogLine[] = [];
  await start({ ...options, log: (line) => lines.push(line) });
  return lines.some((line) => line.event === "no-keys");
}

test("a server that anybody can reach and use says so in its log", async () => {
  expect([
    await warnsOfAll({ host: "0.0.0.0" }),
    await warnsOfAll({ host: "0.0.0.0", keys: ["k"] }),
    await warnsOfAll({ host: "localhost" }),
    await warnsOfAll({}),
  ]).toEqual([true, false, false, false]);
});

test("an address that is taken, and a bound that is none, are told at once", async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toThrow(/cannot listen at 127\.0\.0\.1:.*EADDRINUSE/u);
  await expect(start({ maxStreams: 0 })).rejects.toThrow(RangeError);
});

test("uploads leave nothing behind, finished, refused or broken off", async () => {
  const tempDir = await mkdtemp(join(directory, "temp-"));
  const server = await start({ tempDir });
  await transcribe(server.url, "finished");
  await transcribe(server.url, "refused", [["model", "m"]]);
  const [own] = await readdir(tempDir);
  const socket = connect(server.port, "127.0.0.1");
  socket.write(
    `POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${"x".repeat(5000)}`,
  );
  const list = async (): Promise<number> => (await readdir(join(tempDir, own!, "content"))).length;
  const until = async (count: number): Promise<void> => {
    for (let look = 0; look < 10_000 && (await list()) !== count; look++);
  };
  await until(1);
  socket.destroy();
  await until(0);
  expect(await list()).toBe(0);
  await server.close();
  expect(await readdir(tempDir)).toEqual([]);
});

test("an upload that stops is answered 408", async () => {
  const server = await start({ uploadIdleMs: 50 });
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1");
    socket.write(
      "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900\r\n\r\n--b\r\n",
    );
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("error", reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /u);
});

test("a refused key is answered before a byte of the body is asked for", async () => {
  const server = await start({ keys: ["k"] });
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1");
    socket.write(
      "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900\r\n\r\n",
    );
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("error", reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 401 /u);
});

test("a full recognizer is an honest 429 on files and streams", async () => {
  const recognizer = createToneRecognizer({ maxStreams: 1 });
  const { url } = await start({ recognizer });
  await dial(url);
  const file = await transcribe(url, "x");
  const stream = await dial(url).catch((error: { status: number }) => error.status);
  expect([file.status, stream]).toEqual([429, 429]);
});

/** A recognizer whose `finish` fails with this. */
function failing(error: Error): Recognizer {
  const tones = createToneRecognizer();
  return {
    ...tones,
    openStream: (options, onUpdate) => {
      const stream = tones.openStream(options, onUpdate);
      return {
        push: (samples) => stream.push(samples),
        drain: () => stream.drain(),
        behindSeconds: () => 0,
        close: () => stream.close(),
        async finish() {
          await stream.finish();
          throw error;
        },
      };
    },
  };
}

test("a recognizer that fails ends the stream with an error frame and 1011, the file with a 503", async () => {
  const recognizer = failing(new EverywordError("recognizer", "the worker died"));
  const { url } = await start({ recognizer });
  const stream = await dial(url);
  stream.sendJson({ checkpoint_id: "final" });
  const { code } = await stream.closed;
  expect([code, stream.messages.at(-1)]).toEqual([
    1011,
    { error: { message: "the worker died", code: "recognizer" } },
  ]);
  expect((await transcribe(url, "x")).status).toBe(503);
  expect((await ask(`${url}/metrics`)).text).toContain("everyword_recognizer_failures_total 1");
});

test("a recognizer that is full in mid-stream closes with 1013, so that a client tries again", async () => {
  const { url } = await start({ recognizer: failing(new EverywordError("quota", "full")) });
  const stream = await dial(url);
  stream.sendJson({ checkpoint_id: "final" });
  expect((await stream.closed).code).toBe(1013);
});
