import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { WaitingLine, waitingLine } from "../../src/cli/batch/waiting-line.ts";
import { Values } from "../../src/cli/parse.ts";
import { showsProgress } from "../../src/cli/progress-line.ts";
import type { Io } from "../../src/cli/io.ts";
import { Terminal } from "./terminal.ts";

it("says how many are done, failed and processing, and for how long", () => {
  expect([
    waitingLine({ total: 24, done: 2, failed: 0 }, 65),
    waitingLine({ total: 24, done: 2, failed: 1 }, 0),
  ]).toEqual(["2 of 24 done, 22 processing  1:05", "2 of 24 done, 1 failed, 21 processing  0:00"]);
});

it("is one line that is drawn over, and leaves nothing behind", () => {
  const stderr = new PassThrough();
  const terminal = new Terminal(80);
  let done = 0;
  const line = new WaitingLine(
    stderr,
    true,
    () => ({ total: 2, done, failed: 0 }),
    () => 0,
  );
  const seen: string[][] = [];
  const look = () => {
    terminal.write(String(stderr.read() ?? ""));
    seen.push(terminal.rows());
  };
  look();
  done = 1;
  line.draw();
  look();
  line.close();
  look();
  expect(seen).toEqual([
    ["0 of 2 done, 2 processing  0:00"],
    ["1 of 2 done, 1 processing  0:00"],
    [""],
  ]);
});

it("fits a terminal that does not say how wide it is", () => {
  const stderr = Object.assign(new PassThrough(), { columns: 0 });
  const line = new WaitingLine(
    stderr,
    true,
    () => ({ total: 2, done: 0, failed: 0 }),
    () => 0,
  );
  line.close();
  expect(String(stderr.read())).toContain("2 processing  0:00");
});

it("draws nothing where it is not to be shown", () => {
  const stderr = new PassThrough();
  const line = new WaitingLine(stderr, false, () => ({ total: 2, done: 0, failed: 0 }));
  line.draw();
  line.close();
  expect(stderr.read()).toBe(null);
});

it.each([
  [true, {}, {}, true],
  [true, { progress: "false" }, {}, false],
  [true, { quiet: "true" }, {}, false],
  [true, {}, { CI: "1" }, false],
  [true, {}, { TERM: "dumb" }, false],
  [false, {}, {}, false],
])("on a terminal: %s, options %j, environment %j: shown is %s", (isTTY, given, env, shown) => {
  const values = new Values(new Map(Object.entries(given).map(([name, text]) => [name, [text]])));
  expect(showsProgress(values, { stderr: { isTTY }, env } as unknown as Io)).toBe(shown);
});
