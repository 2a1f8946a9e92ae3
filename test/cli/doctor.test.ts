import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkRuntime } from "../../src/cli/doctor/machine.ts";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import type { Io } from "../../src/cli/io.ts";
import { catalogFiles } from "../../src/server/engine/catalog.ts";
import { everyword, temporaryFolder } from "./built.ts";

interface Examined {
  readonly code: number | null;
  readonly stderr: string;
  readonly find: (what: string) => Finding | undefined;
}

/** What the doctor says to programs, in a working directory of its own. */
async function doctor(
  args: readonly string[],
  options: { env?: Record<string, string>; settings?: string } = {},
): Promise<Examined> {
  const cwd = temporaryFolder();
  if (options.settings !== undefined) {
    writeFileSync(join(cwd, "everyword.config.json"), options.settings);
  }
  const { env = {} } = options;
  const { code, stdout, stderr } = await everyword(["doctor", "--json", ...args], { env, cwd });
  const findings = JSON.parse(stdout) as Finding[];
  return { code, stderr, find: (what) => findings.find((finding) => finding.what === what) };
}

/** Files of the right size with nothing in them: what a full disk or a bad copy leaves. */
function damagedModels(): string {
  const folder = temporaryFolder();
  for (const { name, bytes } of catalogFiles("base")) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), "");
    truncateSync(join(folder, name), bytes);
  }
  return folder;
}

describe("everyword doctor", () => {
  let web: Server;
  let status = 200;
  let base = "";
  const paths: (string | undefined)[] = [];
  beforeAll(async () => {
    web = createServer(({ url }, response) => {
      paths.push(url);
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => {
      web.listen(0, "127.0.0.1", resolve);
    });
    base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  });
  afterAll(() => web.close());

  it.each([
    [200, "works", 0],
    // A server of somebody else that knows no such path.
    [404, "works", 0],
    [503, "broken", 1],
  ])("asks a server whether it is ready: %d is %s, exit code %d", async (answer, state, code) => {
    status = answer;
    const seen = await doctor(["--server", base]);
    expect(seen).toMatchObject({ code, stderr: "" });
    expect(seen.find("service")).toMatchObject({ state });
    expect(paths.at(-1)).toBe("/readyz");
  });

  it("says that a server cannot be reached, and how to start one", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => {
      gone.listen(0, "127.0.0.1", resolve);
    });
    const host = `127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await new Promise((resolve) => {
      gone.close(resolve);
    });
    const seen = await doctor(["--server", `http://${host}`]);
    expect(seen.code).toBe(1);
    expect(seen.find("service")).toMatchObject({
      state: "broken",
      detail: `${host} cannot be reached (connect ECONNREFUSED ${host})`,
      mend: "start it: everyword serve",
    });
  });

  it("says that a server's address is none, in the words of every command", async () => {
    const seen = await doctor(["--server", "nonsense"]);
    expect([seen.code, seen.find("service")]).toEqual([
      1,
      { what: "service", state: "broken", detail: expect.stringContaining("not a URL") },
    ]);
  });

  it("names the hosted service where a key is, without the key and without asking", async () => {
    const key = join(temporaryFolder(), "key");
    writeFileSync(key, "fw_SECRET\n", { mode: 0o600 });
    const { code, stdout } = await everyword(["doctor", "--api-key-file", key]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ok +service +a key is there for .*not asked/u);
    expect(stdout).toContain("everyword login --remove");
    expect(stdout).not.toContain("SECRET");
  });

  it("says how weights that are not there are fetched, which is no failure", async () => {
    const seen = await doctor(["--model-dir", temporaryFolder()]);
    expect(seen.code).toBe(0);
    expect(seen.find("weights: base")).toMatchObject({
      state: "missing",
      mend: "everyword models pull base",
    });
  });

  it("fails for damaged weights where they are needed, and only there", async () => {
    const folder = damagedModels();
    const local = await doctor(["--model-dir", folder]);
    const other = await doctor(["--model-dir", folder, "--local-model", "tiny"]);
    expect([local.code, other.code]).toEqual([1, 0]);
    expect(local.find("weights: base")).toMatchObject({
      state: "broken",
      detail: expect.stringContaining(`damaged in ${folder}`),
      mend: expect.stringMatching(/^delete .*, then everyword models pull base$/u),
    });
    expect(other.find("weights: base")).toMatchObject({ state: "missing" });
  });

  it("finds other decoders and no recorder where no program can be run", async () => {
    const seen = await doctor([], { env: { PATH: temporaryFolder(), FFMPEG_PATH: "" } });
    expect(seen.find("compressed audio")).toMatchObject({
      state: "works",
      detail: "@ffmpeg/core (WebAssembly)",
    });
    expect(seen.find("microphone")).toMatchObject({
      state: "missing",
      detail: expect.stringContaining("install a recorder"),
    });
    expect(seen.code).toBe(0);
  });

  it.each([
    ["{", "broken", /is no JSON/u, 1],
    ['{"server": "http://x"}', "broken", /"server" in .* is refused/u, 1],
    ['{"transcribe": {"langauge": "de"}}', "broken", /did you mean "language"/u, 1],
    ['{"langauge": "de"}', "missing", /did you mean "language"/u, 0],
    ['{"language": "de"}', "works", /everyword\.config\.json/u, 0],
  ])("reads the settings %s as every command would: %s", async (settings, state, says, code) => {
    const seen = await doctor([], { settings, env: { HOME: temporaryFolder() } });
    expect(seen.find("settings")).toMatchObject({ state, detail: expect.stringMatching(says) });
    expect(seen.code).toBe(code);
  });

  it("says that there are no settings, and where they would be", async () => {
    const seen = await doctor([], { env: { HOME: "/nonexistent", XDG_CONFIG_HOME: "" } });
    expect(seen.find("settings")).toEqual({
      what: "settings",
      state: "works",
      detail: "none; looked for in /nonexistent/.config/everyword/config.json",
    });
  });

  it.each([
    ["v20.19.9", "broken"],
    ["v20.20.0", "works"],
    ["v24.0.0", "works"],
    ["v18.20.0", "broken"],
  ])("holds Node %s for %s", (nodeVersion, state) => {
    const found = checkRuntime({ nodeVersion, platform: "linux" } as Io);
    expect([found.state, found.mend]).toEqual([
      state,
      state === "works" ? undefined : "install Node 20.20 or later",
    ]);
  });
});
