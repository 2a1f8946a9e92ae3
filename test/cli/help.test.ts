import { describe, expect, it } from "vitest";
import { commandHelp } from "../../src/cli/help.ts";
import { generalHelp } from "../../src/cli/quick.ts";
import { COMMANDS } from "../../src/cli/registry.ts";
import { everyword } from "./built.ts";

/** What a person may copy is never cut, however narrow the window. */
function prose(help: string): string[] {
  const end = help.indexOf("\nExamples:");
  return help.slice(0, end < 0 ? undefined : end).split("\n");
}

const words = (text: string): string => text.replaceAll(/\s+/gu, " ");

describe("the help", () => {
  it.each(COMMANDS.map(({ name }) => name))("of %s fits 80 columns, examples too", async (name) => {
    const command = await COMMANDS.find((entry) => entry.name === name)?.load();
    if (command === undefined) throw new Error(name);
    const lines = commandHelp(command).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it.each(COMMANDS.map(({ name }) => name))("of %s reads well in 40 columns", async (name) => {
    const command = await COMMANDS.find((entry) => entry.name === name)?.load();
    if (command === undefined) throw new Error(name);
    const lines = prose(commandHelp(command, 40));
    expect(lines.filter((line) => line.length > 40)).toEqual([]);
    expect(words(lines.join("\n"))).toBe(words(prose(commandHelp(command, 80)).join("\n")));
  });

  it("of the program fits 80 columns and names every command", () => {
    const lines = generalHelp().split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(COMMANDS.filter(({ name }) => !generalHelp().includes(`  ${name} `))).toEqual([]);
  });

  it("is the same by all its names", async () => {
    const asked = [
      ["live", "--help"],
      ["live", "-h"],
      ["help", "live"],
      ["live", "x", "--help"],
    ];
    const texts = await Promise.all(asked.map(async (args) => (await everyword(args)).stdout));
    expect(new Set(texts).size).toBe(1);
  });
});
