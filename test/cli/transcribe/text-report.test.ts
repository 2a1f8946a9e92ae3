import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Io } from "../../../src/cli/io.ts";
import { progressStatus, TextReporter } from "../../../src/cli/transcribe/text-report.ts";

function reporterAt(clock: { nowMs: number }, columns = 40) {
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns });
  const options = { quiet: false, verbose: false, progress: true, color: false };
  const reporter = new TextReporter({ stderr } as unknown as Io, options, () => clock.nowMs);
  return { reporter, drawn: () => String(stderr.read() ?? "") };
}

describe("the line in progress", () => {
  it("is drawn at most ten times a second, and always at its end", () => {
    const clock = { nowMs: 1000 };
    const { reporter, drawn } = reporterAt(clock);
    reporter.start("a.wav", 0, 1);
    for (let step = 0; step < 100; step++) {
      clock.nowMs += 10;
      reporter.progress("a.wav", { phase: "upload", fraction: step / 100 });
    }
    reporter.progress("a.wav", { phase: "upload", fraction: 1 });
    const text = drawn();
    expect(text.match(/sending/gu)).toHaveLength(10);
    expect(text).toMatch(/waiting for the transcript$/u);
  });

  it("never fills the last column, however long the name", () => {
    const { reporter, drawn } = reporterAt({ nowMs: 1000 });
    reporter.start(`${"long/".repeat(20)}talk.wav`, 0, 2);
    drawn();
    reporter.progress(`${"long/".repeat(20)}talk.wav`, {
      phase: "recognize",
      fraction: 0.5,
      seconds: 60,
    });
    const line = drawn().replaceAll("\r\u001B[2K", "");
    expect([line.length < 40, line.includes("talk.wav"), line.includes("50%")]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("takes a terminal that was given no size for one of 80 columns", () => {
    const { reporter, drawn } = reporterAt({ nowMs: 1000 }, 0);
    const input = "a recording with quite a long name.wav";
    reporter.start(input, 0, 1);
    expect(drawn()).toBe(input);
    const audio = { audioSeconds: 65, outputs: [] };
    const files = [0, 1].map(() => ({ input, result: "done" as const, ...audio }));
    reporter.start(input, 1, 2);
    drawn();
    reporter.summary({ files, elapsedSeconds: 1, interrupted: false });
    expect(drawn()).toContain(input);
  });

  it("says how far each input in hand is, and fits", () => {
    const clock = { nowMs: 1000 };
    const { reporter, drawn } = reporterAt(clock);
    for (const [i, name] of ["a.wav", "b.wav", "c.wav"].entries()) reporter.start(name, i, 9);
    reporter.progress("a.wav", { phase: "upload", fraction: 0.25 });
    clock.nowMs += 200;
    reporter.progress("c.wav", { phase: "upload", fraction: 1 });
    const lines = drawn().split("\r\u001B[2K");
    expect(lines.at(-1)).toBe("[3 of 9]  a.wav 25%  b.wav  c.wav 100%");
    clock.nowMs += 200;
    reporter.end({ input: "a.wav", result: "done", outputs: [] });
    expect(drawn()).toContain("everyword: a.wav: in 0.4 s\n");
    reporter.progress("b.wav", { phase: "upload", fraction: 1 });
    expect(drawn()).toBe("[2 of 9]  b.wav 100%  c.wav 100%");
  });

  it("says speed and time left", () => {
    expect(progressStatus({ phase: "recognize", fraction: 0.25, seconds: 60 }, 10)).toBe(
      "25%  1:00  6.0x  0:30 left",
    );
  });

  it("prints no control characters of a file's name", () => {
    const { reporter, drawn } = reporterAt({ nowMs: 0 });
    reporter.warn("\u001B[2Jevil.wav", "odd");
    expect(drawn()).toBe("everyword: \uFFFD[2Jevil.wav: odd\n");
  });
});
