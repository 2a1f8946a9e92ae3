import { afterEach, describe, expect, it } from "vitest";
import { openSession, type Session } from "../../src/stream/session.ts";
import { takePlace, usualLimit } from "../../src/stream/places.ts";
import { startWordServer, wordAudio, type WordServer } from "./word-server.ts";

let server: WordServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe("the places of an account (P24)", () => {
  it("are as many as there are, and each is given back once", () => {
    const [first, second, third] = [1, 2, 3].map(() => takePlace("host key", 2));
    expect([typeof first, typeof second, third]).toEqual(["function", "function", undefined]);
    expect(takePlace("host other", 2)).toBeDefined();
    first?.();
    first?.();
    expect(takePlace("host key", 2)).toBeDefined();
    expect(takePlace("host key", 2)).toBeUndefined();
  });

  it("are ten at the hosted service and not counted elsewhere", () => {
    const hosts = ["audio-streaming.api.fireworks.ai", "127.0.0.1:8080", "notfireworks.ai"];
    expect(hosts.map(usualLimit)).toEqual([10, Infinity, Infinity]);
  });

  it("make a session wait for another to end, without a dial, and lose it no word", async () => {
    server = await startWordServer();
    const { service } = server;
    const open = (): Session =>
      openSession({ service, maxConnections: 1, pace: "max", retry: { baseMs: 20, capMs: 40 } });
    const first = open();
    for await (const event of first) if (event.type === "connected") break;
    // Leaving the iteration gave the first one up; its place is free for the next.
    const second = open();
    const third = open();
    await Promise.all([second.write(wordAudio(3)), third.write(wordAudio(3))]);
    const causes: string[] = [];
    const reading = (async () => {
      for await (const event of third) if (event.type === "reconnecting") causes.push(event.cause);
    })();
    while (causes.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server.requests.length).toBeLessThanOrEqual(2);
    const outcomes = await Promise.all([second.finish(), third.finish(), reading]);
    expect(causes[0]).toBe("1 connections are in use");
    expect(outcomes.slice(0, 2)).toMatchObject([
      { reason: "complete", words: 3 },
      { reason: "complete", words: 3 },
    ]);
    expect(server.requests.length).toBe(3);
  });
});
