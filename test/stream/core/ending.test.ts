import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/stream/core/commands.ts";
import { DEFAULT_MACHINE_OPTIONS } from "../../../src/stream/core/machine-options.ts";
import { SessionMachine } from "../../../src/stream/core/machine.ts";
import { machineOfASecond } from "./machine-of-a-second.ts";
import { SlabPool } from "../../../src/stream/core/slab-pool.ts";

const pool = new SlabPool();

/** A server that repeats one message every second and echoes nothing. @returns how and when it ended. */
function finishWithBabbler(message: (atSecond: number) => string): string {
  const target = { host: "host", url: "ws://host/path" };
  const machine = new SessionMachine({ ...DEFAULT_MACHINE_OPTIONS, target }, pool, () => 0.5);
  let now = 0;
  let connection = 0;
  const ends: string[] = [];
  const take = (command: Command): void => {
    if (command.type === "dial") {
      ({ connection } = command);
      machine.handleOpen(now, connection);
    }
    if (command.type === "settled") ends.push(`${command.outcome.reason} after ${now / 1000} s`);
  };
  const drain = (): void => {
    for (let next = machine.poll(); next !== undefined; next = machine.poll()) take(next);
  };
  machine.handleStart(0);
  drain();
  machine.handleWrite(0, new Uint8Array(32_000));
  machine.handleFinish(0);
  drain();
  for (let second = 1; second < 3600 && ends.length === 0; second += 1) {
    while (machine.nextTimeout(now) <= second * 1000) {
      now = machine.nextTimeout(now);
      machine.handleTimeout(now);
      drain();
    }
    now = second * 1000;
    machine.handleText(now, connection, message(second));
    drain();
  }
  return ends.join();
}

/** What the machine has put out since it was asked last, in short. */
function drained(machine: SessionMachine): string[] {
  const told: string[] = [];
  for (let next = machine.poll(); next !== undefined; next = machine.poll()) {
    if (next.type === "dial") told.push(`dial ${next.connection}`);
    if (next.type === "text") told.push(next.text.includes("final") ? "end marker" : "question");
    if (next.type === "settled") told.push(next.outcome.reason);
  }
  return told;
}

const echo = (id: string): string => JSON.stringify({ object: "stt.output.trace", trace_id: id });

/** A second of audio, all of which the server has echoed. */
function echoedMachine(level: number): SessionMachine {
  const machine = machineOfASecond(level);
  machine.handleText(100, 1, echo("1:1:16000"));
  expect(drained(machine)).toEqual(["dial 1", "question"]);
  return machine;
}

const said = (word: string, end: number): string => {
  const words = [{ word, start: 0, end, is_final: false }];
  return JSON.stringify({ task: "transcribe", segments: [{ id: 0, text: word, words }] });
};

/** A second of sound is cut behind the end marker, again and again; of each connection all is echoed. */
function cutBehindTheEnd(cuts: number, word?: string): string[] {
  const machine = machineOfASecond(5000);
  const answer = (now: number, connection: number): void => {
    if (word !== undefined) machine.handleText(now, connection, said(word, 1));
    machine.handleText(now, connection, echo(`${connection}:1:16000`));
  };
  answer(150, 1);
  machine.handleFinish(200);
  for (let cut = 1; cut <= cuts; cut += 1) {
    machine.handleClosed(cut * 20_000, cut, 1006, "");
    machine.handleTimeout(cut * 20_000 + 10_000);
    machine.handleOpen(cut * 20_000 + 10_000, cut + 1);
    answer(cut * 20_000 + 10_100, cut + 1);
  }
  return drained(machine).filter((line) => !/question|end marker/u.test(line));
}

describe("the wait for the end", () => {
  it("is over at some time though the server goes on saying the same (W25, W32)", () => {
    expect(finishWithBabbler(() => said("so", 0.4))).toMatch(/^timed-out after 1[0-9][0-9]/u);
  });

  it("is over at some time though the server goes on changing its mind (W15, W32)", () => {
    expect(finishWithBabbler((second) => said(`so${second}`, 0.4))).toMatch(
      /^timed-out after 1[0-9][0-9]/u,
    );
  });

  it("is over with a goodbye when all is quiet or has words", () => {
    const quiet = echoedMachine(0);
    const spoken = echoedMachine(5000);
    spoken.handleText(150, 1, said("so", 1));
    for (const machine of [quiet, spoken]) {
      machine.handleFinish(200);
      machine.handleText(200, 1, echo("1:2:16000"));
      machine.handleClosed(300, 1, 1000, "");
      expect(drained(machine)).toEqual(["question", "end marker", "complete"]);
    }
  });

  it("is not over with a goodbye when a sound has no words, but with a second one it is", () => {
    const machine = echoedMachine(5000);
    machine.handleFinish(200);
    machine.handleText(200, 1, echo("1:2:16000"));
    machine.handleClosed(300, 1, 1001, "");
    machine.handleTimeout(20_000);
    machine.handleOpen(20_000, 2);
    machine.handleText(20_000, 2, echo("2:2:16000"));
    machine.handleClosed(20_100, 2, 1000, "");
    const once = ["question", "end marker"];
    expect(drained(machine)).toEqual([...once, "dial 2", "question", ...once, "complete"]);
  });

  it("is not over with any number of goodbyes while audio was not answered", () => {
    const machine = echoedMachine(5000);
    machine.handleWrite(150, new Uint8Array(32_000));
    machine.handleFinish(200);
    for (const connection of [1, 2, 3, 4]) {
      machine.handleClosed(connection * 20_000, connection, 1000, "");
      machine.handleTimeout(connection * 20_000 + 10_000);
      machine.handleOpen(connection * 20_000 + 10_000, connection + 1);
    }
    const told = drained(machine);
    expect(told.filter((line) => line.startsWith("dial"))).toHaveLength(4);
    expect(told).not.toContain("timed-out");
  });

  it("is over when the connection breaks behind the echo, provisional words or not", () => {
    const machine = echoedMachine(5000);
    machine.handleText(150, 1, said("so", 1));
    machine.handleFinish(200);
    machine.handleText(300, 1, JSON.stringify({ checkpoint_id: "final" }));
    expect(drained(machine)).toEqual(["question", "end marker"]);
    machine.handleClosed(310, 1, 1006, "");
    expect(drained(machine)).toEqual(["complete"]);
  });

  it("is over at once for a session that sleeps, unless a sound has no words", () => {
    const told = [0, 5000].map((level) => {
      const machine = echoedMachine(level);
      machine.handleClosed(300, 1, 1000, "");
      machine.handleFinish(400);
      return drained(machine);
    });
    expect(told).toEqual([["complete"], ["dial 2"]]);
  });

  it("is over when the connection breaks a second time behind the end marker and all is said (W57)", () => {
    expect(cutBehindTheEnd(4, "so")).toEqual(["dial 1", "dial 2", "timed-out"]);
  });

  it("goes on as long as a sound has no words, however often the connection breaks", () => {
    expect(cutBehindTheEnd(4)).toEqual(["dial 1", "dial 2", "dial 3", "dial 4", "dial 5"]);
  });

  it("waits a moment behind the echo for words of a sound that has none (W35)", () => {
    const machine = echoedMachine(5000);
    machine.handleFinish(200);
    machine.handleText(300, 1, JSON.stringify({ checkpoint_id: "final" }));
    expect(drained(machine)).toEqual(["question", "end marker"]);
    machine.handleText(310, 1, said("so", 1));
    machine.handleTimeout(600);
    expect(drained(machine)).toEqual(["complete"]);
  });

  it("says what is missing of audio that was echoed and is loud, without words", () => {
    for (const [level, missing] of [
      [5000, { start: 0, end: 1, reason: "unanswered" }],
      [0, undefined],
    ] as const) {
      const machine = echoedMachine(level);
      const refusal = { kind: "status", status: 401, body: "", isJson: false } as const;
      machine.handleClosed(200, 1, 1006, "");
      machine.handleTimeout(20_000);
      machine.handleRefused(20_000, 2, { ...refusal, retryAfterMs: undefined }, true);
      const outcomes = [];
      for (let next = machine.poll(); next !== undefined; next = machine.poll()) {
        if (next.type === "settled") outcomes.push(next.outcome);
      }
      expect(outcomes).toMatchObject([{ reason: "failed", missing }]);
    }
  });
});
