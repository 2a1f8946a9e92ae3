/** An {@link HttpPort} that keeps to the service's rates: every request waits its turn, every answer is heeded. */
import { open } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import { guessMinutes, HEAD_BYTES } from "./core/guess-minutes.ts";
import type { RateLimiter } from "./core/limiter.ts";
import type { HttpAnswer } from "./core/verdict.ts";
import type { GetRequest, HttpPort, UploadRequest } from "./http-port.ts";

/** How many minutes of audio a file holds, as far as the caller knows. */
export type MinutesOf = (path: string, bytes: number) => Promise<number>;

export class LimitedHttp implements HttpPort {
  readonly #http: HttpPort;
  readonly #limiter: RateLimiter;
  readonly #clock: Clock;
  readonly #minutesOf: MinutesOf;
  /**
   * One of each kind is at the gate, the others wait behind it, in their order. Questions have a
   * line of their own: an upload may wait a minute for its share of audio.
   */
  readonly #lines = { get: Promise.resolve(), upload: Promise.resolve() };

  constructor(http: HttpPort, limiter: RateLimiter, clock: Clock, minutesOf = headMinutes) {
    this.#http = http;
    this.#limiter = limiter;
    this.#clock = clock;
    this.#minutesOf = minutesOf;
  }

  hostWorked(host: string): boolean {
    return this.#http.hostWorked(host);
  }

  async get(request: GetRequest): Promise<HttpAnswer> {
    await this.#turn("get", 0, request.signal);
    return this.#heed(await this.#http.get(request));
  }

  async upload(request: UploadRequest): Promise<HttpAnswer> {
    const minutes =
      request.audioMinutes ?? (await this.#minutesOf(request.path, request.fileBytes));
    await this.#turn("upload", minutes, request.signal);
    return this.#heed(await this.#http.upload(request));
  }

  #turn(
    kind: "get" | "upload",
    audioMinutes: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const mine = this.#pass(this.#lines[kind], audioMinutes, signal);
    this.#lines[kind] = mine.catch(() => undefined);
    return mine;
  }

  async #pass(
    before: Promise<void>,
    audioMinutes: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await before;
    for (;;) {
      signal?.throwIfAborted();
      const wait = this.#limiter.take(this.#clock.nowMs(), audioMinutes);
      if (wait === 0) return;
      await this.#clock.sleep(wait, signal);
    }
  }

  #heed(answer: HttpAnswer): HttpAnswer {
    this.#limiter.handleAnswer(this.#clock.nowMs(), answer);
    return answer;
  }
}

/** From the first bytes of the file; a file that cannot be read counts by its size. */
export async function headMinutes(path: string, bytes: number): Promise<number> {
  return guessMinutes(await readHead(path), bytes);
}

/** The first bytes of a file; none when it cannot be read. */
export async function readHead(path: string): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  try {
    const file = await open(path, "r");
    try {
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return new Uint8Array(0);
  }
}
