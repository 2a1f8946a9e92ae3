// Type-checks every ```ts block of README.md and docs/ against the package as its users import it.
// The examples of docs/api are docstrings': short, so what they take for granted is put before them.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readApi } from "./api-reference.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = join(root, ".tmp", "docs");
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

/** What an example may use that it does not make. */
const GIVEN = {
  chunk: "Uint8Array",
  createReadStream: 'typeof import("node:fs").createReadStream',
  event: 'Parameters<import("everyword/captions").Stabilizer["push"]>[1]',
  key: "string",
  now: "() => number",
  paths: "string[]",
  screen: "{ show(commit: string, tail: string): void }",
  server: 'import("everyword/testing").RunningServer',
  service: 'import("everyword").Service',
  session: 'import("everyword").Session',
  speech: 'import("everyword/testing").ToneSpeech',
  transcript: 'import("everyword").Transcript',
  url: "string",
};

const { name: packageName, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const symbols = readApi(
  Object.entries(exports)
    .filter(([, target]) => target.types !== undefined)
    .map(([key, { types }]) => ({ name: join(packageName, key), path: join(root, types) })),
);

/** Declarations and imports of the names that an example of an entry uses and does not make. */
function before(code, page) {
  const isFree = (name) =>
    new RegExp(String.raw`(?<![.\w])${name}\b`, "u").test(code) &&
    !new RegExp(String.raw`\b(?:const|let) (?:\{[^}]*)?\b${name}\b`, "u").test(code);
  const given = Object.entries(GIVEN).filter(([name]) => isFree(name));
  const home = page.replace(/^docs.api./u, "").replace(/\.md$/u, "");
  const imported = symbols.filter(({ name, entries }) => entries.length > 0 && isFree(name));
  return [
    ...given.map(([name, type]) => `declare const ${name}: ${type};`),
    ...new Map(
      imported.map(({ name, entries }) => {
        const entry = entries.find((one) => one.endsWith(home)) ?? entries[0];
        return [name, `import { ${name} } from "${entry}";`];
      }),
    ).values(),
  ].join(" ");
}

const pages = [
  "README.md",
  ...["docs", "docs/api"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  ),
];
let blocks = 0;
for (const page of pages.filter((name) => name.endsWith(".md"))) {
  const text = readFileSync(join(root, page), "utf8");
  for (const [, code] of text.matchAll(/^```ts\n([\s\S]*?)^```$/gmu)) {
    blocks++;
    const name = `${page.replaceAll(/[^a-z]/giu, "-")}-${blocks}.ts`;
    // A block is a module of its own, whatever it exports.
    const given = dirname(page) === join("docs", "api") ? before(code, page) : "";
    writeFileSync(join(work, name), `// ${page}\n${given}\n${code}\nexport {};\n`);
  }
}
writeFileSync(
  join(work, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: {
      // As TypeScript has it by default: the types of browsers are there, beside Node's.
      lib: ["ES2023", "DOM"],
      noUnusedLocals: false,
      noUnusedParameters: false,
      verbatimModuleSyntax: false,
    },
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
