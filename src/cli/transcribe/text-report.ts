/** For people: one line a file on stderr; on a terminal also how far the file is. */
import type { Segment } from "../../transcript.ts";
import { formatClock } from "../clock-time.ts";
import { columnsOf, type Io } from "../io.ts";
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
  /** Inputs in hand, in the order in which they were begun. */
  readonly #hand = new Map<string, InHand>();
  #total = 0;

  constructor(io: Io, options: TextReportOptions, now: () => number = () => performance.now()) {
    this.#io = io;
    this.#options = options;
    this.#now = now;
  }

  start(input: string, index: number, total: number): void {
    this.#total = total;
    const position = total > 1 ? ` [${index + 1}/${total}]` : "";
    this.#hand.set(input, { position, startedAt: this.#now(), phaseAt: 0 });
    this.#drawHand();
  }

  progress(input: string, progress: Progress): void {
    if (!this.#options.progress) return;
    const now = this.#now();
    const one = this.#hand.get(input);
    if (one === undefined) return;
    if (progress.phase !== one.progress?.phase) one.phaseAt = now;
    one.progress = progress;
    // The last step is always drawn: what follows may take a while.
    if (progress.fraction !== 1 && now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#drawHand();
  }

  segment(input: string, segment: Segment): void {
    if (!this.#options.verbose) return;
    const times = [segment.start, segment.end].map((time) => time?.toFixed(2) ?? "?").join(" - ");
    const whose = this.#hand.size > 1 ? `${printable(input)}: ` : "";
    this.#say(`${whose}[${times}] ${segment.text}`);
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
    const startedAt = this.#hand.get(report.input)?.startedAt ?? this.#now();
    this.#hand.delete(report.input);
    if (report.result === "failed") {
      this.#say(`everyword: ${name}: ${report.reason ?? "failed"}`);
    } else if (!this.#options.quiet && report.result === "skipped") {
      this.#say(`everyword: ${name}: skipped, ${report.reason ?? "it is done"}`);
    } else if (!this.#options.quiet && report.result === "done") {
      this.#say(`everyword: ${name}: ${doneLine(report, (this.#now() - startedAt) / 1000)}`);
    } else this.clear();
  }

  summary(report: RunReport): void {
    this.clear();
    if (this.#options.quiet || this.#total < 2) return;
    const columns = this.#io.stderr.isTTY === true ? columnsOf(this.#io.stderr) : undefined;
    this.#io.stderr.write(`\n${summaryTable(report, columns, this.#options.color)}`);
  }

  async flush(): Promise<void> {
    // stderr is for people: nobody waits for it.
  }

  #say(line: string): void {
    this.clear();
    this.#io.stderr.write(`${line}\n`);
  }

  #drawHand(): void {
    const room = Math.max(12, columnsOf(this.#io.stderr) - 1);
    this.#draw(handLine(this.#hand, this.#total, this.#now(), room));
  }

  #draw(line: string): void {
    if (!this.#options.progress) return;
    this.clear();
    this.#io.stderr.write(line);
    this.#drawn = true;
  }
}

/** An input that is being worked on. */
interface InHand {
  readonly position: string;
  readonly startedAt: number;
  phaseAt: number;
  progress?: Progress;
}

/** One input with all there is to say, several with how far each is. */
function handLine(
  hand: ReadonlyMap<string, InHand>,
  total: number,
  now: number,
  room: number,
): string {
  if (hand.size > 1) {
    const each = [...hand].map(([input, { progress }]) => {
      const far = progress?.fraction;
      return `${fitStart(printable(input), 16)}${far === undefined ? "" : ` ${Math.floor(far * 100)}%`}`;
    });
    return `[${hand.size} of ${total}]  ${each.join("  ")}`.slice(0, room);
  }
  for (const [input, { position, progress, phaseAt }] of hand) {
    const status = progress === undefined ? "" : progressStatus(progress, (now - phaseAt) / 1000);
    const tail = status === "" ? position : `${position}  ${status}`;
    const name = fitStart(printable(input), Math.max(8, room - tail.length));
    return `${name}${tail}`.slice(0, room);
  }
  return "";
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
