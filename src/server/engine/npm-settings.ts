import { createRequire } from "node:module";
import { dirname } from "node:path";

/** What of npm's settings reaches `pacote`: registry, proxy, certificates, cache, credentials. */
export type NpmSettings = Readonly<Record<string, unknown>>;

interface NpmConfig {
  load(): Promise<unknown>;
  readonly flat: NpmSettings;
}

interface NpmConfigConstructor {
  new (options: Readonly<Record<string, unknown>>): NpmConfig;
}

interface NpmDefinitions {
  readonly definitions: unknown;
  readonly shorthands: unknown;
  readonly flatten: unknown;
}

/**
 * Reads the settings as npm itself would (environment, `.npmrc` of the project, the user and the
 * machine), so that a model comes from wherever the user's packages come from.
 */
export async function readNpmSettings(cwd: string = process.cwd()): Promise<NpmSettings> {
  const require = createRequire(import.meta.url);
  const Config = require("@npmcli/config") as NpmConfigConstructor;
  const definitions = require("@npmcli/config/lib/definitions") as NpmDefinitions;
  const config = new Config({
    ...definitions,
    npmPath: dirname(require.resolve("@npmcli/config")),
    argv: [process.execPath, "npm"],
    execPath: process.execPath,
    cwd,
    env: { ...process.env },
    warn: false,
  });
  await config.load();
  return config.flat;
}
