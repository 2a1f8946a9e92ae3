import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameQueue } from "../../../../src/server/engine/core/frame-queue.ts";

describe("FrameQueue", () => {
  it("gives the frames back in order for every way of cutting them", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, sizes, (pushes, takes) => {
        const queue = new FrameQueue();
        let next = 0;
        for (const size of pushes) {
          queue.push(Int16Array.from({ length: size }, () => next++));
        }
        const taken = [...takes, next].flatMap((size) => [...queue.take(size)]);
        return (
          queue.length === 0 && taken.length === next && taken.every((value, at) => value === at)
        );
      }),
    );
  });

  it("keeps a copy, so the caller may use its buffer again", () => {
    const queue = new FrameQueue();
    const chunk = Int16Array.of(1, 2);
    queue.push(chunk);
    chunk.fill(9);
    expect([...queue.take(2)]).toEqual([1, 2]);
  });
});
