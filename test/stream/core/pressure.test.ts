import { describe, expect, it } from "vitest";
import type { SessionMachine } from "../../../src/stream/core/machine.ts";
import { machineOfASecond } from "./machine-of-a-second.ts";

/** The connections that audio was put on since the last question. */
function heardOn(machine: SessionMachine): number[] {
  const connections = new Set<number>();
  for (let next = machine.poll(); next !== undefined; next = machine.poll()) {
    if (next.type === "audio") connections.add(next.connection);
  }
  return [...connections];
}

/** A session whose first connection's socket is full. */
function blockedMachine(): SessionMachine {
  const machine = machineOfASecond(0);
  const echo = { object: "stt.output.trace", trace_id: "1:1:16000" };
  machine.handleText(2100, 1, JSON.stringify(echo));
  machine.handlePressure(2200, 1, true);
  heardOn(machine);
  return machine;
}

/** The same, with a second of audio that waits. */
function waitingMachine(): SessionMachine {
  const machine = blockedMachine();
  machine.handleWrite(2300, new Uint8Array(32_000));
  machine.handleTimeout(4000);
  expect(heardOn(machine)).toEqual([]);
  return machine;
}

describe("a full socket", () => {
  it("gets no audio until there is room in it", () => {
    const machine = waitingMachine();
    machine.handlePressure(4000, 1, false);
    expect(heardOn(machine)).toEqual([1]);
  });

  it("does not hold back the one that takes over from it", () => {
    const machine = waitingMachine();
    machine.handleRotate(4000);
    machine.handleOpen(4100, 2);
    machine.handleTimeout(5000);
    expect(heardOn(machine)).toEqual([2]);
  });

  it("does not hold back the one that is dialed after a goodbye", () => {
    const machine = blockedMachine();
    machine.handleClosed(4000, 1, 1000, "");
    machine.handleWrite(8000, new Uint8Array(32_000));
    machine.handleOpen(8100, 2);
    machine.handleTimeout(9000);
    expect(heardOn(machine)).toEqual([2]);
  });
});
