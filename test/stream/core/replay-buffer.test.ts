import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReplayBuffer } from "../../../src/stream/core/replay-buffer.ts";
import { SLAB_BYTES, SlabPool } from "../../../src/stream/core/slab-pool.ts";

function numbered(bytes: number, from = 0): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => ((from + index) * 31) % 251);
}

describe("the replay buffer", () => {
  it("gives back every byte, however it was cut, odd pieces included (P20)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9000 }),
        (sizes, step) => {
          const buffer = new ReplayBuffer(new SlabPool(), 1_000_000);
          let written = 0;
          for (const size of sizes) {
            buffer.append(numbered(size, written));
            written += size;
          }
          const read: number[] = [];
          for (let frame = 0; frame < buffer.endFrame; frame += step) {
            read.push(...buffer.read(frame, step));
          }
          const whole = written - (written % 2);
          expect(buffer.endFrame).toBe(whole / 2);
          expect(Buffer.from(read).equals(Buffer.from(numbered(whole)))).toBe(true);
        },
      ),
      { numRuns: 60, seed: 8 },
    );
  });

  it("evicts the oldest frames when it is full and never refuses the newest", () => {
    const buffer = new ReplayBuffer(new SlabPool(), 10_000);
    for (let written = 0; written < 90_000; written += 3000) {
      buffer.append(numbered(3000, written));
    }
    expect([buffer.baseFrame, buffer.endFrame, buffer.heldFrames]).toEqual([
      35_000, 45_000, 10_000,
    ]);
    expect(Buffer.from(buffer.read(35_000, 9)).equals(Buffer.from(numbered(18, 70_000)))).toBe(
      true,
    );
  });

  it("gives slabs back when they are released, and takes them again", () => {
    const pool = new SlabPool();
    const buffer = new ReplayBuffer(pool, 1_000_000);
    buffer.append(numbered(SLAB_BYTES * 3));
    buffer.release(SLAB_BYTES);
    expect(pool.freeSlabs).toBe(2);
    buffer.release(5);
    expect(buffer.baseFrame).toBe(SLAB_BYTES);
    buffer.append(numbered(SLAB_BYTES));
    expect(pool.freeSlabs).toBe(1);
    buffer.clear();
    expect([pool.freeSlabs, buffer.heldBytes, buffer.endFrame]).toEqual([3, 0, SLAB_BYTES * 2]);
  });

  it("forgets half a frame before silence, or all that follows would be noise", () => {
    const buffer = new ReplayBuffer(new SlabPool(), 1000);
    buffer.append(Uint8Array.of(1, 1, 9));
    buffer.appendSilence(1);
    buffer.append(Uint8Array.of(2, 2));
    expect([...buffer.read(0, 9)]).toEqual([1, 1, 0, 0, 2, 2]);
  });
});
