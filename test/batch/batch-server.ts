/**
 * The batch and sync routes with the faults of PROTOCOL §12, seeded, over real HTTP. What a file
 * holds decides its transcript, so that a test knows the right one.
 */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Arrived } from "./script-server.ts";

/** Probabilities, 0 unless given. */
export interface Faults {
  /** A14: reset in mid-upload. */
  readonly midUpload?: number;
  /** A16: the answer breaks off. */
  readonly truncated?: number;
  /** A19: a 503 or 500 before anything is accepted. */
  readonly refused?: number;
  /** B9: the job fails. */
  readonly failed?: number;
  /** B11: 404 on a first question. */
  readonly unknownFirst?: number;
  /** B12: 502 while polling. */
  readonly pollError?: number;
  /** B15: accepted, answer lost. */
  readonly answerLost?: number;
}

/** One accepted upload. */
export interface Accepted {
  readonly content: string;
  readonly batchId: string;
  /** The answer did not reach the client whole. */
  lost: boolean;
  state: "processing" | "completed" | "failed";
  polls: number;
}

export function contentId(file: Uint8Array): string {
  return createHash("sha256").update(file).digest("hex").slice(0, 12);
}

/** The transcript of a file. */
export function rightText(file: Uint8Array): string {
  return `heard ${contentId(file)}`;
}

export class BatchRoutes {
  readonly accepted: Accepted[] = [];
  readonly #faults: Faults;
  readonly #random: () => number;
  readonly #jobs = new Map<string, Accepted & { readonly text: string }>();
  questions = 0;

  constructor(faults: Faults, random: () => number) {
    this.#faults = faults;
    this.#random = random;
  }

  /** Whether this upload is to be cut before it is read. */
  cutsUpload(): boolean {
    return this.#happens("midUpload");
  }

  readonly answer = (arrived: Arrived, response: ServerResponse): void => {
    const { path, method } = arrived;
    if (method === "GET") this.#status(path, response);
    else if (path.includes("endpoint_id=")) this.#submit(arrived, response);
    else this.#sync(arrived, response);
  };

  #happens(fault: keyof Faults): boolean {
    return this.#random() < (this.#faults[fault] ?? 0);
  }

  #sync(arrived: Arrived, response: ServerResponse): void {
    if (this.#happens("refused")) send(response, 503, { error: "maintenance" });
    else send(response, 200, verbose(rightText(arrived.file)), this.#happens("truncated"));
  }

  #submit(arrived: Arrived, response: ServerResponse): void {
    if (this.#happens("refused")) {
      send(response, 503, { error: { message: "busy" } });
      return;
    }
    const batchId = `b${this.accepted.length}`;
    const job = {
      content: contentId(arrived.file),
      batchId,
      lost: false,
      state: this.#happens("failed") ? ("failed" as const) : ("processing" as const),
      polls: this.#happens("unknownFirst") ? -1 : 0,
      text: rightText(arrived.file),
    };
    this.accepted.push(job);
    this.#jobs.set(batchId, job);
    const ids = {
      status: "submitted",
      batch_id: batchId,
      account_id: "acct",
      endpoint_id: "audio-prod",
    };
    if (this.#happens("answerLost")) {
      job.lost = true;
      response.socket?.resetAndDestroy();
    } else {
      job.lost = this.#happens("truncated");
      send(response, 200, ids, job.lost);
    }
  }

  #status(path: string, response: ServerResponse): void {
    this.questions += 1;
    const job = this.#jobs.get(path.split("/").at(-1) ?? "");
    if (job !== undefined) job.polls += 1;
    if (job === undefined || job.polls === 0) {
      send(response, 404, { error: "no such job" });
    } else if (this.#happens("pollError")) {
      send(response, 502, { error: "later" });
    } else if (job.state === "failed") {
      send(response, 200, { status: "FAILED", batch_id: job.batchId, message: "worker died" });
    } else if (job.polls < 2) {
      send(response, 200, { status: "processing", batch_id: job.batchId, message: null });
    } else {
      job.state = "completed";
      const body = JSON.stringify(verbose(job.text));
      const reply = {
        status: "completed",
        batch_id: job.batchId,
        content_type: "application/json",
        body,
      };
      send(response, 200, reply, this.#happens("truncated"));
    }
  }
}

function verbose(text: string): unknown {
  const words = text.split(" ").map((word, at) => ({ word, start: at, end: at + 0.5 }));
  const segment = { id: 0, text, start: 0, end: words.length, words };
  return { task: "transcribe", language: "en", duration: words.length, text, segments: [segment] };
}

function send(response: ServerResponse, status: number, value: unknown, truncated = false): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(truncated ? body.slice(0, Math.floor(body.length / 2)) : body);
}
