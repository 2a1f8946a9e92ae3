/** `everyword doctor`: every check, one line each, and what mends it. */
import { usesColor, write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { checkAudio, checkMicrophone, checkRuntime, checkSettings } from "./machine.ts";
import { checkService } from "./service.ts";
import type { Finding } from "./finding.ts";

export async function runDoctor(values: Values, io: Io): Promise<number> {
  const findings: Finding[] = [
    checkRuntime(io),
    ...(await checkSettings(io)),
    ...(await checkService(values, io)),
    await checkAudio(io),
    await checkMicrophone(io),
  ];
  const broken = findings.some((finding) => finding.state === "broken");
  const color = usesColor(io, io.stdout);
  const text = values.flag("json")
    ? `${JSON.stringify(findings, undefined, 2)}\n`
    : findings.map((finding) => findingLines(finding, color)).join("");
  await write(io.stdout, text);
  return broken ? 1 : 0;
}

const MARKS = { works: ["ok  ", 32], missing: ["--  ", 33], broken: ["FAIL", 31] } as const;

function findingLines({ what, state, detail, mend }: Finding, color: boolean): string {
  const [mark, paint] = MARKS[state];
  const shown = color ? `\u001B[${paint}m${mark}\u001B[0m` : mark;
  const line = `${shown} ${what.padEnd(18)} ${detail}\n`;
  return mend === undefined ? line : `${line}${" ".repeat(24)}-> ${mend}\n`;
}
