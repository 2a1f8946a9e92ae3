import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { HttpAnswer } from "../../src/batch/core/verdict.ts";
import type { GetRequest, HttpPort, UploadRequest } from "../../src/batch/http-port.ts";
import { transcribeFiles } from "../../src/batch/transcribe-files.ts";
import { serverService } from "../../src/service.ts";
import { seeded } from "./random.ts";
import { temporaryDirectory } from "./script-server.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** `EVERYWORD_JOBS=10000 npx vitest run test/batch/many.test.ts` */
const FILES = Number(process.env["EVERYWORD_JOBS"] ?? 500);
const REQUESTS_PER_MINUTE = 1000;
const AUDIO_MINUTES_PER_MINUTE = 200;

/** A service in memory with strict limits: what passes them is counted and refused. */
class StrictService implements HttpPort {
  refused = 0;
  requests = 0;
  readonly accepted = new Map<string, number>();
  readonly #jobs: { readonly name: string; readonly readyMs: number }[] = [];
  readonly #seen: { readonly atMs: number; readonly minutes: number }[] = [];
  readonly #clock: VirtualClock;
  #from = 0;
  #count = 0;
  #minutes = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  hostWorked(): boolean {
    return true;
  }

  async upload(request: UploadRequest): Promise<HttpAnswer> {
    if (!this.#admits(1)) return answer(429, { error: "over the limit" });
    await this.#clock.sleep(100 + this.#clock.random() * 400);
    await request.beforeLast?.();
    const name = basename(request.path);
    this.accepted.set(name, (this.accepted.get(name) ?? 0) + 1);
    const takes = 20_000 + this.#clock.random() * 200_000;
    this.#jobs.push({ name, readyMs: this.#clock.nowMs() + takes });
    return answer(200, { batch_id: String(this.#jobs.length - 1), account_id: "a" });
  }

  get(request: GetRequest): Promise<HttpAnswer> {
    if (!this.#admits(0)) return Promise.resolve(answer(429, { error: "over the limit" }));
    const job = this.#jobs[Number(request.url.split("/").at(-1))];
    if (job === undefined) return Promise.resolve(answer(404, {}));
    if (job.readyMs > this.#clock.nowMs()) {
      return Promise.resolve(answer(200, { status: "processing" }));
    }
    const body = JSON.stringify({
      text: job.name,
      segments: [{ text: job.name, start: 0, end: 1 }],
    });
    return Promise.resolve(answer(200, { status: "completed", body }));
  }

  #admits(minutes: number): boolean {
    const now = this.#clock.nowMs();
    this.requests += 1;
    for (; (this.#seen[this.#from]?.atMs ?? now) <= now - 60_000; this.#from += 1) {
      this.#count -= 1;
      this.#minutes -= this.#seen[this.#from]?.minutes ?? 0;
    }
    const fits =
      this.#count + 1 <= REQUESTS_PER_MINUTE && this.#minutes + minutes <= AUDIO_MINUTES_PER_MINUTE;
    this.#seen.push({ atMs: now, minutes });
    this.#count += 1;
    this.#minutes += minutes;
    if (!fits) this.refused += 1;
    return fits;
  }
}

function answer(status: number, value: unknown): HttpAnswer {
  const headers = { "content-type": "application/json" };
  return { status, headers, text: JSON.stringify(value), bodySent: true };
}

test(
  `${FILES} jobs keep to every limit, use them up, and all come back`,
  { timeout: 60_000 + FILES * 240 },
  async () => {
    const seed = 3;
    const directory = join(await temporaryDirectory(), "files");
    await mkdir(directory);
    const paths = Array.from({ length: FILES }, (_, file) => join(directory, `${file}.wav`));
    for (const path of paths) await writeFile(path, basename(path));
    const clock = new VirtualClock(seeded(seed));
    const service = new StrictService(clock);
    const run = transcribeFiles(paths, {
      service: serverService("http://127.0.0.1:9"),
      http: service,
      clock,
      mode: "batch",
      ledger: join(directory, "..", "ledger"),
      uploads: 16,
      words: false,
      minutesOf: () => Promise.resolve(1),
      rates: {
        requestsPerMinute: REQUESTS_PER_MINUTE,
        audioMinutesPerMinute: AUDIO_MINUTES_PER_MINUTE,
      },
    });
    let right = 0;
    let peakBytes = 0;
    const beforeBytes = process.memoryUsage().rss;
    for await (const outcome of run) {
      if (outcome.ok && outcome.result.text === basename(outcome.path)) right += 1;
      peakBytes = Math.max(peakBytes, process.memoryUsage().rss - beforeBytes);
    }
    const minutes = clock.nowMs() / 60_000;
    const once = [...service.accepted.values()].every((count) => count === 1);
    console.log(
      `${service.requests} requests in ${minutes.toFixed(1)} virtual minutes, ${(peakBytes / 1e6).toFixed(0)} MB more memory`,
    );
    expect(
      [right, once, service.refused, minutes < (FILES / AUDIO_MINUTES_PER_MINUTE) * 1.05 + 6],
      `seed ${seed}`,
    ).toEqual([FILES, true, 0, true]);
  },
);
