import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { serverService } from "../../src/service.ts";
import { openSession, type Session } from "../../src/stream/session.ts";
import { MemoryNetwork, type Manners } from "./memory-socket.ts";

const unhandled: unknown[] = [];
const remember = (reason: unknown): number => unhandled.push(reason);

beforeAll(() => {
  // One virtual clock for all runs: the sessions of a process share theirs, and it must not go back.
  vi.useFakeTimers();
  process.on("unhandledRejection", remember);
});
afterAll(() => {
  vi.useRealTimers();
  process.off("unhandledRejection", remember);
});

type Step =
  | { readonly do: "write"; readonly bytes: number }
  | { readonly do: "write at"; readonly seconds: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "read"; readonly events: number }
  | { readonly do: "write unseen" | "pause" | "resume" | "rotate" | "finish" | "abort" | "signal" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write"), bytes: fc.nat(100_000) }) },
  fc.record({ do: fc.constant("write at"), seconds: fc.double({ min: 0, max: 30, noNaN: true }) }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.nat(8000) }) },
  fc.record({ do: fc.constant("read"), events: fc.constantFrom(0, 1, 3, Infinity) }),
  fc.record({ do: fc.constantFrom("write unseen", "pause", "resume", "rotate", "rotate") }),
  fc.record({ do: fc.constantFrom("finish", "abort", "signal") }),
);

const manners: fc.Arbitrary<Manners> = fc.record({
  dial: fc.constantFrom("opens", "opens", "opens", "opens", "opens", "refused", "hangs", "throws"),
  dialMs: fc.nat(300),
  answers: fc.constantFrom("all", "all", "no end", "nothing"),
  cut: fc.option(
    fc.record({ afterMs: fc.nat(5000), code: fc.constantFrom(1000, 1006, 1008, 1011, 4401) }),
    { nil: undefined },
  ),
  throws: fc.option(fc.constantFrom("send", "ping", "close", "terminate"), {
    nil: undefined,
    freq: 2,
  }),
});

const life = fc.record({
  steps: fc.array(step, { maxLength: 12 }),
  network: fc.array(manners, { minLength: 1, maxLength: 5 }),
  key: fc.constantFrom("given", "given", "promised", "promised", "fails", "never"),
  pace: fc.constantFrom(1, "max" as const),
  whenFull: fc.constantFrom("wait" as const, "drop" as const),
});

type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

const KEYS: Readonly<Record<string, () => string | Promise<string>>> = {
  given: () => "key",
  promised: () => Promise.resolve("key"),
  fails: () => Promise.reject(new Error("no key")),
  never: () => new Promise(() => {}),
};

/** How the runs ended: a test in which none is complete would prove little. */
const reasons = new Set<string>();

/** Everything a session promises, whatever is called: `[]`, or what it did not keep. */
async function live({ steps, network, key, pace, whenFull }: Life): Promise<string[]> {
  const net = new MemoryNetwork(network);
  const controller = new AbortController();
  let metrics = 0;
  const session = openSession({
    service: serverService("http://127.0.0.1:1", KEYS[key]),
    openSocket: net.openSocket,
    signal: controller.signal,
    onMetric: () => (metrics += 1),
    pace,
    whenFull,
    replaySeconds: 5,
    finishTimeoutMs: 1000,
    reconnectDeadlineMs: 5000,
    handshakeTimeoutMs: 500,
  });
  const calls = new Calls(session);
  for (const next of steps) {
    if (next.do === "wait") await vi.advanceTimersByTimeAsync(next.ms);
    else if (next.do === "signal") controller.abort();
    else calls.make(next);
  }
  calls.make({ do: "finish" });
  await vi.advanceTimersByTimeAsync(120_000);
  calls.make({ do: "read", events: Infinity });
  await vi.advanceTimersByTimeAsync(10);
  const atTheEnd = net.calls + metrics;
  calls.make({ do: "rotate" });
  calls.make({ do: "abort" });
  await vi.advanceTimersByTimeAsync(60_000);
  const problems = calls.problems();
  reasons.add((await session.outcome).reason);
  if (net.open > 0) problems.push(`${net.open} sockets stay open`);
  if (net.calls + metrics > atTheEnd) problems.push("something was done after the end");
  if (vi.getTimerCount() > 0) problems.push(`${vi.getTimerCount()} timers are left`);
  problems.push(...unhandled.splice(0).map((reason) => `unhandled: ${String(reason)}`));
  return problems;
}

class Calls {
  readonly #session: Session;
  readonly #pending = new Map<string, number>();
  readonly #thrown: string[] = [];
  #isRead = false;
  #ends = 0;
  #afterEnd = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  make(call: Exclude<Step, { do: "wait" }>): void {
    const session = this.#session;
    try {
      if (call.do === "write") this.#expect("write", session.write(new Uint8Array(call.bytes)));
      // Nobody looks at the promise of this one.
      else if (call.do === "write unseen") void session.write(new Uint8Array(3200));
      else if (call.do === "write at") {
        this.#expect("writeAt", session.writeAt(call.seconds, new Uint8Array(3200)));
      } else if (call.do === "read") {
        if (!this.#isRead) this.#expect("iteration", this.#read(call.events));
        this.#isRead = true;
      } else if (call.do === "finish") {
        this.#expect(
          "finish",
          session.finish().catch((error: unknown) => {
            this.#thrown.push(`finish rejected: ${String(error)}`);
          }),
        );
      } else if (call.do !== "signal") session[call.do]();
    } catch (error) {
      this.#thrown.push(`${call.do} threw: ${String(error)}`);
    }
  }

  problems(): string[] {
    const pending = [...this.#pending].filter(([, count]) => count > 0);
    const left = pending.map(([what, count]) => `${count} × ${what} did not settle`);
    if (this.#ends > 1 || this.#afterEnd > 0) left.push("events after the end");
    return [...left, ...this.#thrown];
  }

  async #read(events: number): Promise<void> {
    let left = events;
    for await (const event of this.#session) {
      if (this.#ends > 0) this.#afterEnd += 1;
      if (event.type === "end") this.#ends += 1;
      left -= 1;
      if (left <= 0) break;
    }
  }

  /** Settled either way: a write may be refused, an iteration may throw. */
  #expect(what: string, promise: Promise<unknown>): void {
    this.#pending.set(what, (this.#pending.get(what) ?? 0) + 1);
    const settled = (): void => {
      this.#pending.set(what, (this.#pending.get(what) ?? 0) - 1);
    };
    promise.then(settled, settled);
  }
}

it("settles whatever is called in whatever order, and leaves nothing behind", async () => {
  const everything = fc.asyncProperty(life, async (given) => {
    expect(await live(given)).toEqual([]);
  });
  await fc.assert(everything, { numRuns: 300 });
  expect([...reasons].toSorted()).toEqual(["aborted", "complete", "failed", "timed-out"]);
});

it("gives up the dials that wait at the gate with their sessions", async () => {
  const net = new MemoryNetwork([{ dial: "opens", dialMs: 1, answers: "all" }]);
  let asked = 0;
  const service = serverService("http://127.0.0.1:1", () => `key ${(asked += 1)}`);
  const open = (): Session => openSession({ service, openSocket: net.openSocket });
  const sessions = Array.from({ length: 100 }, open);
  for (const session of sessions) session.abort();
  const askedAtTheEnd = asked;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([asked - askedAtTheEnd, net.open, vi.getTimerCount()]).toEqual([0, 0, 0]);
});
