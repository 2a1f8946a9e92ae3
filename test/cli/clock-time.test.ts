import { describe, expect, it } from "vitest";
import { formatClock, parseClock } from "../../src/cli/clock-time.ts";

describe("clock times", () => {
  it.each([
    ["90", 90],
    ["1:30", 90],
    ["01:02:03.5", 3723.5],
    ["0", 0],
  ])("reads %s as %d seconds", (text, seconds) => {
    expect(parseClock("start", text)).toBe(seconds);
  });

  it.each(["", "-1", "1:75", "a", "1:2:3:4", "1e3"])("refuses %j", (text) => {
    expect(() => parseClock("start", text)).toThrow("--start must be seconds or");
  });

  it.each([
    [7, "0:07"],
    [760, "12:40"],
    [3723, "1:02:03"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(formatClock(seconds)).toBe(text);
  });
});
