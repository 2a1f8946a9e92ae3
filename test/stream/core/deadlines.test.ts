import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_MACHINE_OPTIONS } from "../../../src/stream/core/machine-options.ts";
import { SessionMachine } from "../../../src/stream/core/machine.ts";
import { SlabPool } from "../../../src/stream/core/slab-pool.ts";

const target = { host: "test", url: "ws://test/" };
const pool = new SlabPool();

/** How often a write said that no deadline came nearer, and how often that was wrong. */
function writeAll(pieces: readonly number[], pace: 1 | "max", seed: number): [number, number] {
  const options = { ...DEFAULT_MACHINE_OPTIONS, target, pace };
  const machine = new SessionMachine(options, pool, () => seed);
  machine.handleStart(0);
  machine.handleOpen(0, 1);
  let [calm, wrong] = [0, 0];
  let told = machine.nextTimeout(0);
  for (const [index, bytes] of pieces.entries()) {
    const now = index * 50;
    const isCalm = machine.handleWrite(now, new Uint8Array(bytes));
    for (let command = machine.poll(); command !== undefined; command = machine.poll()) {
      // Drained, as a driver does.
    }
    const next = machine.nextTimeout(now);
    if (isCalm) calm += 1;
    if (isCalm && next < told) wrong += 1;
    told = next;
  }
  return [calm, wrong];
}

describe("a write", () => {
  it("that is called calm leaves no deadline nearer than it was", () => {
    const pieces = fc.array(fc.nat(6000), { minLength: 1, maxLength: 60 });
    const pace = fc.constantFrom(1 as const, "max" as const);
    fc.assert(
      fc.property(pieces, pace, fc.double({ min: 0, max: 0.99 }), (sizes, speed, random) => {
        expect(writeAll(sizes, speed, random)[1]).toBe(0);
      }),
    );
  });

  it("is calm for all chunks of a live source but those with a question behind them", () => {
    const [calm] = writeAll(
      Array.from({ length: 100 }, () => 1600),
      1,
      0,
    );
    expect(calm).toBe(98);
  });
});
