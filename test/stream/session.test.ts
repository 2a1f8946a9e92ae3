import { createHash } from "node:crypto";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { EverywordError, ServiceWithdrawnError } from "../../src/errors.ts";
import { serverService } from "../../src/service.ts";
import type { SessionEvent } from "../../src/stream/core/events.ts";
import { openSession, type Session } from "../../src/stream/session.ts";
import { transcribeChunks } from "../../src/stream/transcribe.ts";
import { startWordServer, wordAudio, type WordServer } from "./word-server.ts";

let server: WordServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function* pieces(audio: Uint8Array, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < audio.length; at += bytes) yield audio.subarray(at, at + bytes);
}

async function readAll(events: AsyncIterable<SessionEvent>): Promise<{
  events: SessionEvent[];
  error: unknown;
}> {
  const all: SessionEvent[] = [];
  try {
    for await (const event of events) all.push(event);
  } catch (error) {
    return { events: all, error };
  }
  return { events: all, error: undefined };
}

function finalWords(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "final" ? event.words.map((word) => word.text) : [],
  );
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`);
}

function lastOf(events: readonly SessionEvent[]): SessionEvent | undefined {
  return events.at(-1);
}

async function reasonOf(session: Session): Promise<string> {
  return (await session.outcome).reason;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, "127.0.0.1", resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Opens every WebSocket, sends a close frame, and then neither closes the connection nor reads it. */
async function startHalfClosing(
  code: number,
): Promise<{ url: string; close: () => Promise<unknown> }> {
  const lines = new Set<Duplex>();
  const web = createHttpServer().on("upgrade", (request, line) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    const head = ["HTTP/1.1 101 Yes", "Upgrade: websocket", "Connection: Upgrade"];
    line.write(`${head.join("\r\n")}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    line.write(Buffer.from([0x88, 2, code >> 8, code & 0xff]));
    line.on("error", () => {});
    lines.add(line);
  });
  await new Promise<void>((resolve) => {
    web.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    close: async () => {
      for (const line of lines) line.destroy();
      return new Promise((resolve) => web.close(resolve));
    },
  };
}

/** As a browser refuses a `ws:` address from a page of `https:`. */
function refuseUrl(): never {
  throw new Error("The URL 'ws://x/?Authorization=fw_secret&b=1' is invalid");
}

describe("a session with a server that answers", () => {
  it("yields every word once, with times, and ends complete", async () => {
    server = await startWordServer();
    const { events, error } = await readAll(
      transcribeChunks(pieces(wordAudio(12), 3001), { service: server.service, pace: "max" }),
    );
    expect(error).toBeUndefined();
    expect(events[0]).toEqual({ type: "connected", connection: 1 });
    expect(finalWords(events)).toEqual(numbered(12));
    const words = events.flatMap((event) => (event.type === "final" ? event.words : []));
    expect(words[3]).toMatchObject({ start: 1.5, end: 1.875, confidence: 0.9, language: "en" });
    expect(lastOf(events)).toEqual({
      type: "end",
      reason: "complete",
      audioSeconds: 6,
      words: 12,
      gaps: 0,
      reconnects: 0,
    });
  });

  it("asks for both granularities by repeating the parameter, with the raw key in the header (P17)", async () => {
    server = await startWordServer();
    const session = openSession({
      service: server.withKey("secret-key"),
      language: "German",
      prompt: "a, b",
      temperature: 0.5,
      textTimeoutSeconds: 2,
    });
    expect((await session.finish()).reason).toBe("complete");
    const request = server.requests[0];
    expect(request?.headers.authorization).toBe("secret-key");
    expect(request?.headers["sec-websocket-extensions"]).toBeUndefined();
    expect(request?.url).toBe(
      "/v1/audio/transcriptions/streaming?response_format=verbose_json" +
        "&timestamp_granularities=word&timestamp_granularities=segment" +
        "&language=de&prompt=a%2C%20b&temperature=0.5&text_timeout_seconds=2",
    );
    expect(server.texts.at(-1)).toBe('{"checkpoint_id":"final"}');
  });

  it("cuts what is written into messages of 50 ms at real time", async () => {
    server = await startWordServer();
    const session = openSession({ service: server.service });
    await session.write(wordAudio(1).subarray(0, 8001));
    await session.finish();
    expect(server.audioSizes).toEqual([1600, 1600, 1600, 1600, 1600]);
  });

  it("asks for a fresh key at every dial", async () => {
    let asked = 0;
    server = await startWordServer({
      onAudio: (socket, connection) => {
        if (connection === 1) socket.terminate();
      },
    });
    const session = openSession({
      service: server.withKey(() => Promise.resolve(`key-${(asked += 1)}`)),
      pace: "max",
    });
    await session.write(wordAudio(4));
    const outcome = await session.finish();
    expect(outcome).toMatchObject({ reason: "complete", words: 4, reconnects: 1 });
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([
      "key-1",
      "key-2",
    ]);
  });
});

describe("a session whose connection is replaced", () => {
  it("hands over without losing or doubling a word, and without an event of trouble", async () => {
    const waiting: (() => void)[] = [];
    const takenOver = new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
    server = await startWordServer({
      onAudio: (_socket, connection, bytes) => {
        if (connection === 1 && bytes > 3 * 32_000) session.rotate();
        if (connection === 2) waiting.forEach((resume) => resume());
      },
    });
    const session = openSession({ service: server.service, pace: 20 });
    const reading = readAll(session);
    await session.write(wordAudio(10));
    await takenOver;
    await session.write(wordAudio(10, 11));
    const outcome = await session.finish();
    const { events } = await reading;
    expect(outcome).toMatchObject({ reason: "complete", words: 20, reconnects: 0, gaps: [] });
    expect(finalWords(events)).toEqual(numbered(20));
    expect(events.filter((event) => event.type === "connected")).toHaveLength(2);
  });
});

describe("a session that cannot be", () => {
  it("stops at once with what to do when the key is refused (W1)", async () => {
    server = await startWordServer({ refuse: { status: 401, body: "bad key fw_very_secret" } });
    const { events, error } = await readAll(
      transcribeChunks(pieces(wordAudio(2), 1600), { service: server.withKey("fw_very_secret") }),
    );
    expect(lastOf(events)).toMatchObject({ type: "end", reason: "failed" });
    expect(error).toBeInstanceOf(EverywordError);
    expect(error).toMatchObject({ code: "key-refused", status: 401 });
    expect(String(error)).toMatch(/bad key.*bearer/u);
    expect(JSON.stringify([events, String(error)])).not.toContain("fw_very_secret");
    expect(server.requests).toHaveLength(1);
  });

  it("says that the service is withdrawn when it answers so (A12)", async () => {
    server = await startWordServer({ refuse: { status: 503, body: "no healthy upstream" } });
    const outcome = await openSession({ service: server.service }).finish();
    expect(outcome.error).toBeInstanceOf(ServiceWithdrawnError);
    expect(server.requests).toHaveLength(1);
  });

  it("names the address when nothing listens there, after its retries", async () => {
    const port = await freePort();
    const { events, error } = await readAll(
      transcribeChunks(pieces(wordAudio(1), 1600), {
        service: serverService(`http://user:password@127.0.0.1:${port}`, "secret"),
        retry: { baseMs: 1 },
      }),
    );
    expect(events.filter((event) => event.type === "reconnecting")).toHaveLength(2);
    expect(error).toMatchObject({ code: "network" });
    expect(String(error)).toContain(`ws://127.0.0.1:${port}/v1/audio`);
    expect(String(error)).not.toMatch(/password|secret/u);
  });

  it("takes a socket that cannot even be made for a refused connection, and tells no key", async () => {
    const service = serverService("http://127.0.0.1:1", "fw_secret");
    const outcome = await openSession({
      service,
      openSocket: refuseUrl,
      retry: { baseMs: 1 },
    }).finish();
    expect(outcome).toMatchObject({ reason: "failed", error: { code: "network" } });
    expect(outcome.error?.message).toContain("Authorization=***&b=1' is invalid");
  });

  it("refuses options that cannot be, before anything is opened", () => {
    const service = serverService("http://127.0.0.1:1");
    expect(() => openSession({ service, language: "klingon" })).toThrow(RangeError);
    expect(() => openSession({ service, pace: 0 })).toThrow(/pace must be 0.1 to 100, got 0/u);
    expect(() => openSession({ service, textTimeoutSeconds: 30 })).toThrow(RangeError);
  });
});

describe("a server that says goodbye and stays on the line", () => {
  it.each([
    [1008, "key-refused"],
    [1011, "network"],
  ])("is told by its code %i within a second or so, not as silence: %s", async (code, error) => {
    const half = await startHalfClosing(code);
    try {
      const openedAtMs = performance.now();
      const outcome = await openSession({
        service: serverService(half.url, "fw_wrong"),
        retry: { attempts: 0 },
      }).outcome;
      expect(outcome).toMatchObject({ reason: "failed", error: { code: error } });
      expect(outcome.error?.message).toContain(`close code ${code}`);
      expect(performance.now() - openedAtMs).toBeLessThan(4000);
    } finally {
      await half.close();
    }
  });
});

describe("a session that is given up", () => {
  it("throws the signal's reason from the iteration, after its end event", async () => {
    server = await startWordServer();
    const controller = new AbortController();
    const reason = new Error("the user left");
    const reading = readAll(
      transcribeChunks(pieces(wordAudio(40), 1600), {
        service: server.service,
        signal: controller.signal,
      }),
    );
    controller.abort(reason);
    const { events, error } = await reading;
    expect(lastOf(events)).toMatchObject({ type: "end", reason: "aborted" });
    expect(error).toBe(reason);
  });

  it("tells no gap of what was taken and not answered", async () => {
    server = await startWordServer();
    const session = openSession({ service: server.service });
    await session.write(wordAudio(2));
    session.abort();
    const { events } = await readAll(session);
    expect(events.filter(({ type }) => type === "gap" || type === "final")).toEqual([]);
    expect(await session.outcome).toMatchObject({ gaps: [], missing: undefined });
    expect((await session.outcome).audioSeconds).toBeGreaterThan(0);
  });

  it("settles whatever the order of calls, and never rejects unseen", async () => {
    server = await startWordServer();
    const { service } = server;
    const before = openSession({ service, signal: AbortSignal.abort() });
    const twice = openSession({ service });
    twice.abort();
    twice.abort();
    const late = openSession({ service });
    const finishing = late.finish();
    late.abort();
    void late.write(new Uint8Array(2));
    const reasons = await Promise.all([before, twice, late].map((one) => reasonOf(one)));
    expect(reasons).toEqual(["aborted", "aborted", "aborted"]);
    expect((await finishing).reason).toBe("aborted");
    await expect(twice.write(new Uint8Array(2))).rejects.toThrow("aborted");
  });

  it("lets the source go when the consumer leaves", async () => {
    server = await startWordServer();
    let released = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield wordAudio(1);
      } finally {
        released = true;
      }
    }
    for await (const event of transcribeChunks(source(), {
      service: server.service,
      pace: "max",
    })) {
      if (event.type === "final") break;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(released).toBe(true);
  });

  it("finishes in time when the end marker is never echoed (W32)", async () => {
    server = await startWordServer({ answersEnd: false });
    const session = openSession({ service: server.service, pace: "max", finishTimeoutMs: 200 });
    await session.write(wordAudio(3));
    const outcome = await session.finish();
    expect(outcome).toMatchObject({ reason: "timed-out", words: 3, gaps: [] });
    expect(outcome.missing).toBeUndefined();
  });
});
