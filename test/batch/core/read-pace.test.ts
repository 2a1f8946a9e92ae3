import { expect, test } from "vitest";
import { ReadPace } from "../../../src/batch/core/read-pace.ts";

test("nothing is read on the spot until a read elsewhere was quick", () => {
  const pace = new ReadPace();
  const first = pace.mayBlock;
  pace.handleReadElsewhere(4.1);
  const afterSlow = pace.mayBlock;
  pace.handleReadElsewhere(4);
  expect([first, afterSlow, pace.mayBlock]).toEqual([false, false, true]);
});

test("a quick read elsewhere earns 64 MB on the spot, no more", () => {
  const pace = new ReadPace();
  pace.handleReadElsewhere(0.3);
  let bytes = 0;
  for (; pace.mayBlock && bytes < 1e9; bytes += 65_536) pace.handleReadHere(65_536, 0.01);
  expect(bytes).toBe(67_108_864);
});

test("a slow read on the spot is the last one until a read elsewhere was quick again", () => {
  const pace = new ReadPace();
  pace.handleReadElsewhere(0.3);
  pace.handleReadHere(65_536, 20);
  const stopped = pace.mayBlock;
  pace.handleReadElsewhere(0.3);
  expect([stopped, pace.mayBlock]).toEqual([false, true]);
});

test("a read elsewhere is a trial as long as the last read was quick, wherever it was made", () => {
  const pace = new ReadPace();
  const first = pace.isTrial;
  pace.handleReadElsewhere(20);
  const afterSlow = pace.isTrial;
  pace.handleReadElsewhere(0.3);
  const afterQuick = pace.isTrial;
  pace.handleReadHere(65_536, 20);
  expect([first, afterSlow, afterQuick, pace.isTrial]).toEqual([true, false, true, false]);
});
