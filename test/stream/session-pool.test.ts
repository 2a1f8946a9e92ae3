import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { ServiceWithdrawnError } from "../../src/errors.ts";
import type { SessionEvent } from "../../src/stream/core/events.ts";
import { PoolThread } from "../../src/stream/pool-thread.ts";
import { PooledSession } from "../../src/stream/pooled-session.ts";
import { openSession, type Session, type SessionOptions } from "../../src/stream/session.ts";
import { openSessionPool, type SessionPool } from "../../src/stream/session-pool.ts";
import { startWordServer, wordAudio, type WordServer } from "./word-server.ts";

let server: WordServer;
let pool: SessionPool | undefined;

afterEach(async () => {
  await pool?.close();
  await server.close();
  pool = undefined;
});

/** Writes all of it in uneven pieces. @returns how often it had to wait. */
async function speak(session: Session, audio: Uint8Array): Promise<number> {
  let waits = 0;
  let last: Promise<void> | undefined;
  for (let at = 0; at < audio.length; at += 3001) {
    const written = session.write(audio.subarray(at, at + 3001));
    if (last !== undefined && written !== last) waits += 1;
    last ??= written;
    await written;
  }
  void session.finish();
  return waits;
}

/** One connection of all sessions; who finds it taken tries again soon. */
function oneConnection({ service }: WordServer): SessionOptions {
  return { service, maxConnections: 1, retry: { baseMs: 20, capMs: 40 } };
}

async function read(session: Session): Promise<{ events: SessionEvent[]; error: unknown }> {
  const events: SessionEvent[] = [];
  try {
    for await (const event of session) events.push(event);
  } catch (error) {
    return { events, error };
  }
  return { events, error: undefined };
}

function finalWords(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "final" ? event.words.map((word) => word.text) : [],
  );
}

function neverOpened(): never {
  throw new Error("a pool must not take a socket");
}

describe("a pool of threads", () => {
  it("gives every session its own words, each once, and its own outcome", async () => {
    server = await startWordServer();
    const two = openSessionPool({ workers: 2 });
    pool = two;
    const sessions = [0, 1, 2, 3, 4].map(() => two.open({ service: server.service, pace: "max" }));
    const heard = await Promise.all(
      sessions.map(async (session, index) => {
        const [{ events }] = await Promise.all([
          read(session),
          speak(session, wordAudio(8 + index, 100 * index + 1)),
        ]);
        const { reason, words, audioSeconds } = await session.outcome;
        return {
          reason,
          words,
          audioSeconds,
          finals: finalWords(events),
          last: events.at(-1)?.type,
        };
      }),
    );
    expect(heard).toEqual(
      heard.map((_, index) => ({
        reason: "complete",
        words: 8 + index,
        audioSeconds: (8 + index) / 2,
        finals: Array.from({ length: 8 + index }, (__, word) => `word${100 * index + 1 + word}`),
        last: "end",
      })),
    );
  });

  it("slows a writer that is ahead, so that nothing is dropped", async () => {
    server = await startWordServer();
    pool = openSessionPool({ workers: 1 });
    const session = pool.open({ service: server.service, pace: 100, replaySeconds: 5 });
    const [waits] = await Promise.all([speak(session, wordAudio(80)), read(session)]);
    expect(waits).toBeGreaterThan(0);
    const { reason, words, gaps } = await session.outcome;
    expect({ reason, words, gaps }).toEqual({ reason: "complete", words: 80, gaps: [] });
  });

  it("slows a writer of audio with a time of its own too, and keeps its places", async () => {
    server = await startWordServer();
    pool = openSessionPool({ workers: 1 });
    const session = pool.open({ service: server.service, pace: "max" });
    const reading = read(session);
    const noWait = session.writeAt(0, new Uint8Array(0));
    const audio = wordAudio(1);
    let count = 0;
    let last = noWait;
    while (last === noWait && count < 100) {
      last = session.writeAt(count, audio);
      count += 1;
    }
    // 2 s may be on the way: four words.
    expect(count).toBe(4);
    await last;
    await session.writeAt(3600, audio);
    await session.finish();
    const starts = (await reading).events.flatMap((event) =>
      event.type === "final" ? event.words.map((word) => word.start) : [],
    );
    expect(starts).toEqual([0, 1, 2, 3, 3600]);
  });

  it("asks for the key in the thread of the caller, at every dial", async () => {
    server = await startWordServer({
      onAudio: (socket, connection) => {
        if (connection === 1) socket.terminate();
      },
    });
    pool = openSessionPool({ workers: 1 });
    let asked = 0;
    const service = server.withKey(() => {
      asked += 1;
      return `key${asked}`;
    });
    const session = pool.open({ service, pace: "max" });
    await Promise.all([speak(session, wordAudio(4)), read(session)]);
    expect(await session.outcome).toMatchObject({ reason: "complete", words: 4, reconnects: 1 });
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([
      "key1",
      "key2",
    ]);
  });

  it("fails with the error that a session of its own would fail with", async () => {
    server = await startWordServer({ refuse: { status: 503, body: "no healthy upstream" } });
    pool = openSessionPool({ workers: 1 });
    const session = pool.open({ service: server.service });
    const { error } = await read(session);
    expect(error).toBeInstanceOf(ServiceWithdrawnError);
    expect(error).toMatchObject({ code: "service-withdrawn", signal: "no-healthy-upstream" });
    await expect(session.write(new Uint8Array(2))).rejects.toBe(error);
  });

  it("aborts at once with the reason of the caller, and closes what still runs", async () => {
    server = await startWordServer();
    pool = openSessionPool({ workers: 1 });
    const controller = new AbortController();
    const aborted = pool.open({ service: server.service, signal: controller.signal });
    const running = pool.open({ service: server.service });
    const reason = new Error("enough");
    controller.abort(reason);
    expect((await read(aborted)).error).toBe(reason);
    await pool.close();
    expect(await running.outcome).toMatchObject({ reason: "aborted" });
    expect(() => pool?.open({ service: server.service })).toThrow(TypeError);
  });

  it("fails the sessions of a thread that dies, with what to do", async () => {
    server = await startWordServer();
    const thread = new PoolThread(1);
    const session = new PooledSession(1, thread, { service: server.service });
    const reading = read(session);
    await thread.terminate();
    const { events, error } = await reading;
    expect(error).toMatchObject({ code: "network", message: expect.stringContaining("open") });
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "failed" });
  });

  it("counts the connections of an account in all its threads and beside them", async () => {
    const open: number[] = [];
    server = await startWordServer({
      onAudio: () => open.push(server.sockets.filter((one) => one.readyState === one.OPEN).length),
    });
    const two = openSessionPool({ workers: 2 });
    pool = two;
    const options = { ...oneConnection(server), pace: "max" } as const;
    const sessions = [openSession(options), ...[1, 2, 3, 4].map(() => two.open(options))];
    await Promise.all(sessions.map((session) => speak(session, wordAudio(2))));
    const outcomes = await Promise.all(sessions.map((session) => session.outcome));
    expect(outcomes.map(({ reason, words }) => `${reason} ${words}`)).toEqual(
      sessions.map(() => "complete 2"),
    );
    expect([Math.max(...open), server.requests.length]).toEqual([1, sessions.length]);
  });

  it("has the connections back of a thread that dies", async () => {
    server = await startWordServer();
    const thread = new PoolThread(1);
    const pooled = new PooledSession(1, thread, oneConnection(server));
    for await (const event of pooled) {
      if (event.type !== "connected") continue;
      const other = openSession(oneConnection(server));
      const seen: string[] = [];
      for await (const one of other) {
        seen.push(one.type);
        if (one.type === "reconnecting") void thread.terminate();
        else break;
      }
      expect([seen[0], seen.at(-1)]).toEqual(["reconnecting", "connected"]);
      break;
    }
  });

  it("refuses what cannot be, before anything is opened", async () => {
    server = await startWordServer();
    const { service } = server;
    const own = openSessionPool({ workers: 1 });
    pool = own;
    expect(() => openSessionPool({ workers: 0 })).toThrow(RangeError);
    expect(() => own.open({ service, pace: -1 })).toThrow(RangeError);
    const withSocket = { service, openSocket: neverOpened };
    expect(() => own.open(withSocket)).toThrow(TypeError);
    expect(server.requests).toEqual([]);
  });

  it("lets the process end by itself when all sessions have ended", async () => {
    server = await startWordServer();
    const program = `
      import { openSessionPool, serverService } from "./dist/index.js";
      const pool = openSessionPool({ workers: 2 });
      const session = pool.open({ service: serverService(${JSON.stringify(server.service.sync["whisper-v3"])}) });
      await session.write(new Uint8Array(3200));
      const { reason, error } = await session.finish();
      console.log(reason, error ?? "");`;
    const cwd = fileURLToPath(new URL("../..", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", program],
      { cwd, timeout: 20_000 },
    );
    expect(stdout.trim()).toBe("complete");
  });
});
