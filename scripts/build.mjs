// Compiles src/ to dist/ from nothing, so that no file of an older build is ever shipped. The command
// line is then bundled over its compiled files: an entry that answers `--version` and `--help` alone,
// and a chunk per command. Everything outside src/cli stays what tsc made of it.
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const started = Date.now();
rmSync(join(root, "dist"), { recursive: true, force: true });
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
await bundleCli();
chmodSync(join(root, "dist/cli/main.js"), 0o755);
if (!process.argv.includes("--quiet")) {
  process.stdout.write(`built dist/ in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

async function bundleCli() {
  const cli = join(root, "src", "cli");
  const out = join(root, "dist", "cli");
  rmSync(out, { recursive: true, force: true });
  const outside = {
    name: "outside-the-cli",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const target = resolve(resolveDir, path);
        if (target.startsWith(cli + sep)) return undefined;
        // All chunks lie in dist/cli/, so one relative path is right for each of them.
        const compiled = join(root, "dist", relative(join(root, "src"), target));
        const from = relative(out, compiled).replaceAll(sep, "/").replace(/\.ts$/u, ".js");
        return { path: from, external: true };
      });
    },
  };
  const shared = {
    outdir: out,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.20",
    packages: "external",
    legalComments: "none",
    logLevel: "warning",
  };
  // The entry by itself: one file is read fastest. What it loads later is the second build's.
  const runner = {
    name: "runner-is-built-apart",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/run\.ts$/ }, () => ({ path: "./run.js", external: true }));
    },
  };
  await build({ ...shared, entryPoints: [join(cli, "main.ts")], minify: true, plugins: [runner] });
  await build({
    ...shared,
    entryPoints: [join(cli, "run.ts")],
    splitting: true,
    chunkNames: "[name]-[hash]",
    plugins: [outside],
  });
}
