import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULT_CODES, faultEntry } from "../../../src/server/faults/catalog.ts";
import { Faults } from "../../../src/server/faults/faults.ts";
import { parseScenario } from "../../../src/server/faults/scenario.ts";
import { readScenarioFile } from "../../../src/server/faults/scenario-file.ts";
import { speakTones } from "../../../src/server/testing.ts";
import { dial, mergeById } from "../support/plain-client.ts";
import { ask, serverForEachTest } from "../support/running.ts";

const start = serverForEachTest();

test("the short form says the same as the JSON", () => {
  expect(
    parseScenario("seed=7, W50:seconds=4;first=2, W13:string, W22:off, A12, S18:languages=en+de"),
  ).toEqual({
    seed: 7,
    W50: { seconds: 4, first: 2 },
    W13: { variant: "string" },
    W22: false,
    A12: true,
    S18: { languages: "en+de" },
  });
});

test("what is wrong in a scenario is named with what would be right", () => {
  const wrong: [unknown, RegExp][] = [
    [[], /must be a JSON object/u],
    ["{nope", /not JSON/u],
    [{ W99: true }, /no behavior "W99"/u],
    [{ W13: "roman" }, /W13 has no variant "roman"; it has number, string, seg/u],
    [{ W32: "twice" }, /W32 has no variant "twice"; it has none/u],
    [{ W50: { minutes: 1 } }, /W50 has no setting "minutes"; it has .*seconds, bytes, messages/u],
    [{ W50: { seconds: -1 } }, /W50.seconds must be a number from 0 up, got -1/u],
    [{ W50: { seconds: "4" } }, /W50.seconds must be a number/u],
    [{ W50: 4 }, /W50 must be true, false, a variant or an object, got 4/u],
    [{ seed: 1.5 }, /seed must be an integer/u],
  ];
  for (const [scenario, message] of wrong) expect(() => parseScenario(scenario)).toThrow(message);
});

test("a scenario comes from a file, whose name is in every complaint", async () => {
  const directory = await mkdtemp(join(tmpdir(), "scenario-"));
  const [good, bad] = [join(directory, "good.json"), join(directory, "bad.json")];
  await writeFile(good, '{"seed": 3, "W13": "seg"}');
  await writeFile(bad, '{"W13": "roman"}');
  expect(await readScenarioFile(good)).toEqual({ seed: 3, W13: "seg" });
  await expect(readScenarioFile(bad)).rejects.toThrow(/bad\.json: W13/u);
  await expect(readScenarioFile(join(directory, "none"))).rejects.toThrow(/cannot be read/u);
  await rm(directory, { recursive: true });
});

function hits(seed: number): boolean[] {
  return Array.from({ length: 2000 }, (_unused, n) =>
    new Faults({ seed, A14: { probability: 0.14 } }, {}, n + 1).has("A14"),
  );
}

test("chances depend on the seed and the number alone, and come true as often as they should", () => {
  const [first, again, other] = [hits(1), hits(1), hits(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  const rate = first.filter(Boolean).length / first.length;
  expect(rate, "seed 1").toBeGreaterThan(0.12);
  expect(rate, "seed 1").toBeLessThan(0.16);
});

test("`first` and `after` pick requests by their number", () => {
  const scenario = { W57: { after: 1, first: 2 } };
  expect([1, 2, 3, 4].map((n) => new Faults(scenario, {}, n).has("W57"))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test("what §12 calls on is on, the rest is off", () => {
  const faults = new Faults({}, {}, 1);
  const on = FAULT_CODES.filter((code) => faults.has(code));
  expect(on).toEqual(FAULT_CODES.filter((code) => faultEntry(code).on));
  expect(on.join(" ")).toBe(
    "A1 A5 A6 A8 A18 S1 S2 S3 S4 S5 S7 S8 S9 S10 S11 S15 S17 S19 S20 S21 S22 W3 W5 W10 W12 W13 W15 W16 W19 W22 W23 W24 W30 W31 W36 W37 W38 W40 W54 B1 B2 B3 B4 B5 B6 B7 B10",
  );
});

async function idOn(url: string, options: object): Promise<unknown> {
  const stream = await dial(url, options);
  stream.sendAudio(speakTones("hi").samples);
  const [id] = mergeById(await stream.finish()).keys();
  return id;
}

test("a connection sets its own scenario by header or query, over the server's", async () => {
  const { url } = await start({ scenario: { W13: "string" } });
  expect([
    await idOn(url, {}),
    await idOn(url, { headers: { "x-everyword-scenario": "W13:seg" } }),
    await idOn(url, { query: `scenario=${encodeURIComponent('{"W13":"number"}')}` }),
  ]).toEqual(["0", "seg_0", 0]);
});

test("a wrong scenario in a header is a 400; with keys nobody but the server sets one", async () => {
  const open = await start();
  const closed = await start({ keys: ["k"] });
  const headers = { "x-everyword-scenario": "A12", authorization: "k" };
  const wrong = await ask(`${open.url}/v1/models`, {
    headers: { "x-everyword-scenario": "Z1" },
  });
  expect([wrong.status, wrong.text.includes("Z1")]).toEqual([400, true]);
  expect((await ask(`${open.url}/v1/models`, { headers })).status).toBe(503);
  expect((await ask(`${closed.url}/v1/models`, { headers })).status).toBe(200);
});
