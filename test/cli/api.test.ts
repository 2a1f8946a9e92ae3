import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../scripts/make-api.mjs", import.meta.url));
const dist = (path: string): string =>
  join(fileURLToPath(new URL("../../dist", import.meta.url)), path);

function missing(...entries: string[]): string[] {
  const flags = entries.flatMap((entry) => ["--entry", entry]);
  const run = spawnSync(process.execPath, [script, ...flags], { encoding: "utf8" });
  const lines = run.stdout.split("\n").filter(Boolean);
  expect([run.status, run.stderr]).toEqual([lines.length === 0 ? 0 : 1, ""]);
  return lines;
}

describe("the reference of the library", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "everyword-api-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return `kit=${join(folder, name)}`;
  };

  it("finds a docstring at every export of the package and at every member", () => {
    expect(
      missing(
        `everyword=${dist("index.d.ts")}`,
        `everyword/captions=${dist("captions/index.d.ts")}`,
        `everyword/testing=${dist("server/testing.d.ts")}`,
      ),
    ).toEqual([]);
  });

  it("has what every program needs on its main page, and no link that leads nowhere", () => {
    const reference = fileURLToPath(new URL("../../docs/api", import.meta.url));
    const pages = new Map(
      readdirSync(reference).map((name) => [name, readFileSync(join(reference, name), "utf8")]),
    );
    const headings = [...pages].flatMap(([name, text]) => {
      const counts = new Map<string, number>();
      return [...text.matchAll(/^## (\w+)$/gmu)].map(([, title = ""]) => {
        const anchor = title.toLowerCase();
        const earlier = counts.get(anchor) ?? 0;
        counts.set(anchor, earlier + 1);
        return `${name}#${anchor}${earlier === 0 ? "" : `-${earlier}`}`;
      });
    });
    const links = [...pages].flatMap(([name, text]) =>
      [...text.matchAll(/\]\(([\w.]*)#([\w-]+)\)/gu)].map(
        ([, page, anchor]) => `${page === "" ? name : page}#${anchor}`,
      ),
    );
    expect(links.filter((link) => !headings.includes(link))).toEqual([]);
    const shared = ["sessionoptions", "channeloptions", "sessionevent", "everyworderror"];
    const main = shared.map((anchor) => `everyword.md#${anchor}`);
    expect(headings).toEqual(expect.arrayContaining(main));
    expect(links.filter((link) => main.includes(link)).length).toBeGreaterThan(main.length);
  });

  it("names an export, and a member, that has none", () => {
    const entry = file(
      "bare.d.ts",
      `/** What a call takes. */
      export interface Options { a?: number; /** Said. */ b: string; run(): void }
      export declare function call(options: Options): void;
      // Not a docstring.
      export declare const LIMIT: number;`,
    );
    expect(missing(entry)).toEqual([
      "no docstring: kit Options.a",
      "no docstring: kit Options.run",
      "no docstring: kit call",
      "no docstring: kit LIMIT",
    ]);
  });

  it("follows an export to the file that declares it, under any name", () => {
    file("deep.d.ts", "export interface Inner { a: number }");
    file("middle.d.ts", `import type { Inner } from "./deep.ts"; export type { Inner };`);
    const entry = file("entry.d.ts", `export type { Inner as Outer } from "./middle.ts";`);
    expect(missing(entry)).toEqual(["no docstring: kit Outer", "no docstring: kit Outer.a"]);
  });

  it("asks the same of a type that an export only mentions", () => {
    file("part.d.ts", "export interface Part { a: number }");
    const entry = file(
      "whole.d.ts",
      `import type { Part } from "./part.ts";
      /** All of it. */
      export type Whole = readonly Part[];`,
    );
    expect(missing(entry)).toEqual(["no docstring: kit Part", "no docstring: kit Part.a"]);
  });

  it("lets a constructor and a literal member speak for themselves, and private ones be", () => {
    const entry = file(
      "class.d.ts",
      `/** Holds. */
      export declare class Holder { #a; private b; constructor(size: number); readonly type: "x"; c(): void }`,
    );
    expect(missing(entry)).toEqual(["no docstring: kit Holder.c"]);
  });
});
