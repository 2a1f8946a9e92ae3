/** A1–A19: authentication and gateway, all routes. */
import { connect } from "node:net";
import type { FaultSetting } from "../../../../src/server/testing.ts";
import { ask, transcribe, type Answer } from "../../support/running.ts";
import { dial } from "../../support/plain-client.ts";
import { type Case, type Cases, see, type Start } from "./case.ts";

/** One sync request to a server with this scenario. */
function sync(code: string, setting: FaultSetting, words = "x"): (start: Start) => Promise<Answer> {
  return async (start) => transcribe((await start({ scenario: { [code]: setting } })).url, words);
}

function statusAndBody(code: string, setting: FaultSetting): (start: Start) => Promise<unknown> {
  return async (start) => {
    const { status, json, text } = await sync(code, setting)(start);
    return [status, json ?? text];
  };
}

const failed = (request: Promise<unknown>): Promise<string> =>
  request.then(
    () => "answered",
    (error: { cause?: { code?: string }; name?: string }) => error.cause?.code ?? error.name ?? "?",
  );

function gatewayError(variant: string, expected: unknown): Case {
  return see(
    `5xx as ${variant}, the status asked for`,
    async (start) => {
      const seen: unknown[] = [];
      for (const status of [500, 502, 504, 520]) {
        const answer = await sync("A11", { variant, status })(start);
        seen.push([answer.status, answer.headers.get("content-type")]);
      }
      return seen;
    },
    [500, 502, 504, 520].map((status) => [status, expected]),
  );
}

const shape1 = (message: unknown, type = "invalid_request_error"): unknown => ({
  error: { object: "error", type, message },
});

export const GATEWAY_CASES: Cases = {
  A1: {
    on: see(
      "a wrong and a missing key get 401 in shape 1, on every route",
      async (start) => {
        const { url } = await start({ keys: ["right"] });
        const missing = await transcribe(url, "x");
        const wrong = await ask(`${url}/v1/models`, { headers: { authorization: "wrong" } });
        const stream = await dial(url).catch((error: unknown) => error);
        return [missing.status, missing.json, wrong.status, (stream as { status: number }).status];
      },
      [401, shape1(textWith("API key")), 401, 401],
    ),
    off: see(
      "no key is asked for in spite of a list",
      async (start) => {
        const { url } = await start({ keys: ["right"], scenario: { A1: false } });
        return (await ask(`${url}/v1/models`)).status;
      },
      200,
    ),
  },
  A2: {
    "3": see("401 with a plain string", statusAndBody("A2", "3"), [
      401,
      { error: textWith("key") },
    ]),
    "4": see("401 with a detail", statusAndBody("A2", "4"), [401, { detail: textWith("key") }]),
    "5": see("401 as HTML", statusAndBody("A2", "5"), [401, textWith("<html>")]),
    "6": see("401 with nothing", statusAndBody("A2", "6"), [401, ""]),
  },
  A3: { on: see("403", statusAndBody("A3", true), [403, shape1(textWith("may not"))]) },
  A4: {
    "402": see("402", statusAndBody("A4", "402"), [402, shape1(textWith("account"))]),
    "412": see("412", statusAndBody("A4", "412"), [412, shape1(textWith("account"))]),
  },
  A5: {
    path: see(
      "404 for an unknown path, 400 for an unknown model",
      async (start) => {
        const { url } = await start();
        return [
          (await ask(`${url}/v2`)).status,
          (await transcribe(url, "x", [["model", "m"]])).status,
        ];
      },
      [404, 400],
    ),
    model: see(
      "404 for an unknown model",
      async (start) => {
        const { url } = await start({ scenario: { A5: "model" } });
        return (await transcribe(url, "x", [["model", "m"]])).status;
      },
      404,
    ),
  },
  A6: {
    on: see(
      "405 with the method that is allowed",
      async (start) => {
        const answer = await ask(`${(await start()).url}/v1/audio/translations`);
        return [answer.status, answer.headers.get("allow")];
      },
      [405, "POST"],
    ),
  },
  A7: { on: see("408", statusAndBody("A7", true), [408, shape1(textWith("too long"))]) },
  A8: {
    on: see(
      "413 above the bytes that were set",
      async (start) => (await sync("A8", { bytes: 1000 })(start)).status,
      413,
    ),
  },
  A9: {
    "retry-after": see("429 with all four headers", rateHeaders("retry-after"), [
      429,
      "6000",
      "0",
      "yes",
      "7",
    ]),
    plain: see("429 without retry-after", rateHeaders("plain"), [429, "6000", "0", "yes", null]),
  },
  A10: {
    on: see(
      "a success that says the limit is near",
      async (start) => {
        const answer = await sync("A10", true)(start);
        return [answer.status, answer.headers.get("x-ratelimit-over-limit")];
      },
      [200, "yes"],
    ),
  },
  A11: {
    json: gatewayError("json", "application/json"),
    html: gatewayError("html", "text/html"),
    text: gatewayError("text", "text/plain"),
  },
  A12: {
    on: see("503 no healthy upstream", statusAndBody("A12", true), [503, "no healthy upstream"]),
  },
  A13: {
    on: see("503 DEPLOYMENT_SCALING_UP in shape 2", statusAndBody("A13", true), [
      503,
      { error: { message: textWith("scaling"), code: "DEPLOYMENT_SCALING_UP", type: "error" } },
    ]),
  },
  A14: {
    on: see(
      "a reset in mid-upload, by chance and seed; the other requests pass",
      async (start) => {
        const { url } = await start({
          scenario: { seed: 4, A14: { probability: 0.5, bytes: 2000 } },
        });
        const ends: string[] = [];
        for (let n = 0; n < 12; n++) ends.push(await failed(transcribe(url, "upload this")));
        const resets = ends.filter(
          (end) => end === "ECONNRESET" || end === "EPIPE" || end === "UND_ERR_SOCKET",
        );
        return [
          resets.length > 1,
          resets.length < 12,
          resets.length + ends.filter((end) => end === "answered").length,
        ];
      },
      [true, true, 12],
    ),
  },
  A15: {
    on: see(
      "the upload is taken, the answer never comes",
      async (start) => {
        const { url } = await start({ scenario: { A15: true } });
        return failed(transcribe(url, "x", [], { signal: AbortSignal.timeout(300) }));
      },
      "TimeoutError",
    ),
  },
  A16: {
    slow: see(
      "the whole answer, a byte at a time",
      async (start) => {
        const server = await start({ scenario: { A16: { variant: "slow", delayMs: 1 } } });
        return chunksOf(server.port);
      },
      true,
    ),
    truncated: see(
      "half of the answer, so that the JSON breaks",
      async (start) => {
        const answer = await sync("A16", "truncated")(start);
        return [answer.status, answer.json, answer.text];
      },
      [200, undefined, '{"text'],
    ),
  },
  A17: {
    on: see(
      "an error before the upload ended",
      async (start) => {
        const server = await start({ scenario: { A17: { status: 422, bytes: 100 } } });
        return answerInMidUpload(server.port);
      },
      textWith("HTTP/1.1 422"),
    ),
  },
  A18: {
    on: see("raw, Bearer and query are let in", authForms(true), [200, 200, 200, 200]),
    off: see("only the raw header is let in", authForms(false), [200, 401, 401, 401]),
  },
  A19: {
    on: see(
      "two requests fail, the third succeeds",
      async (start) => {
        const { url } = await start({ scenario: { A19: { count: 2, status: 502 } } });
        const statuses: number[] = [];
        for (let n = 0; n < 4; n++) statuses.push((await transcribe(url, "x")).status);
        return statuses;
      },
      [502, 502, 200, 200],
    ),
  },
};

/** Stands for any text that holds this. */
function textWith(part: string): { asymmetricMatch(other: unknown): boolean } {
  return {
    asymmetricMatch: (other) => typeof other === "string" && other.includes(part),
  };
}

function rateHeaders(variant: string): (start: Start) => Promise<unknown> {
  return async (start) => {
    const { status, headers } = await sync("A9", { variant, seconds: 7 })(start);
    return [
      status,
      headers.get("x-ratelimit-limit-requests"),
      headers.get("x-ratelimit-remaining-requests"),
      headers.get("x-ratelimit-over-limit"),
      headers.get("retry-after"),
    ];
  };
}

function authForms(anyForm: boolean): (start: Start) => Promise<unknown> {
  return async (start) => {
    const { url } = await start({ keys: ["k"], scenario: { A18: anyForm } });
    const statuses: number[] = [];
    for (const [query, authorization] of [
      ["", "k"],
      ["", "Bearer k"],
      ["?Authorization=k", undefined],
      ["?authorization=Bearer%20k", undefined],
    ]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      statuses.push((await ask(`${url}/v1/models${query}`, { headers })).status);
    }
    return statuses;
  };
}

const FORM =
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n--b--\r\n';

function head(length: number): string {
  return `POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n`;
}

/** Announces far more than it sends; what is answered all the same. */
function answerInMidUpload(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(head(1_000_000) + FORM + "x".repeat(200));
    });
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("latin1"));
    });
    socket.once("error", reject);
  });
}

/** Whether an answer came in more than 20 pieces. */
async function chunksOf(port: number): Promise<boolean> {
  const { speakTones, wavBytes } = await import("../../../../src/server/testing.ts");
  const wav = wavBytes(speakTones("a few words make a few bytes").samples);
  const before = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
  const body = Buffer.concat([Buffer.from(before), wav, Buffer.from("\r\n--b--\r\n")]);
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(head(body.length));
      socket.write(body);
    });
    let text = "";
    let pieces = 0;
    socket.on("data", (data) => {
      pieces++;
      text += data.toString("utf8");
      if (!text.endsWith('{"text":"a few words make a few bytes"}')) return;
      socket.destroy();
      resolve(pieces > 20);
    });
    socket.once("error", reject);
  });
}
