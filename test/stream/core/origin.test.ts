import { describe, expect, it } from "vitest";
import { Origin } from "../../../src/stream/core/origin.ts";

describe("a connection's clock", () => {
  it("goes on behind what was left out", () => {
    const origin = new Origin(1000);
    origin.sent(500);
    origin.skipTo(2000);
    origin.sent(100);
    expect([0, 499, 500, 599].map((at) => origin.place(at))).toEqual([1000, 1499, 2000, 2099]);
    expect(origin.holes).toEqual([{ start: 1500, end: 2000 }]);
  });

  it("begins with the first audio that was sent, whatever was left out before", () => {
    const origin = new Origin(1000);
    origin.skipTo(2000);
    origin.skipTo(3000);
    origin.sent(100);
    expect(origin.originFrame).toBe(3000);
    expect(origin.place(50)).toBe(3050);
    expect(origin.holes).toEqual([]);
  });

  it("has one hole where nothing was sent between two", () => {
    const origin = new Origin(0);
    origin.sent(100);
    origin.skipTo(200);
    origin.skipTo(300);
    expect(origin.holes).toEqual([{ start: 100, end: 300 }]);
  });

  it("gives back the connection's own time, also of what was left out", () => {
    const origin = new Origin(1000);
    origin.sent(500);
    origin.skipTo(2000);
    origin.sent(100);
    expect([1000, 1499, 2000, 2099].map((at) => origin.wireFrame(at))).toEqual([0, 499, 500, 599]);
    expect([1600, 1999, 900].map((at) => origin.wireFrame(at))).toEqual([500, 500, -100]);
  });
});
