import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TempDir } from "../../../src/server/files/temp-dir.ts";

test("what a killed server left of its uploads is removed by the next one in the same place", async () => {
  const parent = await mkdtemp(join(tmpdir(), "everyword-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const left = join(parent, "everyword-upload-killed");
  await mkdir(join(left, "content"), { recursive: true });
  await writeFile(join(left, "content", "part"), "half an upload");
  await writeFile(join(left, "owner"), `${hostname()}|another boot|1|1|0`);
  const temp = new TempDir(parent);
  const mine = await temp.open();
  const names = await readdir(parent);
  await temp.remove();
  expect([names.map((name) => join(parent, name, "content")), await readdir(parent)]).toEqual([
    [mine],
    [],
  ]);
});
