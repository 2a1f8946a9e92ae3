/** What `platform.test.ts` runs in a browser, and in a Node that has a WebSocket of its own. */
import {
  EverywordError,
  openSession,
  serverService,
  TranscriptCollector,
  transcriptWords,
} from "../../src/browser.ts";

export interface PageInput {
  readonly server: string;
  readonly key?: string;
  readonly stallMs?: number;
  /** 16-bit samples, in base64: both platforms can read that. */
  readonly audio: string;
}

export interface PageResult {
  readonly words: readonly string[];
  readonly reason: string;
  readonly reconnects: number;
  readonly gaps: number;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly usesBuffer: boolean;
}

export async function run(input: PageInput): Promise<PageResult> {
  const audio = Uint8Array.from(atob(input.audio), (letter) => letter.codePointAt(0) ?? 0);
  const service = serverService(input.server, () => Promise.resolve(input.key ?? ""));
  const { stallMs } = input;
  const session = openSession({ service, pace: "max", retry: { baseMs: 20 }, stallMs });
  const collector = new TranscriptCollector();
  const reading = (async () => {
    for await (const event of session) collector.push(event);
  })().catch(() => {});
  // What was written belongs to the caller again: a socket that kept it would send noise.
  const scratch = new Uint8Array(3201);
  for (let at = 0; at < audio.length; at += scratch.length) {
    const piece = audio.subarray(at, at + scratch.length);
    scratch.set(piece);
    await session.write(scratch.subarray(0, piece.length)).catch(() => {});
    scratch.fill(0x55);
  }
  const { reason, reconnects, gaps, error } = await session.finish();
  await reading;
  return {
    words: transcriptWords(collector.transcript()).map((word) => word.text),
    reason,
    reconnects,
    gaps: gaps.length,
    error:
      error instanceof EverywordError ? { code: error.code, message: error.message } : undefined,
    usesBuffer: "Buffer" in globalThis,
  };
}
