import { expect, test } from "vitest";
import type { JobNews } from "../../../src/batch/core/batch-reply.ts";
import { PollMachine } from "../../../src/batch/core/poll-machine.ts";
import { DEFAULT_POLLING, pollDelayMs, Turnaround } from "../../../src/batch/core/poll-schedule.ts";
import type { Failure } from "../../../src/batch/core/verdict.ts";
import { EverywordError } from "../../../src/errors.ts";
import { seeded } from "../random.ts";

const middle = (): number => 0.5;

function failure(
  status: number,
  retry: Failure["retry"] = "retry",
  retryAfterMs?: number,
): Failure {
  return {
    error: new EverywordError("server", "no", { status }),
    retry,
    retryAfterMs,
    maybeAccepted: false,
  };
}

/** Answers every question by `reply` until all is settled; virtual time. */
function run(
  machine: PollMachine,
  reply: (nowMs: number, question: number) => JobNews | Failure | undefined,
): { readonly asked: number[]; readonly ends: string[]; readonly endMs: number } {
  const asked: number[] = [];
  const ends: string[] = [];
  let now = 0;
  for (let steps = 0; steps < 100_000; steps += 1) {
    const command = machine.poll(now);
    if (command?.type === "ask") {
      asked.push(now);
      const news = reply(now, asked.length);
      if (news !== undefined && "maybeAccepted" in news)
        machine.handleFailure(now, command.id, news);
      else machine.handleNews(now, command.id, news);
    } else if (command?.type === "settle") {
      ends.push(command.end.kind);
    } else {
      const next = machine.nextTimeout();
      if (next === undefined) break;
      now = next;
    }
  }
  return { asked, ends, endMs: now };
}

const done: JobNews = { kind: "completed", body: "", contentType: undefined };
const running: JobNews = { kind: "running", status: "processing" };

test("a result is noticed at most a sixth of its time late, after few questions", () => {
  const late = [60_000, 600_000, 3_600_000].map((readyMs) => {
    const machine = new PollMachine(DEFAULT_POLLING, middle);
    machine.add(0, "j", 0);
    const { asked, endMs } = run(machine, (now) => (now >= readyMs ? done : running));
    return [endMs / readyMs < 1.16, asked.length];
  });
  expect(late).toEqual([
    [true, 14],
    [true, 31],
    [true, 81],
  ]);
});

test("with experience nobody asks long before the usual time", () => {
  const machine = new PollMachine(DEFAULT_POLLING, middle);
  machine.add(0, "j", 0, 200_000);
  const { asked } = run(machine, (now) => (now >= 210_000 ? done : running));
  expect(asked).toEqual([200_000, 230_000]);
});

test("B11: a 404 soon after the submit means not yet; B14: later it must repeat three times", () => {
  const early = new PollMachine(DEFAULT_POLLING, middle);
  early.add(0, "j", 0);
  const soon = run(early, (_now, question) => (question < 4 ? failure(404, "never") : done));
  const gone = new PollMachine(DEFAULT_POLLING, middle);
  gone.add(0, "j", 0);
  const later = run(gone, () => failure(404, "never"));
  expect([soon.ends, later.ends, later.asked.filter((at) => at > 120_000).length]).toEqual([
    ["completed"],
    ["unknown"],
    3,
  ]);
});

test("B12: 429 and 5xx slow the questions down and end nothing; Retry-After is kept", () => {
  const machine = new PollMachine(DEFAULT_POLLING, middle);
  machine.add(0, "j", 0);
  const { asked, ends } = run(machine, (_now, question) =>
    question === 1 ? failure(429, "retry", 90_000) : question < 5 ? failure(502) : done,
  );
  expect([ends, asked.map((at) => Math.round(at / 1000))]).toEqual([
    ["completed"],
    [10, 100, 160, 220, 280],
  ]);
});

test("a refused key, and a failed job, end the wait at once", () => {
  const refused = new PollMachine(DEFAULT_POLLING, middle);
  refused.add(0, "j", 0);
  const failed = new PollMachine(DEFAULT_POLLING, middle);
  failed.add(0, "j", 0);
  expect([
    run(refused, () => failure(401, "never")).ends,
    run(failed, () => ({ kind: "failed", status: "error", message: "" })).ends,
  ]).toEqual([["stopped"], ["failed"]]);
});

test("B13, P28: a job that is never done is late exactly at the deadline; an unreadable answer ends nothing", () => {
  const machine = new PollMachine({ ...DEFAULT_POLLING, deadlineMs: 1_000_000 }, middle);
  machine.add(0, "j", 0);
  const { ends, endMs } = run(machine, (_now, question) =>
    question % 2 === 0 ? running : undefined,
  );
  expect([ends, endMs]).toEqual([["late"], 1_000_000]);
});

test("never more questions at once than allowed, and every job is settled once", () => {
  const seed = 7;
  const random = seeded(seed);
  const machine = new PollMachine(DEFAULT_POLLING, random, 4);
  for (let job = 0; job < 1000; job += 1) machine.add(0, String(job), 0);
  const asking: { readonly id: string; readonly atMs: number }[] = [];
  const settled: string[] = [];
  let most = 0;
  let now = 0;
  while (settled.length < 1000) {
    const command = machine.poll(now);
    if (command?.type === "ask") asking.push({ id: command.id, atMs: now + 50 + random() * 500 });
    if (command?.type === "settle") settled.push(command.id);
    most = Math.max(most, asking.length);
    if (command !== undefined) continue;
    asking.sort((left, right) => right.atMs - left.atMs);
    const answered = asking.at(-1);
    const next = machine.nextTimeout() ?? Number.POSITIVE_INFINITY;
    if (answered !== undefined && answered.atMs <= next) {
      asking.pop();
      now = answered.atMs;
      if (random() < 0.1) machine.handleFailure(now, answered.id, failure(502));
      else machine.handleNews(now, answered.id, random() < 0.5 ? done : running);
    } else {
      now = next;
    }
  }
  expect(
    [most, new Set(settled).size, machine.size, machine.nextTimeout()],
    `seed ${seed}`,
  ).toEqual([4, 1000, 0, undefined]);
});

test("a job that is no longer waited for wakes nobody up", () => {
  const machine = new PollMachine(DEFAULT_POLLING, middle);
  machine.add(0, "j", 0);
  machine.remove("j");
  expect([machine.nextTimeout(), machine.poll(1e9)]).toEqual([undefined, undefined]);
});

test("delays scatter by a tenth and keep to their bounds", () => {
  const delays = [0, 0.5, 0.999].map((random) =>
    pollDelayMs(DEFAULT_POLLING, 200_000, undefined, 0, random),
  );
  expect([delays, pollDelayMs(DEFAULT_POLLING, 1e7, undefined, 30, 0.5)]).toEqual([
    [27_000, 30_000, 32_994],
    60_000,
  ]);
});

test("the usual time is the middle of the last ones, by size", () => {
  const turnaround = new Turnaround();
  const before = turnaround.expectedMs(1_000_000);
  for (const ms of [20_000, 30_000, 900_000]) turnaround.handleDone(1_000_000, ms);
  expect([before, turnaround.expectedMs(1_000_000), turnaround.expectedMs(3_000_000)]).toEqual([
    undefined,
    30_000,
    60_000,
  ]);
});
