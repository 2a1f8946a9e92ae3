import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { serverService } from "../../src/service.ts";
import { openSession } from "../../src/stream/session.ts";
import { createSpillFile } from "../../src/stream/spill-file.ts";
import { MemoryNetwork } from "./memory-socket.ts";

const service = serverService("http://127.0.0.1:1");
const { openSocket } = new MemoryNetwork([{ dial: "opens", dialMs: 1, answers: "all" }]);

it.each([
  [new Int16Array(800), "Int16Array"],
  [new ArrayBuffer(1600), "ArrayBuffer"],
  [new DataView(new ArrayBuffer(1600)), "DataView"],
  ["audio", "string"],
  [undefined, "undefined"],
  [null, "null"],
])("a write of anything but bytes is refused at once: %o", async (audio, kind) => {
  const session = openSession({ service, openSocket });
  const write = (): unknown => session.write(audio as unknown as Uint8Array);
  expect(write).toThrow(
    `Cannot write: pcm must be a Uint8Array of the bytes of 16-bit samples, got ${kind}`,
  );
  await session.write(Buffer.alloc(1600));
  expect((await session.finish()).audioSeconds).toBe(0.05);
});

it("a spill that another session has, or had, is refused", async () => {
  const spill = createSpillFile(join(mkdtempSync(join(tmpdir(), "everyword-")), "talk.spill"));
  const session = openSession({ service, openSocket, spill });
  const again = (): unknown => openSession({ service, openSocket, spill });
  expect(again).toThrow(/^Cannot open a session: spill must be one that no session had before/u);
  await session.finish();
  expect(again).toThrow(TypeError);
});
