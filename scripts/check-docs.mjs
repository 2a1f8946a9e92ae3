// Type-checks every ```ts block of README.md and docs/ against the package as its users import it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = join(root, ".tmp", "docs");
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => join("docs", name))];
let blocks = 0;
for (const page of pages.filter((name) => name.endsWith(".md"))) {
  const text = readFileSync(join(root, page), "utf8");
  for (const [, code] of text.matchAll(/^```ts\n([\s\S]*?)^```$/gmu)) {
    blocks++;
    const name = `${page.replaceAll(/[^a-z]/giu, "-")}-${blocks}.ts`;
    // A block is a module of its own, whatever it exports.
    writeFileSync(join(work, name), `// ${page}\n${code}\nexport {};\n`);
  }
}
writeFileSync(
  join(work, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ["*.ts"],
  }),
);
// The package imports itself by name through its own "exports", so dist/ must be there.
const tsc = spawnSync("npx", ["--no-install", "tsc", "--noEmit", "-p", work], {
  cwd: root,
  stdio: "inherit",
});
process.stdout.write(`${blocks} code blocks checked\n`);
process.exitCode = blocks === 0 ? 1 : (tsc.status ?? 1);
