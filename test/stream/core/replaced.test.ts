import { describe, expect, it } from "vitest";
import { DEFAULT_MACHINE_OPTIONS } from "../../../src/stream/core/machine-options.ts";
import { SessionMachine } from "../../../src/stream/core/machine.ts";
import { SlabPool } from "../../../src/stream/core/slab-pool.ts";

const pool = new SlabPool();

/** The words that became final since the last question, and how the session ended if it did. */
function told(machine: SessionMachine): string[] {
  const lines: string[] = [];
  for (let next = machine.poll(); next !== undefined; next = machine.poll()) {
    if (next.type === "event" && next.event.type === "final") lines.push(next.event.text);
    if (next.type === "settled") lines.push(next.outcome.reason);
  }
  return lines;
}

const said = (word: string, start: number, end: number): string => {
  const words = [{ word, start, end, is_final: true }];
  return JSON.stringify({ segments: [{ id: 0, text: word, words }] });
};
const END = JSON.stringify({ checkpoint_id: "final" });

/** Connection 2 has taken over two seconds of audio, and said a word of it; 1 has not said its last. */
function machineInBetween(): SessionMachine {
  const target = { host: "host", url: "ws://host/path" };
  const options = { ...DEFAULT_MACHINE_OPTIONS, target, pace: "max" as const, level: () => 5000 };
  const machine = new SessionMachine(options, pool, () => 0);
  machine.handleStart(0);
  machine.handleOpen(0, 1);
  machine.handleWrite(0, new Uint8Array(64_000));
  machine.handleRotate(100);
  machine.handleOpen(200, 2);
  machine.handleText(300, 2, said("so", 0.5, 1));
  expect(told(machine)).toEqual([]);
  return machine;
}

describe("while a replaced connection has not said its last words", () => {
  it("the next one's words wait, and are not lost with it", () => {
    const machine = machineInBetween();
    machine.handleClosed(400, 2, 1006, "");
    machine.handleText(500, 1, END);
    expect(told(machine)).toEqual(["so"]);
  });

  it("a session that ends says the next one's words", () => {
    const machine = machineInBetween();
    machine.handleFinish(400);
    machine.handleText(500, 2, END);
    expect(told(machine)).toEqual([]);
    machine.handleClosed(600, 2, 1006, "");
    expect(told(machine)).toEqual(["so", "complete"]);
  });
});
