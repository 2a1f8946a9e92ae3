import { describe, expect, it } from "vitest";
import { JobQueue } from "../../../../src/server/engine/core/job-queue.ts";

/** Takes `count` jobs, booking `cost` for each. */
function take(queue: JobQueue<{ stream: number; name: string }>, count: number): string[] {
  return Array.from({ length: count }, () => {
    const job = queue.next();
    if (job === undefined) return "nothing";
    queue.charge(job.stream, 10);
    return job.name;
  });
}

function final(stream: number, name: string): { stream: number; name: string } {
  return { stream, name };
}

describe("JobQueue", () => {
  it("serves a live stream at once although a long file came first", () => {
    const queue = new JobQueue<{ stream: number; name: string }>();
    for (let index = 0; index < 50; index += 1) queue.addFinal(1, final(1, `file ${index}`));
    take(queue, 10);
    queue.addFinal(2, final(2, "live"));
    expect(take(queue, 2)).toContain("live");
  });

  it("puts a stream's only final before interims and before a file that has more of them", () => {
    const queue = new JobQueue<{ stream: number; name: string }>();
    for (let index = 0; index < 9; index += 1) queue.addFinal(1, final(1, "file"));
    queue.addInterim(2, final(2, "interim"));
    const first: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      queue.addFinal(3, final(3, "pause"));
      first.push(...take(queue, 1));
    }
    expect(new Set(first)).toEqual(new Set(["pause"]));
    expect(new Set(take(queue, 3))).toEqual(new Set(["interim", "file"]));
  });

  it("takes turns between streams that always have work", () => {
    const queue = new JobQueue<{ stream: number; name: string }>();
    for (let index = 0; index < 9; index += 1) {
      for (const stream of [1, 2, 3]) queue.addFinal(stream, final(stream, String(stream)));
    }
    const served = take(queue, 18);
    expect(
      [1, 2, 3].map((stream) => served.filter((name) => name === String(stream)).length),
    ).toEqual([6, 6, 6]);
  });

  it("lets no stream save its share up while it is silent", () => {
    const queue = new JobQueue<{ stream: number; name: string }>();
    queue.addFinal(2, final(2, "b"));
    take(queue, 1);
    for (let index = 0; index < 100; index += 1) queue.addFinal(1, final(1, "a"));
    take(queue, 50);
    for (let index = 0; index < 50; index += 1) queue.addFinal(2, final(2, "b"));
    const served = take(queue, 20);
    expect(served.filter((name) => name === "a").length).toBeGreaterThanOrEqual(9);
  });

  it("keeps only the newest interim of a stream, behind its finals", () => {
    const queue = new JobQueue<{ stream: number; name: string }>();
    queue.addInterim(1, final(1, "old"));
    expect(queue.addInterim(1, final(1, "new"))?.name).toBe("old");
    queue.addFinal(1, final(1, "final"));
    expect([queue.size, ...take(queue, 3)]).toEqual([2, "final", "new", "nothing"]);
  });

  it("gives back what waited for a stream that is forgotten", () => {
    const queue = new JobQueue<{ stream: number; name: string }>();
    queue.addFinal(1, final(1, "one"));
    queue.addInterim(1, final(1, "two"));
    expect([queue.forget(1).map(({ name }) => name), queue.size]).toEqual([["one", "two"], 0]);
  });
});
