/** Each code of PROTOCOL §12 and each of its variants -> the test that sees it on the wire. */
import { expect, test } from "vitest";
import { FAULT_CODES, faultEntry } from "../../../src/server/faults/catalog.ts";
import { serverForEachTest } from "../support/running.ts";
import { BATCH_CASES } from "./cases/batch.ts";
import type { Cases } from "./cases/case.ts";
import { CONTROL_CASES } from "./cases/control.ts";
import { GATEWAY_CASES } from "./cases/gateway.ts";
import { LIFETIME_CASES } from "./cases/lifetime.ts";
import { STREAM_CASES } from "./cases/stream.ts";
import { SYNC_CASES } from "./cases/sync.ts";

const start = serverForEachTest();
const CASES: Cases = {
  ...GATEWAY_CASES,
  ...SYNC_CASES,
  ...STREAM_CASES,
  ...CONTROL_CASES,
  ...LIFETIME_CASES,
  ...BATCH_CASES,
};

for (const code of FAULT_CODES) {
  for (const [variant, { sees, look, expected }] of Object.entries(CASES[code] ?? {})) {
    test(`${code} ${variant}: ${sees}`, async () => {
      expect(await look(start)).toEqual(expected);
    });
  }
}

test("every code and every variant has its case", () => {
  const missing = FAULT_CODES.flatMap((code) =>
    (faultEntry(code).variants ?? ["on"])
      .filter((variant) => CASES[code]?.[variant] === undefined)
      .map((variant) => `${code} ${variant}`),
  );
  expect(missing).toEqual([]);
});
