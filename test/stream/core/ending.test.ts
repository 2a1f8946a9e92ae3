import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/stream/core/commands.ts";
import { DEFAULT_MACHINE_OPTIONS } from "../../../src/stream/core/machine-options.ts";
import { SessionMachine } from "../../../src/stream/core/machine.ts";
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

const said = (word: string, end: number): string => {
  const words = [{ word, start: 0, end, is_final: false }];
  return JSON.stringify({ task: "transcribe", segments: [{ id: 0, text: word, words }] });
};

describe("the wait for the end", () => {
  it("is over at some time though the server goes on saying the same (W25, W32)", () => {
    expect(finishWithBabbler(() => said("so", 0.4))).toMatch(/^timed-out after 1[0-9][0-9]/u);
  });

  it("is over at some time though the server goes on changing its mind (W15, W32)", () => {
    expect(finishWithBabbler((second) => said(`so${second}`, 0.4))).toMatch(
      /^timed-out after 1[0-9][0-9]/u,
    );
  });
});
