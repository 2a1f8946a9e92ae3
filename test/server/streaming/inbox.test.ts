import { expect, test } from "vitest";
import { Inbox } from "../../../src/server/streaming/inbox.ts";

interface Step {
  readonly name: string;
  readonly wait?: Promise<void>;
  readonly error?: Error;
}

function inboxOf(events: string[]): Inbox<Step> {
  return new Inbox({
    handle: (step) => {
      events.push(step.name);
      if (step.error !== undefined) throw step.error;
      return step.wait;
    },
    pause: () => events.push("pause"),
    resume: () => events.push("resume"),
    fail: (error) => events.push(`failed: ${(error as Error).message}`),
  });
}

/** Lets everything that is ready run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("an item that takes time holds up what follows, and order is kept", async () => {
  const events: string[] = [];
  const inbox = inboxOf(events);
  const gate = new AbortController();
  const wait = new Promise<void>((resolve) => {
    gate.signal.addEventListener("abort", () => resolve());
  });
  inbox.push({ name: "one" }, 1);
  inbox.push({ name: "two", wait }, 1);
  inbox.push({ name: "three" }, 1);
  await settled();
  expect(events).toEqual(["one", "two"]);
  gate.abort();
  await settled();
  expect(events).toEqual(["one", "two", "three"]);
});

test("reading pauses above four megabytes and resumes below one", async () => {
  const events: string[] = [];
  const inbox = inboxOf(events);
  const gate = new AbortController();
  const wait = new Promise<void>((resolve) => {
    gate.signal.addEventListener("abort", () => resolve());
  });
  inbox.push({ name: "busy", wait }, 0);
  for (let n = 0; n < 5; n++) inbox.push({ name: `${n}` }, 1024 * 1024);
  expect(events).toEqual(["busy", "pause"]);
  gate.abort();
  await settled();
  expect(events).toEqual(["busy", "pause", "0", "1", "2", "3", "4", "resume"]);
});

test("one item that fails does not stop the next, and what is cleared is forgotten", async () => {
  const events: string[] = [];
  const inbox = inboxOf(events);
  inbox.push({ name: "bad", error: new Error("no") }, 1);
  inbox.push({ name: "next", wait: Promise.resolve() }, 1);
  inbox.push({ name: "forgotten" }, 1);
  inbox.clear();
  await settled();
  expect(events).toEqual(["bad", "failed: no", "next"]);
});
