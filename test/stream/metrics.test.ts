import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { METRICS, type MetricName } from "../../src/stream/metrics.ts";
import { SessionMeter } from "../../src/stream/session-meter.ts";
import { openSession } from "../../src/stream/session.ts";
import { WriteTimes } from "../../src/stream/write-times.ts";
import { startWordServer, wordAudio, type WordServer } from "./word-server.ts";

let server: WordServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What a sink was told: sums of counters, lists of all else, each with its attribute behind it. */
class Told {
  readonly sums = new Map<string, number>();
  readonly values = new Map<string, number[]>();

  readonly sink = (
    name: MetricName,
    value: number,
    attributes: Readonly<Record<string, string>>,
  ): void => {
    const key = [name, ...Object.values(attributes)].join(" ");
    if (METRICS[name].kind === "counter") this.sums.set(key, (this.sums.get(key) ?? 0) + value);
    else this.values.set(key, [...(this.values.get(key) ?? []), value]);
  };

  list(name: MetricName): number[] {
    return this.values.get(name) ?? [];
  }
}

/** An hour was written and answered by the process before this one. */
const START = { endFrame: 57_600_000, ackedFrame: 57_600_000, queuedFrames: 0, heldBytes: 0 };

describe("the metrics of a session", () => {
  it("add up over a connection that is cut", async () => {
    server = await startWordServer({
      onAudio: (socket, connection, bytes) => {
        if (connection === 1 && bytes > 3 * 32_000) socket.terminate();
      },
    });
    const told = new Told();
    const session = openSession({
      service: server.service,
      pace: "max",
      retry: { baseMs: 1 },
      onMetric: told.sink,
    });
    for (let at = 0; at < 12; at += 1) await session.write(wordAudio(1, at + 1));
    const outcome = await session.finish();
    expect(outcome).toMatchObject({ reason: "complete", reconnects: 1 });
    const { sums } = told;
    expect(sums.get("writtenSeconds")).toBe(6);
    expect(sums.get("acknowledgedSeconds")).toBeGreaterThan(5);
    expect(sums.get("words")).toBe(12);
    expect([sums.get("connections"), sums.get("reconnects close-1006")]).toEqual([2, 1]);
    expect(sums.get("ends complete")).toBe(1);
    const sentSeconds = sums.get("sentSeconds") ?? 0;
    const replayedSeconds = sums.get("replayedSeconds") ?? 0;
    expect(replayedSeconds).toBeGreaterThan(0);
    expect(sentSeconds).toBeCloseTo(6 + replayedSeconds, 6);
    expect(sums.get("sentBytes")).toBeGreaterThan(sentSeconds * 32_000);
    expect(sums.get("receivedCharacters")).toBeGreaterThan(500);
    expect([told.list("dialMs").length, told.list("firstTextMs").length]).toEqual([2, 1]);
    expect(told.list("finalMs").every((ms) => ms >= 0 && ms < 10_000)).toBe(true);
    expect(told.list("queuedSeconds").at(-1)).toBe(0);
    expect(told.list("replayBytes").at(-1)).toBe(0);
  });

  it("say why it dialed again, in few words", async () => {
    server = await startWordServer({ refuse: { status: 429 } });
    const told = new Told();
    const retry = { baseMs: 1, attempts: 2 };
    await openSession({ service: server.service, retry, onMetric: told.sink }).finish();
    expect(told.sums.get("reconnects status-429")).toBe(2);
    expect(told.sums.get("ends failed")).toBe(1);
  });

  it("count what this process did of a session that it took up", () => {
    const told = new Told();
    const meter = new SessionMeter(told.sink, START, () => {});
    const levels = { ...START, endFrame: START.endFrame + 16_000, socketBytes: 0, queuedEvents: 0 };
    meter.flush(levels);
    meter.flush(levels);
    const { sums } = told;
    expect([sums.get("writtenSeconds"), sums.get("acknowledgedSeconds")]).toEqual([1, 0]);
    expect(told.list("unacknowledgedSeconds")).toEqual([1, 1]);
  });

  it("stand in the page on sessions, all of them, as they are", () => {
    const page = readFileSync(new URL("../../docs/sessions.md", import.meta.url), "utf8");
    const rows = page
      .split("\n")
      .filter((line) => /^\| `\w+` +\| (counter|histogram|gauge) /u.test(line))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const table = Object.entries(METRICS).map(([name, { kind, unit, about }]) => [
      `\`${name}\``,
      kind,
      unit,
      about,
    ]);
    expect(rows).toEqual(table);
  });

  it("end with the session", async () => {
    server = await startWordServer();
    let calls = 0;
    const session = openSession({ service: server.service, onMetric: () => (calls += 1) });
    await session.finish();
    const atTheEnd = calls;
    session.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect([atTheEnd > 5, calls - atTheEnd]).toEqual([true, 0]);
  });

  it("do no harm through a sink that throws", async () => {
    server = await startWordServer();
    let calls = 0;
    const session = openSession({
      service: server.service,
      pace: "max",
      onMetric: () => {
        calls += 1;
        throw new Error("no disk");
      },
    });
    const warnings: string[] = [];
    const reading = (async () => {
      for await (const event of session) {
        if (event.type === "warning") warnings.push(`${event.code}: ${event.message}`);
      }
    })();
    await session.write(wordAudio(4));
    expect(await session.finish()).toMatchObject({ reason: "complete", words: 4 });
    await reading;
    expect(calls).toBe(1);
    expect(warnings).toEqual(["metrics: The metric sink threw and is not called again: no disk."]);
  });
});

describe("latencies", () => {
  it("are measured from when the end of the last word was written", () => {
    const told = new Told();
    const meter = new SessionMeter(told.sink, START, () => {});
    const word = { text: "a", start: 0.5, end: 0.95 };
    const final = { type: "final", segment: "1:0", text: "a", words: [word] } as const;
    for (let tick = 1; tick <= 20; tick += 1) meter.wrote(5000 + tick * 100, tick * 1600);
    meter.command(6200, { type: "event", event: { ...final, type: "interim" } });
    meter.command(6300, { type: "event", event: { ...final, type: "interim" } });
    meter.command(6400, { type: "event", event: final });
    expect(told.list("firstTextMs")).toEqual([1100]);
    expect(told.list("interimMs")).toEqual([200]);
    expect(told.list("finalMs")).toEqual([400]);
  });

  it("are of a stall when the session gave the connection up, and of no cause before it", () => {
    const told = new Told();
    const meter = new SessionMeter(told.sink, START, () => {});
    const again = { type: "reconnecting", attempt: 0, delayMs: 1, cause: "no answer" } as const;
    meter.command(0, { type: "dial", connection: 1 });
    meter.opened(10, 1);
    meter.command(20, { type: "dial", connection: 2 });
    meter.opened(30, 2);
    meter.command(40, { type: "close", connection: 1 });
    meter.closed(1, 1000);
    meter.command(50, { type: "drop", connection: 2 });
    meter.command(50, { type: "event", event: again });
    meter.command(60, { type: "dial", connection: 3 });
    meter.command(70, { type: "drop", connection: 3 });
    meter.command(70, { type: "event", event: again });
    expect([...told.sums]).toEqual([
      ["connections", 2],
      ["reconnects silent", 1],
      ["reconnects no-answer", 1],
    ]);
    expect(told.list("dialMs")).toEqual([10, 10]);
  });

  it("are not made up for audio that was written too long ago", () => {
    const times = new WriteTimes();
    for (let at = 0; at < 10_000; at += 1) times.wrote(at * 50, at * 0.05);
    expect(times.atMs(1)).toBeUndefined();
    expect(times.atMs(499.95)).toBe(9999 * 50);
    expect(times.atMs(480.02)).toBe(9601 * 50);
    expect(times.atMs(600)).toBe(9999 * 50);
  });
});
