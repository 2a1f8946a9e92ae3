/** A server with the tone recognizer for each test of a file, closed after it. */
import { afterEach } from "vitest";
import { startServer, type RunningServer, type ServerOptions } from "../../../src/server/server.ts";
import { speakTones, wavBytes } from "../../../src/server/tone-speech.ts";
import { createToneRecognizer } from "../../../src/server/tones.ts";

/** Registers the clean-up; call it once, at the top of a test file. */
export function serverForEachTest(): (options?: Partial<ServerOptions>) => Promise<RunningServer> {
  const running: RunningServer[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.close()));
  });
  return async (options = {}) => {
    const server = await startServer({
      recognizer: createToneRecognizer(),
      drainMs: 0,
      ...options,
    });
    running.push(server);
    return server;
  };
}

export type Fields = readonly (readonly [string, string])[];

/** A form with tone speech in `file`; `script` undefined = no file. */
export function speechForm(script: string | undefined, fields: Fields = []): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  if (script !== undefined) {
    const wav = wavBytes(speakTones(script).samples);
    form.append("file", new Blob([wav.slice()], { type: "audio/wav" }), "speech.wav");
  }
  return form;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; `undefined` when it is none. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** One request with plain `fetch`. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000), ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** `POST` to the sync route. */
export function transcribe(
  url: string,
  script: string | undefined,
  fields: Fields = [],
  init: RequestInit = {},
): Promise<Answer> {
  const path = "/v1/audio/transcriptions";
  return ask(url + path, { method: "POST", body: speechForm(script, fields), ...init });
}

/** Where the job that this submit made is polled. */
export function jobPath({ json }: Answer): string {
  return `/v1/accounts/${String(json!["account_id"])}/batch_job/${String(json!["batch_id"])}`;
}
