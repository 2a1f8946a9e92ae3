import { expect, it } from "vitest";
import { serverService } from "../../src/service.ts";
import { openSession } from "../../src/stream/session.ts";
import { MemoryNetwork } from "./memory-socket.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Other work of the process: the event loop comes late, again and again. */
async function keepBusy(forMs: number): Promise<void> {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    const stepMs = performance.now() + 25;
    while (performance.now() < stepMs);
    await pause(1);
  }
}

it("lets connections that are open go first while the event loop is late, but not for ever", async () => {
  const net = new MemoryNetwork([{ dial: "opens", dialMs: 1, answers: "all" }]);
  const service = serverService("http://127.0.0.1:1");
  const sessions = Array.from({ length: 60 }, () =>
    openSession({ service, openSocket: net.openSocket }),
  );
  await keepBusy(600);
  // At 800 a second all would have been dialed long ago.
  expect(net.dialedAtMs.length).toBeLessThan(60);
  await keepBusy(2000);
  expect(net.dialedAtMs).toHaveLength(60);
  await Promise.all(sessions.map((session) => session.finish()));
});
