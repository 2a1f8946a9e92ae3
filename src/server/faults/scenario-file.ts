/** Scenarios in files: JSON, as `scenario.ts` describes it. */
import { readFile } from "node:fs/promises";
import { EverywordError, messageOf } from "../../errors.ts";
import { parseScenario, type Scenario } from "./scenario.ts";

/** @throws EverywordError `usage` that names the file and what is wrong in it. */
export async function readScenarioFile(path: string): Promise<Scenario> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const why = `The scenario file ${path} cannot be read (${messageOf(cause)}); name another.`;
    throw new EverywordError("usage", why, { cause });
  });
  try {
    return parseScenario(text.trimStart().startsWith("{") ? text : `{${text}`);
  } catch (cause) {
    throw new EverywordError("usage", `${path}: ${messageOf(cause)}`, { cause });
  }
}
