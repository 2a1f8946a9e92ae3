import { describe, expect, it } from "vitest";
import type { SessionEvent } from "../../../src/stream/core/events.ts";
import type { MachineOptions } from "../../../src/stream/core/machine-options.ts";
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

/** The gaps that are told until the queue is empty, in samples. */
function gaps(machine: SessionMachine): (readonly [start: number, end: number])[] {
  const events: SessionEvent[] = [];
  for (let next = machine.poll(); next !== undefined; next = machine.poll()) {
    if (next.type === "event") events.push(next.event);
  }
  return events.flatMap((event) => {
    if (event.type !== "gap") return [];
    expect(event.reason).toBe("dropped");
    return [[event.start * 16_000, event.end * 16_000] as const];
  });
}

/** A session whose first connection's socket is full. */
function blockedMachine(options: Partial<MachineOptions> = {}): SessionMachine {
  const machine = machineOfASecond(0, options);
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

/** With room for two seconds, a second of which waits. */
function fullMachine(): SessionMachine {
  const machine = blockedMachine({ whenFull: "drop", replayFrames: 32_000 });
  for (let at = 0; at < 20; at += 1) machine.handleWrite(2300 + at, new Uint8Array(1600));
  expect(gaps(machine)).toEqual([]);
  return machine;
}

describe("audio that is dropped at a full socket", () => {
  it("is told a second at a time, without a sample between", () => {
    const machine = fullMachine();
    const told = Array.from({ length: 90 }, (_, at) => {
      machine.handleWrite(2400 + at, new Uint8Array(1600));
      return gaps(machine);
    }).flat();
    expect(told.length).toBeGreaterThan(2);
    expect(told.length).toBeLessThan(6);
    for (const [index, [start, end]] of told.entries()) {
      expect(end - start).toBeGreaterThanOrEqual(16_000);
      expect(start).toBe(told[index - 1]?.[1] ?? 16_000);
    }
  });

  it("is told when audio goes out again, or anything else is told", () => {
    for (const goOn of [
      (machine: SessionMachine) => {
        machine.handlePressure(4000, 1, false);
        machine.handleWrite(4050, new Uint8Array(1600));
      },
      (machine: SessionMachine) => machine.handleClosed(4000, 1, 1006, ""),
      (machine: SessionMachine) => machine.handleSkip(4000, 48_000),
    ]) {
      const machine = fullMachine();
      for (let at = 0; at < 52; at += 1) machine.handleWrite(2400 + at, new Uint8Array(1600));
      const before = gaps(machine);
      goOn(machine);
      const [last] = gaps(machine);
      expect(last?.[0]).toBe(before.at(-1)?.[1] ?? 16_000);
    }
  });
});
