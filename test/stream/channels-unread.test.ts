import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { SessionEvent } from "../../src/stream/core/events.ts";
import { serverService } from "../../src/service.ts";
import { transcribeChannels, type ChannelOptions } from "../../src/stream/channels.ts";
import type { OpenSocket } from "../../src/stream/socket.ts";

beforeAll(() => {
  // One virtual clock for all runs: the sessions of a process share theirs, and it must not go back.
  vi.useFakeTimers();
});

afterAll(() => {
  vi.useRealTimers();
});

const CHUNK_SECONDS = 0.05;
const CHUNK = new Uint8Array(1600).fill(9);

/** Hears one word in each chunk, and says so at once. */
function talker(isFinal: boolean): OpenSocket {
  return (_request, events) => {
    let heard = 0;
    let isClosed = false;
    const answer = (message: object): void => {
      setTimeout(() => {
        if (!isClosed) events.onText(JSON.stringify(message));
      }, 1);
    };
    setTimeout(() => {
      if (!isClosed) events.onOpen();
    }, 1);
    const close = (): void => {
      if (isClosed) return;
      isClosed = true;
      setTimeout(() => events.onClosed(1000, ""), 1);
    };
    return {
      bufferedBytes: 0,
      send: (data) => {
        if (typeof data !== "string") {
          for (let bytes = 0; bytes < data.length; bytes += CHUNK.length) {
            const start = heard * CHUNK_SECONDS;
            const [id, word] = [isFinal ? heard : 0, `w${heard}`];
            heard += 1;
            const words = [{ word, start, end: start + CHUNK_SECONDS, is_final: isFinal }];
            answer({ segments: [{ id, text: word, words }] });
          }
          return;
        }
        const { object, trace_id: trace } = JSON.parse(data) as Record<string, unknown>;
        if (object === undefined) answer({ checkpoint_id: "final" });
        else answer({ object: "stt.output.trace", trace_id: trace });
      },
      ping: () => setTimeout(events.onSign, 1),
      close,
      terminate: close,
    };
  };
}

/** Counts what was taken of it. */
class Source {
  readonly #count: number;
  taken = 0;
  isLeft = false;

  constructor(count: number) {
    this.#count = count;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      while (this.taken < this.#count) {
        this.taken += 1;
        yield CHUNK;
      }
    } finally {
      this.isLeft = true;
    }
  }
}

/** Says nothing and does not end. */
const SILENCE: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({
    next: () => new Promise(() => {}),
    return: () => Promise.resolve({ done: true, value: undefined }),
  }),
};

function optionsWith(openSocket: OpenSocket): ChannelOptions {
  return { service: serverService("http://127.0.0.1:1"), openSocket, pace: "max" };
}

/** Whoever reads stands still behind the first event that is of this type. */
async function readTo(
  events: AsyncIterator<SessionEvent>,
  type: SessionEvent["type"],
): Promise<void> {
  for (;;) {
    const next = events.next();
    await vi.advanceTimersByTimeAsync(200);
    const { value } = (await next) as IteratorResult<SessionEvent, undefined>;
    if (value === undefined || value.type === type) return;
  }
}

/** Reads on to the end, and no slower than it can. */
async function readRest(
  events: AsyncGenerator<SessionEvent>,
): Promise<{ readonly events: SessionEvent[]; readonly error: unknown }> {
  const rest: SessionEvent[] = [];
  let error: unknown;
  let isOver = false;
  const reading = (async () => {
    try {
      for await (const event of events) rest.push(event);
    } catch (caught) {
      error = caught;
    }
    isOver = true;
  })();
  for (let tries = 0; tries < 600 && !isOver; tries += 1) await vi.advanceTimersByTimeAsync(500);
  if (!isOver) throw new Error("the reading did not end");
  await reading;
  return { events: rest, error };
}

const COUNT = 3000;

describe("channels that nobody reads", () => {
  it("are slowed when 1024 events wait for the reader, and lose none", async () => {
    const channels = { a: new Source(COUNT), b: new Source(COUNT) };
    const events = transcribeChannels(channels, optionsWith(talker(true)));
    await readTo(events, "final");
    await vi.advanceTimersByTimeAsync(10_000);
    const { a, b } = channels;
    const taken = [a.taken, b.taken];
    await vi.advanceTimersByTimeAsync(5000);
    expect([a.taken, b.taken]).toEqual(taken);
    // 1024 events of all and 256 finals that wait for their order; of each 1024, and 30 s in flight.
    expect(a.taken + b.taken).toBeLessThan(1024 + 256 + 2 * (1024 + 700));
    const rest = await readRest(events);
    const finals = rest.events.filter((event) => event.type === "final");
    expect(finals).toHaveLength(2 * COUNT - 1);
    expect(rest.events.at(-1)).toMatchObject({ type: "end", reason: "complete", words: 2 * COUNT });
  });

  it("have interims replaced that were not read, and are not slowed by them", async () => {
    const channels = { a: new Source(COUNT), b: new Source(1) };
    const events = transcribeChannels(channels, optionsWith(talker(false)));
    await readTo(events, "interim");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(channels.a.taken).toBe(COUNT);
    const rest = await readRest(events);
    const interims = rest.events.filter((event) => event.type === "interim");
    expect(interims.length).toBeLessThan(64);
    expect(rest.events.at(-1)).toMatchObject({ type: "end", reason: "complete" });
  });
});

describe("a channel that is silent", () => {
  it("holds back no other, and the signal ends them all", async () => {
    const controller = new AbortController();
    const source = new Source(COUNT);
    const { signal } = controller;
    const options = { ...optionsWith(talker(true)), signal };
    const events = transcribeChannels({ a: source, b: SILENCE }, options);
    let finals = 0;
    const reason = new Error("enough");
    const reading = (async () => {
      for await (const event of events) if (event.type === "final") finals += 1;
    })();
    const caught = reading.catch((error: unknown) => error);
    for (let tries = 0; tries < 600 && finals < COUNT; tries += 1) {
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(finals).toBe(COUNT);
    controller.abort(reason);
    await vi.advanceTimersByTimeAsync(10);
    expect(await caught).toBe(reason);
  });

  it("is given up with the others by a reader who stood still and leaves", async () => {
    const source = new Source(COUNT);
    const events = transcribeChannels({ a: source, b: SILENCE }, optionsWith(talker(true)));
    await readTo(events, "final");
    await vi.advanceTimersByTimeAsync(10_000);
    await events.return(undefined);
    await vi.advanceTimersByTimeAsync(5000);
    expect([source.isLeft, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it("lets what was told before an abort be read, then its reason", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const options = { ...optionsWith(talker(true)), signal };
    const events = transcribeChannels({ a: new Source(COUNT), b: SILENCE }, options);
    await readTo(events, "final");
    await vi.advanceTimersByTimeAsync(10_000);
    const reason = new Error("enough");
    controller.abort(reason);
    const rest = await readRest(events);
    expect([rest.error, rest.events.at(-1)?.type]).toEqual([reason, "end"]);
    expect(rest.events.filter((event) => event.type === "final").length).toBeGreaterThan(2000);
  });
});
