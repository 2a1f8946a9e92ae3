/** What the death of an engine's process costs: seen by killing the real one. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEngine } from "../../../src/server/engine/engine.ts";
import type { RecognizedSegment, Recognizer } from "../../../src/server/recognizer.ts";
import { bounded } from "../support/plain-client.ts";
import { readRecording } from "./recording.ts";

const { samples } = readRecording("card-three");
let engine: Recognizer;
/** Ids of the engine's processes: ear, decoder and aligner, in no order. */
let workers: readonly number[];

const TASKS = "/proc/self/task";

/** The engine's processes that this one has started, by the system's own list. */
function children(): number[] {
  return readdirSync(TASKS)
    .flatMap((task) => readFileSync(`${TASKS}/${task}/children`, "utf8").trim().split(" "))
    .filter((pid) => pid !== "" && commandOf(pid).includes("engine/worker.js"))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

beforeEach(async () => {
  const before = new Set(children());
  engine = await openEngine({ model: "tiny", threads: 1 });
  await engine.ready();
  workers = children().filter((pid) => !before.has(pid));
}, 300_000);

afterEach(async () => {
  await engine.close();
});

const options = { timeout: 180_000 };

async function hear(): Promise<string> {
  const updates: RecognizedSegment[] = [];
  const stream = engine.openStream({ interimSeconds: 0 }, (segment) => updates.push(segment));
  try {
    stream.push(samples);
    await bounded(stream.finish(), "end of the stream", 60_000);
    return updates.flatMap(({ words }) => words.map(({ text }) => text)).join(" ");
  } finally {
    stream.close();
  }
}

describe.skipIf(!existsSync(TASKS))("an engine whose process is killed", options, () => {
  it("redoes the work or fails that stream, and serves the next as before", async () => {
    const whole = await hear();
    const outcomes = new Map<unknown, number>();
    for (const pid of workers) {
      const cut = hear();
      process.kill(pid, "SIGKILL");
      // The ear's state is lost with it, so its stream fails; a piece is decoded and aligned anew.
      const outcome = await cut.catch((error: unknown) => error);
      const name = outcome === whole ? "redone" : (outcome as { code?: unknown }).code;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
      expect(await hear()).toBe(whole);
    }
    expect(outcomes).toEqual(
      new Map<unknown, number>([
        ["recognizer", 1],
        ["redone", 2],
      ]),
    );
  });

  it("has as many processes as before, and none when it is closed", async () => {
    for (const pid of workers) process.kill(pid, "SIGKILL");
    await hear().catch(() => undefined);
    await hear();
    const replaced = children();
    await engine.close();
    expect([replaced.length, replaced.filter((pid) => workers.includes(pid))]).toEqual([3, []]);
    expect(children()).toEqual([]);
  });
});
