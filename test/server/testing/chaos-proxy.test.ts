import { createServer, connect, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { speakTones, startChaosProxy, startTestServer } from "../../../src/server/testing.ts";
import type { ChaosFault, ChaosProxy } from "../../../src/server/testing.ts";
import { bounded, dial, mergedText } from "../support/plain-client.ts";

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Sends back what it gets. */
async function startEcho(): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function proxyTo(
  target: string | number,
  faults: ChaosFault[],
  seed = 1,
): Promise<ChaosProxy> {
  const proxy = await startChaosProxy({ target, faults, seed });
  cleanUps.push(() => proxy.close());
  return proxy;
}

interface Outcome {
  readonly received: number;
  readonly end: string;
}

/** Sends so many bytes; what came back and how it ended (`open` = not at all, seen by a marker). */
function exchange(port: number, bytes: number): Promise<Outcome> {
  const socket = connect(port, "127.0.0.1");
  cleanUps.push(() => socket.destroy());
  let received = 0;
  socket.write(Buffer.alloc(bytes, 1));
  return bounded(
    new Promise((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        received += chunk.length;
        if (received === bytes) resolve({ received, end: "complete" });
      });
      socket.on("end", () => resolve({ received, end: "end" }));
      socket.on("error", (error: NodeJS.ErrnoException) =>
        resolve({ received, end: error.code ?? "error" }),
      );
    }),
    "end of the exchange",
  );
}

test("without faults every byte passes in both directions", async () => {
  const proxy = await proxyTo(await startEcho(), []);
  expect(await exchange(proxy.port, 3_000_000)).toEqual({ received: 3_000_000, end: "complete" });
  expect(proxy.events).toEqual([]);
});

test("a reset, a close and a truncation happen at the byte that was asked for", async () => {
  const echo = await startEcho();
  const reset = await proxyTo(echo, [{ kind: "reset", afterBytes: 1000 }]);
  const closed = await proxyTo(echo, [{ kind: "close", afterBytes: 1000 }]);
  const cut = await proxyTo(echo, [{ kind: "truncate", afterBytes: 1000, direction: "down" }]);
  expect((await exchange(reset.port, 5000)).end).toBe("ECONNRESET");
  expect((await exchange(closed.port, 5000)).end).toBe("end");
  expect(await exchange(cut.port, 5000)).toEqual({ received: 1000, end: "end" });
  const events = [reset, closed, cut].flatMap((proxy) => proxy.events);
  expect(
    events.map((event) => [event.kind, event.upBytes === 1000 || event.downBytes === 1000]),
  ).toEqual([
    ["reset", true],
    ["close", true],
    ["truncate", true],
  ]);
});

test("only the named connections break, and the seed alone decides the place", async () => {
  const echo = await startEcho();
  const places: unknown[] = [];
  for (const seed of [5, 5, 6]) {
    const proxy = await proxyTo(
      echo,
      [{ kind: "close", afterBytes: [100, 4000], connections: [2] }],
      seed,
    );
    const ends = [await exchange(proxy.port, 4000), await exchange(proxy.port, 4000)];
    places.push([ends.map((outcome) => outcome.end), proxy.events[0]!.upBytes]);
  }
  expect(places[0]).toEqual(places[1]);
  expect(places[2]).not.toEqual(places[0]);
  expect(places[0]).toEqual([["complete", "end"], expect.any(Number)]);
});

test("behind a freeze or in a black hole the connection stays open and nothing comes", async () => {
  const { url } = await startTestServer().then((server) => {
    cleanUps.push(() => server.close());
    return server;
  });
  const seen: unknown[] = [];
  for (const kind of ["freeze", "blackhole"] as const) {
    const proxy = await proxyTo(url, []);
    const stream = await dial(proxy.url);
    stream.sendAudio(speakTones("before | ").samples);
    await stream.next((message) => message["text"] === "before");
    proxy.breakAll(kind);
    stream.sendAudio(speakTones("after").samples);
    const direct = await dial(url);
    direct.sendAudio(speakTones("meanwhile").samples);
    await direct.finish();
    seen.push([stream.socket.readyState, mergedText(stream.messages)]);
    stream.socket.terminate();
  }
  expect(seen).toEqual([
    [1, "before"],
    [1, "before"],
  ]);
});

test("a throttled direction still passes every byte", async () => {
  const proxy = await proxyTo(await startEcho(), [
    { kind: "throttle", bytesPerSecond: 10_000_000, direction: "down" },
  ]);
  expect(await exchange(proxy.port, 500_000)).toEqual({ received: 500_000, end: "complete" });
});

test("a proxy that refuses connections accepts them again at the same port", async () => {
  const proxy = await proxyTo(await startEcho(), []);
  await proxy.refuse(true);
  expect((await exchange(proxy.port, 10)).end).toBe("ECONNREFUSED");
  await proxy.refuse(false);
  expect((await exchange(proxy.port, 10)).end).toBe("complete");
});
