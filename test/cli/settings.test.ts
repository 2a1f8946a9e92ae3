import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Command } from "../../src/cli/command.ts";
import type { Io } from "../../src/cli/io.ts";
import { parseOptions } from "../../src/cli/parse.ts";
import { withSettings } from "../../src/cli/settings.ts";
import { everyword, temporaryFolder } from "./built.ts";

const command: Command = {
  name: "transcribe",
  positionals: "",
  about: "",
  examples: [],
  options: [
    { name: "language", value: "CODE", group: "", help: "" },
    { name: "server", value: "URL", group: "", help: "" },
    { name: "quiet", group: "", help: "" },
    {
      name: "output-format",
      value: "F",
      group: "",
      help: "",
      split: true,
      choices: ["srt", "vtt"],
    },
  ],
  run: async () => 0,
};

interface Layers {
  readonly argv?: string[];
  readonly env?: Record<string, string>;
  readonly project?: unknown;
  readonly user?: unknown;
}

async function settle({ argv = [], env = {}, project, user }: Layers) {
  const homeDir = temporaryFolder();
  const root = temporaryFolder();
  const cwd = join(root, "deep", "er");
  mkdirSync(cwd, { recursive: true });
  if (project !== undefined) {
    writeFileSync(join(root, "everyword.config.json"), JSON.stringify(project));
  }
  if (user !== undefined) {
    mkdirSync(join(homeDir, ".config", "everyword"), { recursive: true });
    writeFileSync(join(homeDir, ".config", "everyword", "config.json"), JSON.stringify(user));
  }
  const io: Io = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env,
    homeDir,
    cwd,
    platform: "linux",
    nodeVersion: "v20.20.0",
    stop: new AbortController().signal,
    abort: new AbortController().signal,
  };
  return withSettings(parseOptions(argv, command.options).values, command, io);
}

const user = { language: "de" };
const project = { language: "fr" };
const env = { EVERYWORD_LANGUAGE: "es" };

describe("settings", () => {
  it.each([
    ["nothing", {}, undefined],
    ["the user's file", { user }, "de"],
    ["the project's over the user's", { user, project }, "fr"],
    ["the environment over both", { user, project, env }, "es"],
    ["a flag over all", { user, project, env, argv: ["--language", "it"] }, "it"],
    [
      "a command's own section over the general one",
      { user: { ...user, transcribe: { language: "nl" } } },
      "nl",
    ],
    ["an empty variable as none", { user, env: { EVERYWORD_LANGUAGE: "" } }, "de"],
  ])("take %s", async (_name, layers, expected) => {
    expect((await settle(layers)).text("language")).toBe(expected);
  });

  it("hold lists, flags and other commands' keys", async () => {
    const values = await settle({
      user: { "output-format": ["srt", "vtt"], quiet: true, serve: { port: 1 }, pace: "max" },
    });
    expect([values.list("output-format"), values.flag("quiet")]).toEqual([["srt", "vtt"], true]);
  });

  it("let --no-quiet win over a file", async () => {
    expect((await settle({ user: { quiet: true }, argv: ["--no-quiet"] })).flag("quiet")).toBe(
      false,
    );
  });

  it.each([
    [
      "where audio goes in a project",
      { project: { server: "http://x" } },
      /"server" in .* is refused/u,
    ],
    [
      "an unknown key of a command",
      { user: { transcribe: { langauge: "de" } } },
      /did you mean "language"/u,
    ],
    ["a value that is no choice", { user: { "output-format": "doc" } }, /must be one of srt, vtt/u],
    [
      "a flag that is neither",
      { env: { EVERYWORD_QUIET: "maybe" } },
      /EVERYWORD_QUIET must be true or false/u,
    ],
    [
      "an object where a text belongs",
      { user: { transcribe: { language: {} } } },
      /must be a text/u,
    ],
    ["a file that is no object", { user: [1] }, /must hold a JSON object/u],
  ])("refuse %s", async (_name, layers: Layers, message) => {
    await expect(settle(layers)).rejects.toThrow(message);
  });

  it("let the user say where audio goes", async () => {
    expect((await settle({ user: { server: "http://x" } })).text("server")).toBe("http://x");
  });

  it("name a key at the top, or a section, that no command has, and go on without it", async () => {
    const cwd = temporaryFolder();
    const file = join(cwd, "everyword.config.json");
    const good = { $schema: "x", pace: "max", output_format: "srt", serve: { port: 1 } };
    writeFileSync(
      file,
      JSON.stringify({ ...good, langauge: "de", zzzzzz: 1, trancribe: { quiet: true } }),
    );
    const ran = await everyword(["languages"], { cwd });
    expect(ran).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("English"),
      stderr: [
        `everyword: "langauge" in ${file} is an option of no command; did you mean "language"?`,
        `everyword: "zzzzzz" in ${file} is an option of no command; it has no effect`,
        `everyword: "trancribe" in ${file} is a section of no command; did you mean "transcribe"?`,
        "",
      ].join("\n"),
    });
  });
});
