import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import type { SessionEvent } from "../../src/stream/core/events.ts";
import { EventQueue } from "../../src/stream/event-queue.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const event = (connection: number): SessionEvent => ({ type: "connected", connection });
const interim = (segment: string, text: string): SessionEvent => ({
  type: "interim",
  segment,
  text,
  words: [],
});

function readQueue(onRoom = (): void => {}, onReturn = (): void => {}): EventQueue {
  const queue = new EventQueue(onRoom, onReturn);
  queue.isRead = true;
  return queue;
}

async function rest(queue: EventQueue): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for (;;) {
    const { done, value } = await queue.next();
    if (done === true) return events;
    events.push(value);
  }
}

describe("the queue of events", () => {
  it("answers several reads in the order in which they were asked", async () => {
    const queue = readQueue();
    const reads = [queue.next(), queue.next(), queue.next()];
    queue.push(event(1));
    queue.push(event(2));
    queue.end(false);
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: event(1) },
      { done: false, value: event(2) },
      { done: true, value: undefined },
    ]);
  });

  it("answers a read that waits when the reader goes away", async () => {
    const onReturn = vi.fn();
    const queue = readQueue(() => {}, onReturn);
    const read = queue.next();
    await queue.return();
    queue.end(true, new Error("aborted"));
    expect([await read, await queue.next(), onReturn.mock.calls.length]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
      1,
    ]);
  });

  it("throws the error of the end once, to the first who waits, and has ended for the others", async () => {
    const queue = readQueue();
    const reads = [queue.next(), queue.next()];
    queue.end(true, new Error("gone"));
    const [first, second] = await Promise.allSettled(reads);
    expect([first?.status, second, await queue.next()]).toEqual([
      "rejected",
      { status: "fulfilled", value: { done: true, value: undefined } },
      { done: true, value: undefined },
    ]);
  });

  it("gives everything that was told before the end, then the error", async () => {
    const queue = readQueue();
    for (let at = 0; at < 700; at += 1) queue.push(event(at));
    queue.end(true, new Error("gone"));
    const seen: number[] = [];
    const reading = (async () => {
      for (let at = 0; at < 701; at += 1) {
        const { value } = await queue.next();
        if (value?.type === "connected") seen.push(value.connection);
      }
    })();
    await expect(reading).rejects.toThrow("gone");
    expect(seen).toEqual(Array.from({ length: 700 }, (_, at) => at));
  });

  it("is full at 1024 for a reader that is behind, and says when it has room again", async () => {
    const onRoom = vi.fn();
    const queue = readQueue(onRoom);
    for (let at = 0; at < 1023; at += 1) queue.push(event(at));
    const before = queue.isFull;
    queue.push(event(1023));
    const full = queue.isFull;
    await queue.next();
    expect([before, full, queue.isFull, onRoom.mock.calls.length]).toEqual([false, true, false, 1]);
  });

  it("keeps the newest 1024 where nobody reads", async () => {
    const queue = new EventQueue(
      () => {},
      () => {},
    );
    for (let at = 0; at < 3000; at += 1) queue.push(event(at));
    queue.end(false);
    expect(await rest(queue)).toEqual(
      Array.from({ length: 1024 }, (_, at) => event(3000 - 1024 + at)),
    );
  });

  it("replaces interims that were not read, once 32 events wait", async () => {
    const queue = readQueue();
    for (let at = 0; at < 32; at += 1) queue.push(event(at));
    for (const text of ["a", "a b", "a b c"]) queue.push(interim("1:0", text));
    queue.end(false);
    expect((await rest(queue)).slice(32)).toEqual([interim("1:0", "a b c")]);
  });

  it("holds no event that was read", async () => {
    const queue = readQueue();
    const seen = new WeakRef<SessionEvent>({ type: "warning", code: "a", message: "b" });
    queue.push(seen.deref() ?? event(0));
    queue.push(event(1));
    await queue.next();
    // A reference that was looked at is kept until the end of the turn.
    await new Promise((resolve) => setTimeout(resolve));
    collect();
    expect([seen.deref(), queue.length]).toEqual([undefined, 1]);
  });
});
