/** The table at the end of a run. Pure: text out. */
import { formatClock } from "../clock-time.ts";
import { printable } from "../printable.ts";
import type { FileReport, RunReport } from "./report.ts";

const MARKS: Readonly<Record<FileReport["result"], string>> = {
  done: "done",
  skipped: "skipped",
  failed: "FAILED",
  submitted: "submitted",
  "not begun": "not begun",
};

/** Failures are always listed; of the rest at most so many. */
const MAX_ROWS = 40;

/** @param columns of the terminal; `undefined` where lines may be long. */
export function summaryTable(
  report: RunReport,
  columns: number | undefined,
  color: boolean,
): string {
  const { files } = report;
  const shown = files.length <= MAX_ROWS ? files : files.filter((file) => file.result === "failed");
  const names = shown.map((file) => printable(file.input));
  const width = Math.min(
    Math.max(4, ...names.map((name) => name.length)),
    Math.floor((columns ?? 120) / 2),
  );
  const lines = shown.map((file, i) => {
    const name = fitStart(names[i] ?? "", width).padEnd(width);
    const row = `  ${name}  ${MARKS[file.result].padEnd(9)}  ${details(file)}`.trimEnd();
    const room = columns ?? Number.POSITIVE_INFINITY;
    const fit = row.length < room ? row : `${row.slice(0, Math.max(0, room - 2))}…`;
    return color && file.result === "failed" ? `\u001B[31m${fit}\u001B[0m` : fit;
  });
  return `${[...lines, totals(report)].join("\n")}\n`;
}

function details({ result, audioSeconds, elapsedSeconds, reason }: FileReport): string {
  if (result !== "done") return reason ?? "";
  const audio = audioSeconds === undefined ? "" : formatClock(audioSeconds);
  return `${audio.padStart(7)}  in ${(elapsedSeconds ?? 0).toFixed(1)} s`;
}

function totals({ files, elapsedSeconds, interrupted }: RunReport): string {
  const count = (result: FileReport["result"]): number =>
    files.filter((file) => file.result === result).length;
  const audio = files.reduce((sum, file) => sum + (file.audioSeconds ?? 0), 0);
  const parts = [
    `${count("done")} of ${files.length} done`,
    ...(["skipped", "failed", "submitted", "not begun"] as const)
      .filter((result) => count(result) > 0)
      .map((result) => `${count(result)} ${result}`),
    `${formatClock(audio)} of audio in ${formatClock(elapsedSeconds)}`,
  ];
  return `${parts.join(", ")}${interrupted ? " (interrupted)" : ""}`;
}

function fitStart(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}
