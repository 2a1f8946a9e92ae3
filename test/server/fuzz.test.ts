/**
 * 22 000 cases of nonsense: parsers in memory, frames, bodies and headers on the wire. A failure
 * prints fast-check's seed and the smallest case.
 */
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EverywordError } from "../../src/errors.ts";
import { keyOfRequest } from "../../src/server/auth.ts";
import { parseScenario } from "../../src/server/faults/scenario.ts";
import { parseJob } from "../../src/server/jobs/job.ts";
import { startTestServer, type RunningServer } from "../../src/server/testing.ts";
import { parseClientMessage } from "../../src/server/streaming/client-message.ts";
import { parseStreamParameters } from "../../src/server/streaming/parameters.ts";
import { bounded, dial } from "./support/plain-client.ts";

let server: RunningServer;

beforeAll(async () => {
  server = await startTestServer({ maxStreams: 1000, maxBodyBytes: 100_000, uploadIdleMs: 50 });
});
afterAll(async () => {
  await server.close();
});

/** JSON that is nearly a client message. */
const nearlyMessage = fc.dictionary(
  fc.constantFrom("object", "event_id", "trace_id", "reset_id", "checkpoint_id", "x"),
  fc.oneof(
    fc.constantFrom("stt.state.clear", "stt.input.trace", "final", "t1"),
    fc.jsonValue({ maxDepth: 2 }),
  ),
);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  nearlyMessage.map((value) => JSON.stringify(value)),
);

test("any text is a client message or a bad one", () => {
  fc.assert(
    fc.property(text, (frame) => parseClientMessage(frame).kind !== undefined),
    { numRuns: 7000 },
  );
});

const parameter = fc.tuple(
  fc.constantFrom(
    "language",
    "timestamp_granularities",
    "text_timeout_seconds",
    "%",
    "Authorization",
    "scenario",
  ),
  fc.oneof(
    fc.string(),
    fc.webQueryParameters(),
    fc.constantFrom("%2C", "%", "word,segment", "%E0%A4%A"),
  ),
);
const query = fc
  .array(parameter, { maxLength: 6 })
  .map((pairs) => pairs.map((pair) => pair.join("=")).join("&"));

test("any query gives parameters in their bounds and a key or none", () => {
  fc.assert(
    fc.property(query, (asked) => {
      const { textTimeoutSeconds } = parseStreamParameters(asked);
      const key = keyOfRequest({}, new URLSearchParams(asked));
      return textTimeoutSeconds >= 1 && textTimeoutSeconds <= 29 && key !== "";
    }),
    { numRuns: 5000 },
  );
});

test("any scenario is read or refused in words, and any file is a job or none", () => {
  const scenario = fc.oneof(
    fc.string(),
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom("W50", "A14", "S6", "seed", "W13"),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  );
  fc.assert(
    fc.property(scenario, (value) => {
      parseJob(typeof value === "string" ? value : JSON.stringify(value));
      try {
        parseScenario(value);
        return true;
      } catch (error) {
        return error instanceof EverywordError;
      }
    }),
    { numRuns: 5000 },
  );
});

const frame = fc.oneof(
  fc.uint8Array({ maxLength: 4000 }),
  text.map((value) => Buffer.from(value).toString("utf8")),
);

test("whatever frames come, the trace behind them is echoed and the end marker too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 24 }), async (frames) => {
      const stream = await dial(server.url);
      for (const data of frames) stream.socket.send(data);
      stream.sendJson({ event_id: "", object: "stt.input.trace", trace_id: "behind it all" });
      await stream.next((message) => message["trace_id"] === "behind it all");
      await stream.finish();
      stream.socket.terminate();
    }),
    { numRuns: 300 },
  );
});

/** Sends bytes, and ends if so wanted; the status that is answered, 0 when the connection just closes. */
function raw(bytes: string | Uint8Array, ends: boolean): Promise<number> {
  return bounded(
    new Promise((resolve) => {
      const socket = connect(server.port, "127.0.0.1");
      let answer = "";
      socket.on("data", (data) => (answer += data.toString("latin1")));
      socket.on("error", () => {});
      socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d{3})/u.exec(answer)?.[1] ?? 0)));
      if (ends) socket.end(bytes);
      else socket.write(bytes);
    }),
    "end of the connection",
  );
}

const part = fc.record({
  head: fc.constantFrom(
    'Content-Disposition: form-data; name="file"; filename="a.wav"',
    'Content-Disposition: form-data; name="model"',
    'Content-Disposition: form-data; name=file; filename=""',
    "Content-Disposition: form-data",
    'Content-Disposition: attachment; name="file"',
    "X: y",
    "",
  ),
  extra: fc.constantFrom("", "\r\nContent-Type: audio/wav", "\r\nContent-Type: ;;;", "\r\n: :"),
  body: fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("whisper-v3", "RIFF\0\0\0\0WAVEfmt ", "--b"),
  ),
  end: fc.constantFrom("\r\n", "", "\n", "\r\n--b"),
});
interface FormCase {
  readonly parts: readonly { head: string; extra: string; body: string; end: string }[];
  readonly tail: string;
  readonly path: string;
  readonly lie: number;
}
const form: fc.Arbitrary<FormCase> = fc.record({
  parts: fc.array(part, { maxLength: 5 }),
  tail: fc.constantFrom("--b--\r\n", "--b--", "--b", ""),
  path: fc.constantFrom(
    "/v1/audio/transcriptions",
    "/v1/audio/translations",
    "/v1/audio/transcriptions?endpoint_id=audio-prod",
  ),
  lie: fc.constantFrom(0, 0, 0, -3, 50),
});

/** Comes first in nine of ten forms, so that they are refused before anything is decoded. */
const UNKNOWN_MODEL = '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nnone\r\n';

test("whatever body comes, the answer is a success or a 4xx, and the server lives", async () => {
  let answered = 0;
  const send = async ({ parts, tail, path, lie }: FormCase, n: number): Promise<boolean> => {
    const written = parts.map(
      (one) => `--b\r\n${one.head}${one.extra}\r\n\r\n${one.body}${one.end}`,
    );
    const body = `${n === 0 ? "" : UNKNOWN_MODEL}${written.join("")}${tail}`;
    const length = Math.max(0, Buffer.byteLength(body) + lie);
    const status = await raw(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n${body}`,
      lie > 0,
    );
    if (status > 0) answered++;
    return status === 0 || status === 200 || (status >= 400 && status < 500);
  };
  await fc.assert(
    fc.asyncProperty(fc.array(form, { minLength: 10, maxLength: 10 }), async (forms) =>
      (await Promise.all(forms.map(send))).every(Boolean),
    ),
    { numRuns: 250 },
  );
  // The rest announced more than they sent: there is nobody left to answer.
  expect(answered).toBeGreaterThan(1500);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
}, 180_000);

const header = fc.tuple(
  fc.constantFrom(
    "Authorization",
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Content-Length",
    "Transfer-Encoding",
    "Content-Type",
    "Expect",
    "X-Everyword-Scenario",
  ),
  fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom(
      "websocket",
      "Upgrade",
      "13",
      "chunked",
      "100-continue",
      "A12",
      "W13:seg",
      "AAAAAAAAAAAAAAAAAAAAAA==",
    ),
  ),
);
const request = fc.record({
  line: fc.constantFrom(
    "GET /v1/audio/transcriptions/streaming HTTP/1.1",
    "POST /v1/audio/transcriptions HTTP/1.1",
    "GET /v1/accounts/a/batch_job/%E0%A4 HTTP/1.1",
    "DELETE /v1/accounts/../batch_job/.. HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "GET //%2e%2e/ HTTP/1.1",
    "BREW / HTTP/1.1",
    "GET http://x:99999/ HTTP/1.1",
  ),
  headers: fc.array(header, { maxLength: 8 }),
  rest: fc.string({ unit: "binary", maxLength: 200 }),
});

test("whatever headers come, nothing breaks: no 500, and the next request is served", async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ line, headers, rest }) => {
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      return (await raw(`${line}\r\n${lines}\r\n${rest}`, true)) !== 500;
    }),
    { numRuns: 2500 },
  );
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});
