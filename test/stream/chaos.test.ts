import { afterEach, describe, expect, it, vi } from "vitest";
import type { WebSocket } from "ws";
import { Random } from "../sim/random.ts";
import { openSession, type Session } from "../../src/stream/session.ts";
import { startWordServer, wordAudio, type WordServer } from "./word-server.ts";

const servers: WordServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const FAULTS: readonly ((socket: WebSocket, random: Random) => void)[] = [
  (socket) => socket.terminate(),
  (socket, random) => socket.close(random.pick([1000, 1001, 1011, 1012, 1013]), "chaos"),
  (socket) => socket.close(),
  // Half-open: nothing is read any more, pings are not answered.
  (socket) => socket.pause(),
  (socket) => {
    socket.send("{broken");
    socket.send(Buffer.from([1, 2, 3]));
    socket.send('{"object":"unknown"}');
    socket.terminate();
  },
];

/** Real sockets on loopback; the first connections break at seeded places, the later ones hold. */
async function survive(seed: number): Promise<string[]> {
  const random = new Random(seed);
  const count = 16;
  const breaks = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 200_000));
  const broken = new Set<number>();
  const server = await startWordServer({
    onAudio: (socket, connection, bytes) => {
      const at = breaks[connection - 1];
      if (at === undefined || bytes < at || broken.has(connection)) return;
      broken.add(connection);
      random.pick(FAULTS)(socket, random);
    },
  });
  servers.push(server);
  const session = openSession({
    service: server.service,
    pace: 20,
    stallMs: 500,
    retry: { baseMs: 50 },
  });
  const words: string[] = [];
  const reading = (async () => {
    for await (const event of session) {
      if (event.type === "final") words.push(...event.words.map((word) => word.text));
    }
  })();
  const audio = wordAudio(count);
  for (let at = 0; at < audio.length;) {
    const size = random.integer(1, 20_000);
    await session.write(audio.subarray(at, at + size));
    at += size;
  }
  const outcome = await session.finish();
  await reading;
  const problems: string[] = [];
  const expected = Array.from({ length: count }, (_, index) => `word${index + 1}`);
  if (outcome.reason !== "complete") problems.push(`ended ${outcome.reason}`);
  if (outcome.gaps.length > 0) problems.push(`${outcome.gaps.length} gaps`);
  if (words.join(" ") !== expected.join(" ")) problems.push(`heard ${words.join(" ")}`);
  return problems.map((problem) => `seed ${seed}: ${problem}`);
}

async function read(session: Session, into: string[]): Promise<void> {
  for await (const event of session) {
    if (event.type === "final") into.push(...event.words.map((word) => word.text));
  }
}

describe("sessions over real sockets that break", () => {
  it("say every word once (resets, close codes, silence, garbage)", async () => {
    const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
    const problems = await Promise.all(seeds.map((seed) => survive(seed)));
    expect(problems.flat()).toEqual([]);
  });

  it("says each word once in each of a hundred sessions that drop together", async () => {
    const server = await startWordServer();
    servers.push(server);
    const { service, sockets } = server;
    const count = 100;
    const words = Array.from({ length: count }, (): string[] => []);
    const sessions = words.map(() => openSession({ service, pace: "max" }));
    const reading = sessions.map((session, index) => read(session, words[index] ?? []));
    await Promise.all(sessions.map((session) => session.write(wordAudio(6))));
    await vi.waitUntil(() => words.every((said) => said.length > 0), { timeout: 20_000 });
    for (const socket of sockets) socket.terminate();
    await Promise.all(sessions.map((session) => session.write(wordAudio(6, 7))));
    const outcomes = await Promise.all(sessions.map((session) => session.finish()));
    await Promise.all(reading);
    const expected = Array.from({ length: 12 }, (_, index) => `word${index + 1}`).join(" ");
    expect(new Set(words.map((said) => said.join(" ")))).toEqual(new Set([expected]));
    const ends = outcomes.map(({ reason, reconnects, gaps }) => [reason, reconnects, gaps.length]);
    expect(new Set(ends.map(String))).toEqual(new Set(["complete,1,0"]));
  });
});
