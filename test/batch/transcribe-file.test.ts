import { expect, test } from "vitest";
import { EverywordError } from "../../src/errors.ts";
import { transcribeFile, translateFile } from "../../src/batch/transcribe-file.ts";
import { json, patternBytes, reset, serveScript, temporaryFile, text } from "./script-server.ts";

const HELLO = {
  task: "transcribe",
  language: "en",
  duration: 1.5,
  text: "hello there",
  request_id: "r-1",
  segments: [
    {
      id: 0,
      text: " hello there",
      start: 0.1,
      end: 1.2,
      words: [
        { word: "hello", language: "en", probability: 0.9, start: 0.1, end: 0.5 },
        { word: "there", language: "en", probability: 0.8, start: 0.6, end: 1.2 },
      ],
    },
  ],
};
const QUICK = { baseMs: 1, capMs: 1 };

test("a file goes up byte for byte behind its options and comes back as segments with words", async () => {
  const bytes = patternBytes(3_000_001);
  const server = await serveScript([json(HELLO)]);
  const path = await temporaryFile(bytes, 'a "quoted" näme.wav');
  const result = await transcribeFile(path, {
    service: server.service,
    language: "English",
    prompt: "greetings",
    temperature: [0, 0.4],
    diarize: true,
    maxSpeakers: 2,
  });
  const [request] = server.arrived;
  expect({
    text: result.text,
    words: result.segments[0]?.words.map((word) => [word.text, word.start, word.end]),
    requestId: result.requestId,
    path: request?.path,
    authorization: request?.headers.authorization,
    length: Number(request?.headers["content-length"]) === request?.bodyBytes,
    fields: request?.fields,
    same: Buffer.compare(request?.file ?? Buffer.alloc(0), bytes),
  }).toEqual({
    text: "hello there",
    words: [
      ["hello", 0.1, 0.5],
      ["there", 0.6, 1.2],
    ],
    requestId: "r-1",
    path: "/v1/audio/transcriptions",
    authorization: "fw_secret_key_1",
    length: true,
    fields: [
      ["model", "whisper-v3"],
      ["response_format", "verbose_json"],
      ["timestamp_granularities[]", "word"],
      ["timestamp_granularities[]", "segment"],
      ["language", "en"],
      ["prompt", "greetings"],
      ["temperature", "0,0.4"],
      ["diarize", "true"],
      ["max_speakers", "2"],
      ["file", "a %22quoted%22 näme.wav"],
    ],
    same: 0,
  });
});

test("a translation goes to its own route and is English", async () => {
  const server = await serveScript([json({ ...HELLO, language: "de" })]);
  const path = await temporaryFile(patternBytes(10));
  const result = await translateFile(path, { service: server.service, language: "de" });
  expect([server.arrived[0]?.path, result.language, result.languages]).toEqual([
    "/v1/audio/translations",
    "en",
    ["de"],
  ]);
});

test("P3: a connection that is reset in mid-upload is tried again with the whole body", async () => {
  const bytes = patternBytes(2_500_000);
  const server = await serveScript([json(HELLO)], (request, response, index) => {
    if (index > 1) return false;
    response.writeContinue();
    request.once("data", () => request.socket.resetAndDestroy());
    return true;
  });
  const path = await temporaryFile(bytes);
  const waits: string[] = [];
  const result = await transcribeFile(path, {
    service: server.service,
    retry: QUICK,
    onRetry: (cause) => waits.push(cause.code),
  });
  expect([result.text, waits, Buffer.compare(server.arrived[0]!.file, bytes)]).toEqual([
    "hello there",
    ["network", "network"],
    0,
  ]);
});

test("a refused key costs no upload: not a byte of the body is sent (Expect: 100-continue)", async () => {
  let bodyBytes = 0;
  const server = await serveScript([], (request, response) => {
    request.on("data", (chunk: Buffer) => {
      bodyBytes += chunk.length;
    });
    response.writeHead(401, { "content-type": "application/json" });
    response.end('{"error":{"message":"bad key fw_secret_key_1"}}');
    return true;
  });
  const path = await temporaryFile(patternBytes(5_000_000));
  const error = await transcribeFile(path, { service: server.service }).catch((e: unknown) => e);
  expect([error, bodyBytes]).toMatchObject([
    {
      code: "key-refused",
      status: 401,
      message: expect.stringMatching(/“bad key \*\*\*”.*Bearer/u),
    },
    0,
  ]);
});

test("A17, U17: an early refusal in mid-upload ends the upload and is the error", async () => {
  let bodyBytes = 0;
  const server = await serveScript([], (request, response) => {
    response.writeContinue();
    request.on("data", (chunk: Buffer) => {
      bodyBytes += chunk.length;
      if (!response.headersSent) {
        response.writeHead(413, { "content-type": "text/plain" });
        response.end("too large");
      }
    });
    return true;
  });
  const path = await temporaryFile(new Uint8Array(200_000_000));
  const error = await transcribeFile(path, { service: server.service }).catch((e: unknown) => e);
  expect([error, bodyBytes < 100_000_000]).toMatchObject([
    { code: "unsupported", status: 413, message: expect.stringContaining("“too large”") },
    true,
  ]);
});

test("A17: an early refusal is read although the connection was closed right behind it", async () => {
  const server = await serveScript([], (request, response) => {
    response.writeContinue();
    request.once("data", () => {
      response.writeHead(413, { "content-type": "text/plain" });
      response.end("too large");
    });
    return true;
  });
  const path = await temporaryFile(new Uint8Array(60_000_000));
  const seen: unknown[] = [];
  for (let times = 0; times < 10; times += 1) {
    const options = { service: server.service, retry: { attempts: 0 } };
    const error = await transcribeFile(path, options).catch((caught: unknown) => caught);
    seen.push(error instanceof EverywordError ? error.status : error);
  }
  expect(seen).toEqual(Array.from({ length: 10 }, () => 413));
});

test("A19: 503, 429 with Retry-After and 500 are waited out", async () => {
  const server = await serveScript([
    text("maintenance", 503),
    json({ error: "slow down" }, 429, { "retry-after": "0.001" }),
    json({ error: { message: "bug" } }, 500),
    json(HELLO),
  ]);
  const path = await temporaryFile(patternBytes(10));
  const result = await transcribeFile(path, { service: server.service, retry: QUICK });
  expect([result.text, server.arrived.length]).toEqual(["hello there", 4]);
});

test("a 500 is tried at most twice more, a 400 never", async () => {
  const bug = await serveScript([json({ error: "bug" }, 500)]);
  const bad = await serveScript([json({ detail: [{ msg: "cannot decode audio" }] }, 400)]);
  const path = await temporaryFile(patternBytes(10));
  const errors = await Promise.all(
    [bug, bad].map((server) =>
      transcribeFile(path, { service: server.service, retry: QUICK }).catch((e: unknown) => e),
    ),
  );
  expect([errors, bug.arrived.length, bad.arrived.length]).toMatchObject([
    [
      { code: "server", status: 500 },
      { code: "input-unreadable", message: expect.stringContaining("“cannot decode audio”") },
    ],
    3,
    1,
  ]);
});

test("P31: a withdrawn service fails at once", async () => {
  const gone = await serveScript([text("no healthy upstream", 503)]);
  const path404 = await serveScript([text("<h1>Not Found</h1>", 404, "text/html")]);
  const path = await temporaryFile(patternBytes(10));
  const errors = await Promise.all(
    [gone, path404].map((server) =>
      transcribeFile(path, { service: server.service, retry: QUICK }).catch((e: unknown) => e),
    ),
  );
  expect([errors, gone.arrived.length, path404.arrived.length]).toMatchObject([
    [
      { code: "service-withdrawn", signal: "no-healthy-upstream" },
      { code: "service-withdrawn", signal: "path-not-found" },
    ],
    1,
    1,
  ]);
});

test("A16: JSON that breaks off is tried again, and so is an answer cut by the network", async () => {
  const server = await serveScript([
    text('{"text":"hel', 200, "application/json"),
    (_arrived, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
      response.write('{"text":');
      setImmediate(() => response.socket?.resetAndDestroy());
    },
    json(HELLO),
  ]);
  const path = await temporaryFile(patternBytes(10));
  const result = await transcribeFile(path, { service: server.service, retry: QUICK });
  expect([result.text, server.arrived.length]).toEqual(["hello there", 3]);
});

test("A15: an answer that never comes, or drips for ever, meets the response limit", async () => {
  const silent = await serveScript([() => undefined]);
  const drip = await serveScript([
    (_arrived, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 5);
      response.on("close", () => clearInterval(timer));
    },
  ]);
  const path = await temporaryFile(patternBytes(10));
  const errors = await Promise.all(
    [silent, drip].map((server) =>
      transcribeFile(path, {
        service: server.service,
        responseTimeoutMs: 80,
        retry: { attempts: 0 },
      }).catch((e: unknown) => e),
    ),
  );
  expect(errors).toMatchObject([{ code: "timed-out" }, { code: "timed-out" }]);
});

test("a body nobody reads meets the stall limit", async () => {
  const server = await serveScript([], (request, response) => {
    response.writeContinue();
    request.pause();
    return true;
  });
  const path = await temporaryFile(new Uint8Array(64_000_000));
  const error = await transcribeFile(path, {
    service: server.service,
    stallTimeoutMs: 100,
    retry: { attempts: 0 },
  }).catch((e: unknown) => e);
  expect(error).toMatchObject({
    code: "timed-out",
    message: expect.stringContaining("nothing was taken for 100 ms"),
  });
});

test("an abort in mid-upload rejects with the signal's reason, as it is, and closes the connection", async () => {
  const closed = newGate();
  const server = await serveScript([], (request, response) => {
    response.writeContinue();
    request.on("close", closed.open);
    return true;
  });
  const path = await temporaryFile(new Uint8Array(64_000_000));
  const control = new AbortController();
  const reason = new Error("enough");
  const failed = transcribeFile(path, {
    service: server.service,
    signal: control.signal,
    onProgress: () => control.abort(reason),
  }).catch((e: unknown) => e);
  expect(await failed).toBe(reason);
  await closed.opened;
});

test("nobody listening: a few tries, then one sentence", async () => {
  const server = await serveScript([reset]);
  const path = await temporaryFile(patternBytes(10));
  const error = await transcribeFile(path, {
    service: server.service,
    retry: { attempts: 2, ...QUICK },
  }).catch((e: unknown) => e);
  expect([error, server.arrived.length]).toMatchObject([{ code: "network" }, 3]);
});

test("what is no file, is empty or is not there is said before anything is sent", async () => {
  const server = await serveScript([json(HELLO)]);
  const empty = await temporaryFile(new Uint8Array(0));
  const errors = await Promise.all(
    [empty, "/nonexistent/talk.wav", "/"].map((path) =>
      transcribeFile(path, { service: server.service }).catch((e: unknown) => e),
    ),
  );
  expect([errors, server.arrived.length]).toMatchObject([
    [{ code: "input-unreadable" }, { code: "input-unreadable" }, { code: "input-unreadable" }],
    0,
  ]);
});

function newGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const gate = new AbortController();
  const opened = new Promise<void>((resolve) => {
    gate.signal.addEventListener("abort", () => resolve());
  });
  return { opened, open: () => gate.abort() };
}
