// Writes docs/api/ from the docstrings of everything the package exports, and fails when one lacks.
// With --check nothing is written; it also fails when a page is not what it would write.
// Needs dist/ (node scripts/build.mjs). With `--entry NAME=FILE.d.ts` it only looks for missing
// docstrings there.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "oxfmt";
import { apiPage, pageFile } from "./api-pages.mjs";
import { missingDocs, readApi } from "./api-reference.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const check = process.argv.includes("--check");
const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const given = process.argv.flatMap((argument, at, all) => {
  if (all[at - 1] !== "--entry") return [];
  const [entry, path] = argument.split("=");
  return [{ name: entry, path: resolve(path) }];
});
const entries = Object.entries(exports)
  .filter(([, target]) => target.types !== undefined)
  .map(([key, { types }]) => ({ name: join(name, key), path: join(root, types) }));

const symbols = readApi(given.length > 0 ? given : entries);
const missing = missingDocs(symbols);
for (const what of missing) process.stdout.write(`no docstring: ${what}\n`);
const stale = given.length > 0 ? [] : await writePages();
process.exitCode = missing.length > 0 || (check && stale.length > 0) ? 1 : 0;

async function writePages() {
  const old = [];
  mkdirSync(join(root, "docs/api"), { recursive: true });
  for (const { name: entry, path } of entries) {
    const about = entryAbout(readFileSync(path, "utf8"));
    const page = `docs/api/${pageFile(entry)}`;
    const { code } = await format(page, apiPage(entry, about, symbols), { printWidth: 100 });
    if (code === readOr(join(root, page))) continue;
    old.push(page);
    if (check) process.stdout.write(`${page} is not current: node scripts/make-api.mjs\n`);
    else writeFileSync(join(root, page), code);
  }
  return old;
}

/** What an entry says of itself, before its first line of code. */
function entryAbout(text) {
  const [, about = ""] = /^\/\*\*([\s\S]*?)\*\//u.exec(text) ?? [];
  return about.replaceAll(/^\s*\* ?/gmu, "").trim();
}

function readOr(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
