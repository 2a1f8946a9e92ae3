import { afterEach, expect, it, vi } from "vitest";
import { serverService } from "../../src/service.ts";
import { openSession, type Session } from "../../src/stream/session.ts";
import { MemoryNetwork } from "./memory-socket.ts";

afterEach(() => {
  vi.useRealTimers();
});

const CHUNK_MS = 50;
const CHUNK = new Uint8Array(1600);

/** The most that lies in any window of that length. */
function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  let from = 0;
  times.forEach((time, index) => {
    while (time - (times[from] ?? 0) > windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

// Virtual time: what the gate and the timers do. What a mass drop costs a machine, `bench:stream` says.
it("lets a thousand sessions that drop together back in a stream, and those beside them be", async () => {
  vi.useFakeTimers();
  const service = serverService("http://127.0.0.1:1");
  const good = { dial: "opens", dialMs: 5, answers: "all" } as const;
  const dropping = new MemoryNetwork([good]);
  const beside = new MemoryNetwork([good]);
  const open = (net: MemoryNetwork): Session =>
    openSession({ service, openSocket: net.openSocket });
  const bystander = open(beside);
  const sessions = Array.from({ length: 1000 }, () => open(dropping));
  const speak = async (seconds: number): Promise<void> => {
    for (let at = 0; at < seconds * 1000; at += CHUNK_MS) {
      for (const session of [bystander, ...sessions]) void session.write(CHUNK);
      await vi.advanceTimersByTimeAsync(CHUNK_MS);
    }
  };
  await speak(1.75);
  expect(dropping.open).toBe(1000);
  const { dialedAtMs } = dropping;
  dialedAtMs.length = 0;
  dropping.cutAll(1006);
  const droppedMs = performance.now();
  await speak(1.75);
  expect([dialedAtMs.length, dropping.open]).toEqual([1000, 1000]);
  // 800 a second, 8 at once; alarms ring in slots of 5 ms.
  expect(mostWithin(dialedAtMs, 10)).toBeLessThanOrEqual(8 + 12);
  expect(mostWithin(dialedAtMs, 500)).toBeLessThanOrEqual(8 + 404);
  // Jitter of up to 500 ms, then the gate.
  expect((dialedAtMs.at(-1) ?? Infinity) - droppedMs).toBeLessThan(1750);
  const during = beside.audioAtMs.filter((time) => time >= droppedMs);
  expect(during).toEqual(during.map((_, index) => (during[0] ?? 0) + index * CHUNK_MS));
  const outcomes = [bystander, ...sessions].map((session) => session.finish());
  await vi.advanceTimersByTimeAsync(3000);
  const ends = new Set(
    (await Promise.all(outcomes)).map(({ reason, gaps }) => `${reason} ${gaps.length}`),
  );
  expect([...ends]).toEqual(["complete 0"]);
}, 180_000);
