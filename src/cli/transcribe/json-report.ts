/** `--jsonl`: one JSON object a line on stdout. The shapes are public; docs/cli.md has them. */
import { EverywordError } from "../../errors.ts";
import type { Segment } from "../../transcript.ts";
import type { Io } from "../io.ts";
import { printTo, type Print } from "../print.ts";
import type { FileReport, Reporter, RunReport } from "./report.ts";
import type { Progress } from "./task.ts";

export class JsonReporter implements Reporter {
  readonly #print: Print;
  #written: Promise<void> = Promise.resolve();
  /** Percent or tens of seconds that were told last of each input in hand; one line for each. */
  readonly #told = new Map<string, string>();

  /** @param goesOn whether the run writes files, also when nobody reads these lines any more */
  constructor(io: Io, goesOn: boolean) {
    this.#print = printTo(io.stdout, goesOn ? () => undefined : undefined);
  }

  start(input: string, index: number, total: number): void {
    this.#line({ type: "file_start", file: input, index, files: total });
  }

  progress(input: string, { phase, fraction, seconds }: Progress): void {
    const step = fraction === undefined ? (seconds ?? 0) / 10 : fraction * 100;
    const told = `${phase} ${Math.floor(step)}`;
    if (told === this.#told.get(input)) return;
    this.#told.set(input, told);
    this.#line({
      type: "progress",
      file: input,
      phase,
      fraction: rounded(fraction),
      seconds: rounded(seconds),
    });
  }

  segment(input: string, segment: Segment): void {
    this.#line({ type: "segment", file: input, ...segment });
  }

  warn(input: string, line: string): void {
    this.#line({ type: "warning", file: input, message: line });
  }

  note(): void {
    // Programs read the summary.
  }

  clear(): void {
    // Nothing is ever in progress on a line here.
  }

  end(report: FileReport): void {
    const { input, result, outputs, audioSeconds, elapsedSeconds, words, reason, error } = report;
    this.#told.delete(input);
    if (result === "failed") {
      const code = error instanceof EverywordError ? error.code : "failed";
      this.#line({ type: "error", file: input, code, message: reason });
      return;
    }
    this.#line({
      type: "file_done",
      file: input,
      ...(result === "skipped" ? { skipped: true, reason } : {}),
      audioSeconds: rounded(audioSeconds),
      elapsedSeconds: rounded(elapsedSeconds),
      words,
      outputs,
    });
  }

  summary({ files, elapsedSeconds, interrupted }: RunReport): void {
    const count = (result: FileReport["result"]): number =>
      files.filter((file) => file.result === result).length;
    this.#line({
      type: "summary",
      files: files.length,
      done: count("done"),
      skipped: count("skipped"),
      failed: count("failed"),
      notBegun: count("not begun"),
      audioSeconds: rounded(files.reduce((sum, file) => sum + (file.audioSeconds ?? 0), 0)),
      elapsedSeconds: rounded(elapsedSeconds),
      interrupted,
    });
  }

  async flush(): Promise<void> {
    await this.#written;
  }

  #line(value: object): void {
    const text = `${JSON.stringify(value)}\n`;
    this.#written = this.#written.then(() => this.#print(text));
    // It is told by flush().
    this.#written.catch(() => undefined);
  }
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 1000) / 1000;
}
