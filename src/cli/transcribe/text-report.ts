/** For people: one line a file on stderr; on a terminal also how far the file is. */
import type { Segment } from "../../transcript.ts";
import { formatClock } from "../clock-time.ts";
import type { Io } from "../io.ts";
import { printable } from "../printable.ts";
import type { FileReport, Reporter, RunReport } from "./report.ts";
import { summaryTable } from "./summary.ts";
import type { Progress } from "./task.ts";

export interface TextReportOptions {
  readonly quiet: boolean;
  /** Print every segment as it becomes final. */
  readonly verbose: boolean;
  /** Draw how far a file is. */
  readonly progress: boolean;
  readonly color: boolean;
}

/** A line is drawn anew at most so often. */
const REDRAW_MS = 100;

export class TextReporter implements Reporter {
  readonly #io: Io;
  readonly #options: TextReportOptions;
  readonly #now: () => number;
  #drawn = false;
  #drawnAt = -REDRAW_MS;
  #startedAt = 0;
  #phaseAt = 0;
  #phase: string | undefined;
  #position = "";
  #total = 0;

  constructor(io: Io, options: TextReportOptions, now: () => number = () => performance.now()) {
    this.#io = io;
    this.#options = options;
    this.#now = now;
  }

  start(input: string, index: number, total: number): void {
    this.#total = total;
    this.#position = total > 1 ? ` [${index + 1}/${total}]` : "";
    this.#startedAt = this.#now();
    this.#phase = undefined;
    const room = Math.max(8, (this.#io.stderr.columns ?? 80) - 1 - this.#position.length);
    this.#draw(`${fitStart(printable(input), room)}${this.#position}`);
  }

  progress(input: string, progress: Progress): void {
    if (!this.#options.progress) return;
    const now = this.#now();
    if (progress.phase !== this.#phase) [this.#phase, this.#phaseAt] = [progress.phase, now];
    // The last step is always drawn: what follows may take a while.
    if (progress.fraction !== 1 && now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    const status = progressStatus(progress, (now - this.#phaseAt) / 1000);
    const room = Math.max(12, (this.#io.stderr.columns ?? 80) - 1);
    const tail = `${this.#position}  ${status}`;
    const name = fitStart(printable(input), Math.max(8, room - tail.length));
    this.#draw(`${name}${tail}`.slice(0, room));
  }

  segment(_input: string, segment: Segment): void {
    if (!this.#options.verbose) return;
    const times = [segment.start, segment.end].map((time) => time?.toFixed(2) ?? "?").join(" - ");
    this.#say(`[${times}] ${segment.text}`);
  }

  warn(input: string, line: string): void {
    if (!this.#options.quiet) this.#say(`everyword: ${printable(input)}: ${line}`);
  }

  note(line: string): void {
    if (!this.#options.quiet) this.#say(`everyword: ${line}`);
  }

  clear(): void {
    if (this.#drawn) this.#io.stderr.write("\r\u001B[2K");
    this.#drawn = false;
  }

  end(report: FileReport): void {
    const name = printable(report.input);
    if (report.result === "failed") {
      this.#say(`everyword: ${name}: ${report.reason ?? "failed"}`);
    } else if (!this.#options.quiet && report.result === "skipped") {
      this.#say(`everyword: ${name}: skipped, ${report.reason ?? "it is done"}`);
    } else if (!this.#options.quiet && report.result === "done") {
      this.#say(`everyword: ${name}: ${doneLine(report, (this.#now() - this.#startedAt) / 1000)}`);
    } else this.clear();
  }

  summary(report: RunReport): void {
    this.clear();
    if (this.#options.quiet || this.#total < 2) return;
    const columns = this.#io.stderr.isTTY === true ? (this.#io.stderr.columns ?? 80) : undefined;
    this.#io.stderr.write(`\n${summaryTable(report, columns, this.#options.color)}`);
  }

  async flush(): Promise<void> {
    // stderr is for people: nobody waits for it.
  }

  #say(line: string): void {
    this.clear();
    this.#io.stderr.write(`${line}\n`);
  }

  #draw(line: string): void {
    if (!this.#options.progress) return;
    this.clear();
    this.#io.stderr.write(line);
    this.#drawn = true;
  }
}

function doneLine({ audioSeconds, outputs }: FileReport, elapsedSeconds: number): string {
  const audio = audioSeconds === undefined ? "" : `${formatClock(audioSeconds)} of audio `;
  const where = outputs.length === 0 ? "" : ` -> ${outputs.map(printable).join(", ")}`;
  return `${audio}in ${elapsedSeconds.toFixed(1)} s${where}`;
}

/** `43%  1:12  12.3x  0:08 left`. Pure. */
export function progressStatus(progress: Progress, elapsedSeconds: number): string {
  const { phase, fraction, seconds } = progress;
  const parts: string[] = [];
  if (phase === "upload" && fraction === 1) return "sent; waiting for the transcript";
  if (phase === "upload") parts.push("sending");
  if (fraction !== undefined) parts.push(`${Math.floor(fraction * 100)}%`);
  if (seconds !== undefined) {
    parts.push(formatClock(seconds));
    if (elapsedSeconds > 0.5) parts.push(`${(seconds / elapsedSeconds).toFixed(1)}x`);
  }
  if (fraction !== undefined && fraction > 0.01 && elapsedSeconds > 0.5) {
    parts.push(`${formatClock((elapsedSeconds * (1 - fraction)) / fraction)} left`);
  }
  return parts.join("  ");
}

/** The end of a name says more than its beginning. */
function fitStart(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}
