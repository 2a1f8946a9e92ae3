import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { serverService } from "../../src/service.ts";
import { openSession, type Session } from "../../src/stream/session.ts";
import { MemoryNetwork, type Manners } from "./memory-socket.ts";

beforeAll(() => {
  vi.useFakeTimers();
});
afterAll(() => {
  vi.useRealTimers();
});

const good: Manners = { dial: "opens", dialMs: 10, answers: "all" };

function open(net: MemoryNetwork): Session {
  const service = serverService("http://127.0.0.1:1", "fw_very_secret");
  return openSession({ service, openSocket: net.openSocket, retry: { baseMs: 1, attempts: 3 } });
}

async function run(session: Session): Promise<{ events: object[]; reason: string }> {
  const events: object[] = [];
  const reading = (async () => {
    for await (const event of session) events.push(event);
  })().catch(() => {});
  for (let time = 0; time < 100; time += 1) {
    void session.write(new Uint8Array(1600));
    await vi.advanceTimersByTimeAsync(50);
  }
  const finished = session.finish();
  await vi.advanceTimersByTimeAsync(60_000);
  await reading;
  return { events, reason: (await finished).reason };
}

describe("a socket that throws", () => {
  it("when something is sent is a lost connection: the session goes on with the next", async () => {
    const net = new MemoryNetwork([{ ...good, throws: "send" }, good]);
    const { events, reason } = await run(open(net));
    expect(events.find((event) => "cause" in event)).toMatchObject({
      cause: "close code 1006: cannot send",
    });
    expect([reason, net.dialedAtMs.length, net.open]).toEqual(["complete", 2, 0]);
  });

  it("each time ends the session, with what it threw", async () => {
    const net = new MemoryNetwork([{ ...good, throws: "send" }]);
    const session = open(net);
    const { reason } = await run(session);
    const { error } = await session.outcome;
    expect([reason, error?.code, net.open]).toEqual(["failed", "network", 0]);
    expect(error?.message).toContain("cannot send");
  });

  it("when it is asked for a sign of life is a lost connection", async () => {
    const net = new MemoryNetwork([{ ...good, answers: "nothing", throws: "ping" }, good]);
    const { events, reason } = await run(open(net));
    expect(events.find((event) => "cause" in event)).toMatchObject({
      cause: "close code 1006: cannot ping",
    });
    expect([reason, net.dialedAtMs.length, net.open]).toEqual(["complete", 2, 0]);
  });

  it.each(["close", "terminate"] as const)("when it is to %s holds nothing up", async (throws) => {
    const net = new MemoryNetwork([{ ...good, throws }]);
    const finished = await run(open(net));
    const given = open(net);
    await vi.advanceTimersByTimeAsync(100);
    given.abort();
    expect([finished.reason, (await given.outcome).reason]).toEqual(["complete", "aborted"]);
    expect(net.open).toBe(0);
  });

  it("gives its place back, whatever it throws at", async () => {
    const net = new MemoryNetwork([
      { ...good, throws: "terminate" },
      { ...good, throws: "close" },
      good,
    ]);
    const service = serverService("http://127.0.0.1:1", "fw_the_only_place");
    const openOne = (): Session =>
      openSession({ service, openSocket: net.openSocket, maxConnections: 1 });
    const first = openOne();
    await vi.advanceTimersByTimeAsync(100);
    first.abort();
    expect((await run(openOne())).reason).toBe("complete");
    expect((await run(openOne())).reason).toBe("complete");
    expect(net.dialedAtMs).toHaveLength(3);
  });

  it("lets its message be told without the key", async () => {
    const session = openSession({
      service: serverService("http://127.0.0.1:1", "fw_very_secret"),
      retry: { attempts: 0 },
      openSocket: () => {
        throw new Error("cannot dial with fw_very_secret");
      },
    });
    const { error } = await session.finish();
    expect(error?.message).toContain("cannot dial with ***");
  });
});
