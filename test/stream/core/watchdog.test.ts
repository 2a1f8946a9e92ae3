import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/stream/core/commands.ts";
import { DEFAULT_MACHINE_OPTIONS } from "../../../src/stream/core/machine-options.ts";
import { SessionMachine } from "../../../src/stream/core/machine.ts";
import { SlabPool } from "../../../src/stream/core/slab-pool.ts";

const LATENCY_MS = 1;
const pool = new SlabPool();

interface Idle {
  readonly canPing: boolean;
  readonly traceFrames?: number;
  readonly finishes?: boolean;
  /** Whether a question asked so many milliseconds after the opening is answered. */
  readonly answers: (atMs: number) => boolean;
}

/** What a session does in a minute in which nobody speaks: `[what, when in seconds]`. */
function idleMinute({ canPing, answers, traceFrames = 16_000, finishes = false }: Idle): string[] {
  const options = {
    ...DEFAULT_MACHINE_OPTIONS,
    traceFrames,
    finishTimeoutMs: 30_000,
    target: { host: "host", url: "ws://host/path" },
  };
  const machine = new SessionMachine(options, pool, () => 0.5);
  const done: string[] = [];
  let now = 0;
  const answer = (command: Command): void => {
    if (command.type === "settled")
      done.push(`${command.outcome.reason} ${(now / 1000).toFixed(1)}`);
    if (command.type === "dial") machine.handleOpen(now, command.connection, canPing);
    if (command.type !== "ping" && command.type !== "text" && command.type !== "drop") return;
    const isTrace = command.type === "text" && command.text.includes("stt.input.trace");
    const what = isTrace ? "trace" : command.type;
    done.push(`${what} ${(now / 1000).toFixed(1)}`);
    if (!answers(now)) return;
    now += LATENCY_MS;
    if (what === "ping") machine.handleSign(now, command.connection);
    if (isTrace && command.type === "text") {
      const { trace_id: traceId } = JSON.parse(command.text) as { trace_id: string };
      const echo = { object: "stt.output.trace", trace_id: traceId };
      machine.handleText(now, command.connection, JSON.stringify(echo));
    }
  };
  const drain = (): void => {
    for (let next = machine.poll(); next !== undefined; next = machine.poll()) answer(next);
  };
  machine.handleStart(0);
  drain();
  if (finishes) machine.handleFinish(0);
  drain();
  while (now < 60_000 && !done.some((what) => what.startsWith("drop"))) {
    now = Math.min(machine.nextTimeout(now), 60_000);
    machine.handleTimeout(now);
    drain();
  }
  return done;
}

describe("a connection on which nothing comes", () => {
  it("is asked with pings, and dropped 5 s after the last answer", () => {
    const done = idleMinute({ canPing: true, answers: (atMs) => atMs < 4000 });
    expect(done).toEqual(["ping 2.5", "ping 5.0", "drop 7.5"]);
  });

  it("is asked with traces where the socket cannot ping", () => {
    const done = idleMinute({ canPing: false, answers: (atMs) => atMs < 4000 });
    expect(done).toEqual(["trace 2.5", "trace 5.0", "drop 7.5"]);
  });

  it("lives as long as its traces are echoed", () => {
    const done = idleMinute({ canPing: false, answers: () => true });
    expect(done.filter((what) => !what.startsWith("trace"))).toEqual([]);
    expect(done.at(-1)).toMatch(/trace (57|58|59)/u);
  });

  it("gets 20 s for its first echo: the recognizer may be loading", () => {
    const done = idleMinute({ canPing: false, answers: () => false });
    expect(done.at(-1)).toBe("drop 20.0");
  });

  it("is not judged by silence when neither pings nor traces can be asked", () => {
    const done = idleMinute({ canPing: false, traceFrames: 0, answers: () => false });
    expect(done).toEqual([]);
  });

  it.each([true, false])(
    "is asked nothing behind the end marker, so that the wait for its echo ends (W32; pings: %s)",
    (canPing) => {
      const done = idleMinute({ canPing, finishes: true, answers: () => true });
      const traces = done.filter((what) => what.startsWith("trace"));
      expect([traces, done.at(-1)]).toEqual([["trace 0.0"], "timed-out 30.0"]);
    },
  );
});

describe("a call on hold", () => {
  interface Line {
    /** Whether traces are echoed; pings always are answered. */
    readonly echoes: boolean;
    readonly cutEverySeconds: number;
    /** Silence goes on being sent. */
    readonly isMuted?: boolean;
    readonly level?: number;
  }

  /** Ten minutes of it, after five seconds of audio. @returns how it ended, and how often it dialed. */
  function hold({ echoes, cutEverySeconds, isMuted = false, level = 0 }: Line): [string, number] {
    const options = {
      ...DEFAULT_MACHINE_OPTIONS,
      target: { host: "host", url: "ws://host/path" },
      level: () => level,
    };
    const machine = new SessionMachine(options, pool, () => 0.5);
    let now = 0;
    let openedAt = 0;
    let dials = 0;
    const ends: string[] = [];
    const drain = (): void => {
      for (let next = machine.poll(); next !== undefined; next = machine.poll()) {
        if (next.type === "settled") ends.push(next.outcome.reason);
        if (next.type === "dial") {
          dials += 1;
          openedAt = now;
          machine.handleOpen(now, next.connection);
        }
        const later = now + LATENCY_MS;
        if (next.type === "ping") machine.handleSign(later, next.connection);
        if (next.type === "text" && echoes) {
          const { trace_id: id } = JSON.parse(next.text) as { trace_id: string };
          const echo = JSON.stringify({ object: "stt.output.trace", trace_id: id });
          machine.handleText(later, next.connection, echo);
        }
      }
    };
    machine.handleStart(0);
    drain();
    for (; now < 600_000 && ends.length === 0; now += 50) {
      while (machine.nextTimeout(now) <= now) {
        machine.handleTimeout(now);
        drain();
      }
      if (now < 5000 || isMuted) machine.handleWrite(now, new Uint8Array(1600));
      drain();
      if (now - openedAt >= cutEverySeconds * 1000) {
        openedAt = Infinity;
        machine.handleClosed(now, dials, 1006, "");
        drain();
      }
    }
    return [ends[0] ?? "alive", dials];
  }

  it("lives through any number of cuts, for nothing is left to answer", () => {
    expect(hold({ echoes: true, cutEverySeconds: 50 })).toEqual(["alive", 12]);
    expect(hold({ echoes: false, cutEverySeconds: 50 })).toEqual(["alive", 12]);
  });

  it("ends where connections die young", () => {
    expect(hold({ echoes: true, cutEverySeconds: 5 })[0]).toBe("failed");
  });

  it("lives where silence is sent and the server echoes no traces, but owes no words", () => {
    expect(hold({ echoes: false, cutEverySeconds: Infinity, isMuted: true })).toEqual(["alive", 1]);
  });

  it("ends where the server pings on and says nothing of what is loud", () => {
    const line = { echoes: false, cutEverySeconds: Infinity, isMuted: true, level: 5000 };
    expect(hold(line)[0]).toBe("failed");
  });
});
