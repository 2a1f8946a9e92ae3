import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/stream/core/commands.ts";
import { SessionMachine } from "../../../src/stream/core/machine.ts";
import { DEFAULT_MACHINE_OPTIONS } from "../../../src/stream/core/machine-options.ts";
import { MediaClock } from "../../../src/stream/core/media-clock.ts";
import { ReplayBuffer } from "../../../src/stream/core/replay-buffer.ts";
import { SLAB_BYTES, SlabPool } from "../../../src/stream/core/slab-pool.ts";
import { MemorySpill } from "../../sim/memory-spill.ts";

const SLAB_FRAMES = SLAB_BYTES / 2;

function numbered(bytes: number, from = 0): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => ((from + index) * 31) % 251);
}

describe("a replay buffer with a spill", () => {
  it("gives back every byte, from memory or from the spill, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 19_000 }), { maxLength: 12 }),
        fc.integer({ min: 200, max: 9000 }),
        (sizes, step) => {
          const buffer = new ReplayBuffer(new SlabPool(), 9000, new MemorySpill(1000));
          let written = 0;
          for (const size of sizes) {
            buffer.append(numbered(size, written));
            written += size;
          }
          const read: Uint8Array[] = [];
          for (let frame = 0; frame < buffer.endFrame; frame += step) {
            read.push(buffer.read(frame, step).slice());
          }
          const whole = numbered(written - (written % 2));
          expect(Buffer.concat(read).equals(whole)).toBe(true);
          expect(buffer.heldBytes).toBeLessThanOrEqual(18_000 + 2 * SLAB_BYTES);
        },
      ),
      { numRuns: 60, seed: 11 },
    );
  });

  it("lets the oldest go where the spill ends", () => {
    const buffer = new ReplayBuffer(new SlabPool(), 8000, new MemorySpill(10));
    for (let slab = 0; slab < 30; slab += 1) {
      buffer.append(numbered(SLAB_BYTES, slab * SLAB_BYTES));
    }
    expect([buffer.baseFrame, buffer.endFrame]).toEqual([20 * SLAB_FRAMES, 30 * SLAB_FRAMES]);
    expect(buffer.takeTrouble()).toBe("full");
    expect(buffer.takeTrouble()).toBeUndefined();
  });

  it("keeps what the memory holds when the spill fails", () => {
    const spill = new MemorySpill(100);
    const buffer = new ReplayBuffer(new SlabPool(), 2 * SLAB_FRAMES, spill);
    for (let slab = 0; slab < 9; slab += 1) buffer.append(numbered(SLAB_BYTES, slab * SLAB_BYTES));
    expect(buffer.baseFrame).toBe(0);
    spill.fail();
    buffer.append(numbered(SLAB_BYTES, 9 * SLAB_BYTES));
    expect(buffer.baseFrame).toBe(8 * SLAB_FRAMES);
    const [last] = buffer.read(buffer.endFrame - 1, 1);
    expect(last).toBe(numbered(SLAB_BYTES, 9 * SLAB_BYTES).at(-2));
  });

  it("says where it goes on when a slab cannot be read", () => {
    const spill = new MemorySpill(100);
    const buffer = new ReplayBuffer(new SlabPool(), SLAB_FRAMES, spill);
    buffer.append(numbered(SLAB_BYTES * 6));
    spill.get = (frame) => (frame === 2 * SLAB_FRAMES ? undefined : numbered(SLAB_BYTES));
    expect(buffer.read(SLAB_FRAMES, 100).length).toBe(200);
    expect(buffer.read(2 * SLAB_FRAMES - 50, 100).length).toBe(0);
    expect(buffer.baseFrame).toBe(3 * SLAB_FRAMES);
  });
});

describe("the media clock", () => {
  it("finds the audio of every time that it gave, at both ends of a jump", () => {
    const clock = new MediaClock();
    clock.jump(1000, 500);
    clock.jump(1000, 250);
    clock.jump(4000, 16_000);
    const positions = [0, 999, 1000, 1001, 3999, 4000, 4001, 90_000];
    for (const isEnd of [false, true]) {
      const back = positions.map((frame) => clock.frameAt(clock.seconds(frame, isEnd) * 16_000));
      expect(back).toEqual(positions);
    }
  });
});

interface Told {
  readonly events: Extract<Command, { type: "event" }>["event"][];
  readonly audio: number[];
  readonly dials: number[];
}

function drain(machine: SessionMachine): Told {
  const told: Told = { events: [], audio: [], dials: [] };
  for (let command = machine.poll(); command !== undefined; command = machine.poll()) {
    if (command.type === "event") told.events.push(command.event);
    if (command.type === "audio") told.audio.push(...command.bytes);
    if (command.type === "dial") told.dials.push(command.connection);
  }
  return told;
}

const options = {
  ...DEFAULT_MACHINE_OPTIONS,
  target: { host: "host", url: "ws://host/" },
  pace: "max",
} as const;

function finalWord(text: string, start: number, end: number): string {
  const words = [{ word: text, start, end, is_final: true }];
  return JSON.stringify({ segments: [{ id: 0, text, words }] });
}

describe("a session that another process takes up", () => {
  it("goes on with its ids, its positions and its counts, and tells no word twice", () => {
    const spill = new MemorySpill(1000);
    const first = new SessionMachine(options, new SlabPool(), () => 0, spill);
    first.handleStart(0);
    first.handleOpen(0, 1);
    first.handleSkip(0, 80_000, "paused");
    first.handleWrite(0, numbered(64_000));
    first.handleText(10, 1, finalWord("one", 1.2, 1.5));
    const before = drain(first);
    spill.reopen();

    const second = new SessionMachine(options, new SlabPool(), () => 0, spill);
    expect(second.mediaFrame).toBe(80_000 + 32_000);
    second.handleStart(0);
    second.handleOpen(0, 2);
    const { events, dials, audio } = drain(second);
    expect(dials).toEqual([2]);
    // Of the pause one second of silence was sent; the word begins 1.2 s into that, its lead 0.1 s before.
    expect(events).toEqual([{ type: "reconnected", connection: 2, replayedSeconds: 1.9 }]);
    expect(audio.slice(0, 2)).toEqual([...numbered(64_000).subarray(3200, 3202)]);
    second.handleText(20, 2, finalWord("one", 0.1, 0.4));
    second.handleText(30, 2, finalWord("two", 0.9, 1.2));
    second.handleFinish(40);
    second.handleText(50, 2, '{"checkpoint_id":"final"}');
    second.handleTimeout(350);
    const after = drain(second).events;
    expect(before.events.filter((event) => event.type === "final").length).toBe(1);
    expect(after.filter((event) => event.type === "final")).toMatchObject([
      { segment: "2:0", words: [{ text: "two", start: 6, end: 6.3 }] },
    ]);
    expect(after.at(-1)).toEqual({
      type: "end",
      reason: "complete",
      audioSeconds: 7,
      words: 2,
      gaps: 1,
      reconnects: 1,
    });
  });

  it("asks again for what was missing when the session failed", () => {
    const spill = new MemorySpill(1000);
    const first = new SessionMachine(options, new SlabPool(), () => 0, spill);
    first.handleStart(0);
    first.handleWrite(0, numbered(9000));
    const failure = { kind: "status", status: 401, body: "", isJson: false } as const;
    first.handleRefused(5, 1, { ...failure, retryAfterMs: undefined }, true);
    expect(drain(first).events.at(-1)).toMatchObject({ reason: "failed", gaps: 1 });
    spill.reopen();
    const second = new SessionMachine(options, new SlabPool(), () => 0, spill);
    second.handleStart(0);
    second.handleOpen(0, 1);
    second.handleFinish(0);
    const { audio } = drain(second);
    expect(Buffer.from(audio).equals(Buffer.from(numbered(9000)))).toBe(true);
    second.handleText(1, 1, '{"checkpoint_id":"final"}');
    second.handleTimeout(301);
    expect(drain(second).events.at(-1)).toMatchObject({ reason: "complete", gaps: 0 });
  });
});
