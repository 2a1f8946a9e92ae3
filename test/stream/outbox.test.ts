import { PassThrough, Writable } from "node:stream";
import type { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import * as ws from "ws";
import { outbox, type Poster } from "../../src/stream/outbox.ts";

/** The server's side of the protocol, by `ws`. */
const { Receiver } = ws as unknown as {
  readonly Receiver: new (options: object) => Writable;
};

/** A connection that keeps what is written, and may take nothing for a while. */
class Line extends Writable implements Poster {
  readonly writes: Buffer[] = [];
  isOpen = true;
  #release: (() => void) | undefined;
  isSlow = false;

  get connection(): Socket {
    return this as unknown as Socket;
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    // What was not taken is no copy: if the outbox wrote over it, that would be seen here.
    this.writes.push(this.isSlow ? bytes : Buffer.from(bytes));
    if (this.isSlow) this.#release = done;
    else done();
  }

  drain(): void {
    this.isSlow = false;
    this.#release?.();
  }

  /** What a server would read. */
  messages(): [string, boolean][] {
    const receiver = new Receiver({ isServer: true, allowSynchronousEvents: true });
    const messages: [string, boolean][] = [];
    receiver.on("message", (data: Buffer, isBinary: boolean) => {
      messages.push([data.toString("latin1"), isBinary]);
    });
    receiver.end(Buffer.concat(this.writes));
    return messages;
  }
}

const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the outbox", () => {
  it("writes at the end of the turn, each socket's frames in order, and neighbors in one write", async () => {
    const [a, b] = [new Line(), new Line()];
    outbox.add(a, bytesOf("a".repeat(1600)), false);
    outbox.add(a, bytesOf('{"trace":1}'), true);
    outbox.add(b, bytesOf("b"), false);
    outbox.add(a, bytesOf(""), false);
    const before = a.writes.length + b.writes.length;
    await turn();
    expect({
      before,
      writes: [a.writes.length, b.writes.length],
      a: a.messages(),
      b: b.messages(),
    }).toEqual({
      before: 0,
      writes: [2, 1],
      a: [
        ["a".repeat(1600), true],
        ['{"trace":1}', false],
        ["", true],
      ],
      b: [["b", true]],
    });
  });

  it("masks every frame with a key of its own", async () => {
    const line = new Line();
    for (let time = 0; time < 3; time += 1) {
      outbox.add(line, bytesOf("x".repeat(200)), false);
      await turn();
    }
    const keys = line.writes.map((frame) => frame.readUInt32BE(4));
    expect(new Set(keys).size).toBe(3);
  });

  it("keeps what a slow socket has not taken, however much is written after it", async () => {
    const [slow, quick] = [new Line({ highWaterMark: 1 }), new Line()];
    slow.isSlow = true;
    const wanted: [string, boolean][] = [];
    for (let time = 0; time < 200; time += 1) {
      const text = String(time).padStart(1600, "-");
      wanted.push([text, true]);
      outbox.add(slow, bytesOf(text), false);
      outbox.add(quick, bytesOf(text), false);
      if (time % 7 === 0) await turn();
    }
    await turn();
    slow.drain();
    await turn();
    expect([slow.messages(), quick.messages()]).toEqual([wanted, wanted]);
  });

  it("throws away the frames of a socket that has gone, and writes those of the others", async () => {
    const [gone, open] = [new Line(), new Line()];
    outbox.add(gone, bytesOf("lost"), false);
    outbox.add(open, bytesOf("kept"), false);
    gone.isOpen = false;
    await turn();
    expect([gone.writes.length, open.messages()]).toEqual([0, [["kept", true]]]);
  });

  it("leaves to the socket what is too large, behind what waits", () => {
    const line = new Line();
    const isFirstTaken = outbox.add(line, bytesOf("first"), false);
    const isSecondTaken = outbox.add(line, Buffer.alloc(70_000), false);
    expect([isFirstTaken, isSecondTaken, line.messages()]).toEqual([
      true,
      false,
      [["first", true]],
    ]);
  });

  it("writes although a test put a clock of its own in the place of the global one", async () => {
    const [first, second] = [new Line(), new Line()];
    // What tests before this one have begun is over.
    await turn();
    vi.stubGlobal("setImmediate", () => {});
    outbox.add(first, bytesOf("first"), false);
    vi.unstubAllGlobals();
    outbox.add(second, bytesOf("second"), false);
    await turn();
    expect([first.messages(), second.messages()]).toEqual([[["first", true]], [["second", true]]]);
  });

  it("takes nothing for a socket whose connection is not known", () => {
    const through = new PassThrough();
    const isTaken = outbox.add(
      { connection: undefined, isOpen: true, isSlow: false },
      bytesOf("x"),
      false,
    );
    expect([isTaken, through.readableLength]).toEqual([false, 0]);
  });
});
