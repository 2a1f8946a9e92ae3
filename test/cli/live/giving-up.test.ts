import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { GivingUp, PATIENCE_MS } from "../../../src/cli/live/giving-up.ts";
import type { SessionEvent } from "../../../src/stream/core/events.ts";

const connected: SessionEvent = { type: "connected", connection: 1 };
const lost: SessionEvent = { type: "reconnecting", attempt: 1, delayMs: 1, cause: "" };
const words: SessionEvent = { type: "final", segment: "1:0", text: "", words: [] };

let stop: AbortController;
let hasGivenUp: boolean;
let givingUp: GivingUp;
beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
  hasGivenUp = false;
  givingUp = new GivingUp(stop.signal, () => (hasGivenUp = true));
});
afterEach(() => vi.useRealTimers());

it("never gives up before somebody says stop", () => {
  givingUp.push(connected);
  givingUp.push(lost);
  vi.advanceTimersByTime(100 * PATIENCE_MS);
  expect(hasGivenUp).toBe(false);
});

it("gives up when stop was said and no connection came for as long as its patience", () => {
  givingUp.push(connected);
  givingUp.push(lost);
  stop.abort();
  vi.advanceTimersByTime(PATIENCE_MS - 1);
  expect(hasGivenUp).toBe(false);
  vi.advanceTimersByTime(1);
  expect(hasGivenUp).toBe(true);
});

it("waits as long as it takes while there is a connection", () => {
  stop.abort();
  givingUp.push(connected);
  vi.advanceTimersByTime(100 * PATIENCE_MS);
  expect(hasGivenUp).toBe(false);
});

it.each([
  ["gives up on connections that bring no words", [], true],
  ["has its whole patience again after words", [words], false],
])("%s", (_, events, expected) => {
  stop.abort();
  for (let i = 0; i < 4; i += 1) {
    vi.advanceTimersByTime(PATIENCE_MS / 3);
    givingUp.push(connected);
    for (const event of events) givingUp.push(event);
    givingUp.push(lost);
  }
  expect(hasGivenUp).toBe(expected);
});
