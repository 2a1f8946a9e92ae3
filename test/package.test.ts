/** What `npm pack` makes of a fresh clone. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const IN_A_CLONE = ["src", "scripts", "package.json", "tsconfig.json", "tsconfig.build.json"];
let clone: string;

beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), "everyword-clone-"));
  for (const name of IN_A_CLONE) {
    await cp(join(root, name), join(clone, name), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(clone, "node_modules"));
});
afterAll(() => rm(clone, { recursive: true }));

it("packs the program, which nobody had built before", { timeout: 180_000 }, async () => {
  const pack = ["pack", "--dry-run", "--json"];
  const { stdout } = await promisify(execFile)("npm", pack, { cwd: clone });
  const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["dist/cli/main.js", "dist/index.d.ts"]));
});
