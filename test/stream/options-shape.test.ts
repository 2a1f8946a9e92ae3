import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";
import { expect, it } from "vitest";
import { serverService } from "../../src/service.ts";
import { planSession, type SessionOptions } from "../../src/stream/options.ts";

setFlagsFromString("--allow-natives-syntax");
const hasSameShape = runInThisContext("(a, b) => %HaveSameMap(a, b)") as (
  a: object,
  b: object,
) => boolean;

function countShapes(objects: readonly object[]): number {
  const shapes: object[] = [];
  for (const object of objects) {
    if (!shapes.some((shape) => hasSameShape(shape, object))) shapes.push(object);
  }
  return shapes.length;
}

// With a shape for each of a thousand sessions every look at an option misses V8's caches.
it("gives the options of all sessions one shape in memory, whatever is asked", () => {
  const service = serverService("http://127.0.0.1:1");
  const asked: Partial<SessionOptions>[] = [
    {},
    { pace: "max", chunkMs: 100 },
    { replaySeconds: 30, traceSeconds: 0.5, rotateAfterSeconds: 60 },
    { whenFull: "drop", stallMs: 7500, retry: { attempts: 3 } },
  ];
  const plans = Array.from({ length: 100 }, (_, index) => {
    return planSession({ service, ...asked[index % asked.length] });
  });
  expect(countShapes([{ a: 1 }, { a: 2 }, { b: 1 }])).toBe(2);
  expect(countShapes(plans.map((plan) => plan.machine))).toBe(1);
});
