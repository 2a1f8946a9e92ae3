import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAULT_CODES, faultEntry } from "../../src/server/faults/catalog.ts";
import { DEFAULT_LIMITS } from "../../src/server/options.ts";

const text = readFileSync(new URL("../../docs/server.md", import.meta.url), "utf8");
const rows = text.split("\n").filter((line) => line.startsWith("| "));

function cells(first: string): string[] {
  const row = rows.find((line) => line.split("|")[1]?.trim() === first) ?? "";
  return row.split("|").map((cell) => cell.trim());
}

test("the manual lists every behavior with its default, variants and settings", () => {
  const wrong = FAULT_CODES.filter((code) => {
    const { about, on, variants = [], settings = {} } = faultEntry(code);
    const [, , behavior, mode, named, set] = cells(code);
    return (
      behavior !== about ||
      mode !== (on ? "on" : "off") ||
      named !== variants.map((variant) => `\`${variant}\``).join(", ") ||
      Object.keys(settings).some((key) => set?.includes(`\`${key}\``) !== true)
    );
  });
  expect(wrong).toEqual([]);
});

test("the manual lists every limit", () => {
  const missing = Object.keys(DEFAULT_LIMITS).filter((name) => cells(`\`${name}\``).length < 4);
  expect(missing).toEqual([]);
});
