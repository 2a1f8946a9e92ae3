import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TimerWheel } from "../../src/stream/timer-wheel.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function clock(): number {
  return performance.now();
}

describe("the timer wheel", () => {
  it("rings at the deadline, at most a slot late, near and far", () => {
    const wheel = new TimerWheel(clock);
    const rung: number[] = [];
    const start = clock();
    for (const delayMs of [0, 1, 7, 50, 5000, 20_003]) {
      const alarm = wheel.alarm(() => rung.push(clock() - start - delayMs));
      alarm.set(start + delayMs);
    }
    vi.advanceTimersByTime(30_000);
    expect(rung).toHaveLength(6);
    expect(Math.min(...rung)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...rung)).toBeLessThanOrEqual(10);
  });

  it("rings once for the last deadline that was set, and not after it was cancelled", () => {
    const wheel = new TimerWheel(clock);
    const rung: string[] = [];
    const start = clock();
    const moved = wheel.alarm(() => rung.push(`moved ${Math.round((clock() - start) / 10)}`));
    moved.set(start + 3000);
    moved.set(start + 100);
    moved.set(start + 500);
    const gone = wheel.alarm(() => rung.push("gone"));
    gone.set(start + 200);
    gone.cancel();
    vi.advanceTimersByTime(10_000);
    expect(rung).toEqual(["moved 50"]);
  });

  it("leaves no timer behind when nothing is to ring", () => {
    const wheel = new TimerWheel(clock);
    wheel.alarm(() => {}).set(clock() + 40);
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
