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

/** What a server hears in its chunk of that number. */
type Hear = (chunk: number) => object;

function wordIn(chunk: number, isFinal: boolean): object {
  const start = chunk * CHUNK_SECONDS;
  return { word: `w${chunk}`, start, end: start + CHUNK_SECONDS, is_final: isFinal };
}

const finals: Hear = (chunk) => ({ id: chunk, text: `w${chunk}`, words: [wordIn(chunk, true)] });
const interims: Hear = (chunk) => ({ id: 0, text: `w${chunk}`, words: [wordIn(chunk, false)] });

const thirdTimeless: Hear = (chunk) => {
  if (chunk !== 2) return finals(chunk);
  return { id: 2, text: "timeless", words: [{ word: "timeless", is_final: true }] };
};

/** Says at once what it hears. */
function talker(hear: Hear): OpenSocket {
  return (_request, events) => {
    let heard = 0;
    let isClosed = false;
    const answer = (...messages: object[]): void => {
      setTimeout(() => {
        for (const message of messages) if (!isClosed) events.onText(JSON.stringify(message));
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
          const chunks = Array.from({ length: data.length / CHUNK.length }, (_, at) => heard + at);
          heard += chunks.length;
          answer(...chunks.map((chunk) => ({ segments: [hear(chunk)] })));
          return;
        }
        const { object, trace_id: trace } = JSON.parse(data) as Record<string, unknown>;
        if (object === undefined) answer({ checkpoint_id: "final" });
        else answer({ object: "stt.output.trace", trace_id: trace });
      },
      ping: () => setTimeout(() => events.onSign(), 1),
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
  await vi.advanceTimersByTimeAsync(10_000);
  if (!isOver) throw new Error("the reading did not end");
  await reading;
  return { events: rest, error };
}

const COUNT = 3000;

describe("channels that nobody reads", () => {
  it("are slowed when 1024 events wait for the reader, and lose none", async () => {
    const channels = { a: new Source(COUNT), b: new Source(COUNT) };
    const events = transcribeChannels(channels, optionsWith(talker(finals)));
    await readTo(events, "final");
    await vi.advanceTimersByTimeAsync(10_000);
    const { a, b } = channels;
    const taken = [a.taken, b.taken];
    await vi.advanceTimersByTimeAsync(5000);
    expect([a.taken, b.taken]).toEqual(taken);
    // 1024 events of all and 256 finals that wait for their order; of each 1024, and 30 s in flight.
    expect(a.taken + b.taken).toBeLessThan(1024 + 256 + 2 * (1024 + 700));
    const rest = await readRest(events);
    expect(rest.events.filter((event) => event.type === "final")).toHaveLength(2 * COUNT - 1);
    expect(rest.events.at(-1)).toMatchObject({ type: "end", reason: "complete", words: 2 * COUNT });
  });

  it("have interims replaced that were not read, and are not slowed by them", async () => {
    const channels = { a: new Source(COUNT), b: new Source(1) };
    const events = transcribeChannels(channels, optionsWith(talker(interims)));
    await readTo(events, "interim");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(channels.a.taken).toBe(COUNT);
    const rest = await readRest(events);
    expect(rest.events.filter((event) => event.type === "interim").length).toBeLessThan(64);
    expect(rest.events.at(-1)).toMatchObject({ type: "end", reason: "complete" });
  });
});

describe("a channel that is silent", () => {
  it("holds back no other, and the signal ends them all", async () => {
    const controller = new AbortController();
    const source = new Source(COUNT);
    const { signal } = controller;
    const options = { ...optionsWith(talker(finals)), signal };
    const events = transcribeChannels({ a: source, b: SILENCE }, options);
    let told = 0;
    const reason = new Error("enough");
    const reading = (async () => {
      for await (const event of events) if (event.type === "final") told += 1;
    })();
    const caught = reading.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toBe(COUNT);
    controller.abort(reason);
    await vi.advanceTimersByTimeAsync(10);
    expect(await caught).toBe(reason);
  });

  it("is given up with the others by a reader who stood still and leaves", async () => {
    const source = new Source(COUNT);
    const events = transcribeChannels({ a: source, b: SILENCE }, optionsWith(talker(finals)));
    await readTo(events, "final");
    await vi.advanceTimersByTimeAsync(10_000);
    await events.return(undefined);
    await vi.advanceTimersByTimeAsync(5000);
    expect([source.isLeft, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it("lets what was told before an abort be read, then its reason", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const options = { ...optionsWith(talker(finals)), signal };
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

describe("a word without a time", () => {
  it("stays behind those that its channel said before", async () => {
    const channels = { a: new Source(4), b: new Source(4) };
    const rest = await readRest(transcribeChannels(channels, optionsWith(talker(thirdTimeless))));
    const words = rest.events.flatMap((event) => (event.type === "final" ? event.words : []));
    const said = (name: string): string[] =>
      words.filter((word) => word.speaker === name).map((word) => word.text);
    const expected = ["w0", "w1", "timeless", "w3"];
    expect([said("a"), said("b")]).toEqual([expected, expected]);
  });
});
