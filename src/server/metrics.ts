/** Counters in Prometheus' text format (its exposition format 0.0.4). No labels with open sets of values. */
import type { RecognizerLoad } from "./recognizer.ts";

/** What the server counts; all since it started, except the two that say `now`. */
export class Metrics {
  streamsNow = 0;
  filesNow = 0;
  streamsTotal = 0;
  streamsRefused = 0;
  audioFrames = 0;
  recognizerFailures = 0;
  jobsSubmitted = 0;
  jobsFinished = 0;
  readonly #answers = new Map<number, number>();

  /** Counts an HTTP answer by its status. */
  countAnswer(status: number): void {
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
  }

  render(load: RecognizerLoad): string {
    const lines: string[] = [];
    const add = (name: string, kind: "counter" | "gauge", help: string, value: number): void => {
      lines.push(`# HELP everyword_${name} ${help}`, `# TYPE everyword_${name} ${kind}`);
      lines.push(`everyword_${name} ${value}`);
    };
    add("streams", "gauge", "Streaming connections now.", this.streamsNow);
    add("files", "gauge", "Files being transcribed now.", this.filesNow);
    add("streams_total", "counter", "Streaming connections accepted.", this.streamsTotal);
    add("streams_refused_total", "counter", "Streaming connections refused.", this.streamsRefused);
    add("audio_seconds_total", "counter", "Audio received.", this.audioFrames / 16_000);
    add("recognizer_failures_total", "counter", "Recognizer failures.", this.recognizerFailures);
    add("jobs_submitted_total", "counter", "Batch jobs accepted.", this.jobsSubmitted);
    add("jobs_finished_total", "counter", "Batch jobs that ended.", this.jobsFinished);
    add("recognizer_queue", "gauge", "Decodes waiting for a worker.", load.queued);
    add("recognizer_behind_seconds", "gauge", "Audio not yet answered.", load.behindSeconds);
    add(
      "recognizer_real_time_factor",
      "gauge",
      "Processing time by audio time.",
      load.realTimeFactor,
    );
    add("resident_bytes", "gauge", "Memory of the process.", process.memoryUsage.rss());
    const peak = process.resourceUsage().maxRSS * 1024;
    add("resident_peak_bytes", "gauge", "Most memory the process ever had.", peak);
    lines.push("# HELP everyword_http_answers_total HTTP answers by status.");
    lines.push("# TYPE everyword_http_answers_total counter");
    for (const [status, count] of [...this.#answers].toSorted(([a], [b]) => a - b)) {
      lines.push(`everyword_http_answers_total{status="${status}"} ${count}`);
    }
    return `${lines.join("\n")}\n`;
  }
}
