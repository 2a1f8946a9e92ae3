/** The microphone, through whichever recorder this machine has. */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { type Readable } from "node:stream";
import { promisify } from "node:util";
import { EverywordError } from "../errors.ts";
import {
  installAdvice,
  type InputDevice,
  lister,
  platformOf,
  type Recorder,
  recorders,
} from "./core/recorders.ts";
import { toChunks } from "./chunks.ts";

export type { InputDevice } from "./core/recorders.ts";

/** Which microphone, and how its audio is cut. */
export interface MicrophoneOptions {
  /** A name from {@link listDevices}; absent: the system's default input. */
  readonly device?: string | undefined;
  /** Length of a chunk, 20–400 ms; default 50. */
  readonly chunkMs?: number | undefined;
  /** Gives up at once; iterating throws the signal's reason. To end in good order: {@link Microphone.stop}. */
  readonly signal?: AbortSignal | undefined;
  /** Where programs are looked for and what they inherit; default: this process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: this machine's. */
  readonly platform?: string | undefined;
  /** Called when the recorder ends by itself after it had recorded: the device was unplugged. */
  readonly onUnplugged?: ((message: string) => void) | undefined;
}

/**
 * Chunks of 16 kHz mono s16le, as they are recorded. A reader that falls behind is waited for: some
 * 4 s (the pipe and its buffers) are held, after that the recorder drops audio.
 */
export interface Microphone extends AsyncIterable<Uint8Array> {
  /** Ends the recording: what was captured still comes, then the iteration ends. */
  stop(): void;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Most of a recorder's complaints that is kept. */
const KEPT_CHARACTERS = 2_000;

/**
 * Opens the microphone. Nothing is started before the iteration begins.
 *
 * @throws {EverywordError} `input-unreadable` while iterating: no recorder is installed, or the
 *   device cannot be opened; the sentence says what to do
 */
export function openMicrophone(options: MicrophoneOptions = {}): Microphone {
  let child: Child | undefined;
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    child?.kill("SIGTERM");
  };
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    options.signal?.throwIfAborted();
    const started = await startFirst(options);
    child = started.child;
    if (stopped) stop();
    const { format } = started.recorder;
    const { signal, chunkMs } = options;
    const capture = { bytes: 0, stopped: () => stopped };
    try {
      yield* toChunks(captured(started, capture, options), { format, signal, chunkMs });
    } catch (error) {
      // Stopped before the first sample: an empty recording is no fault.
      if (!stopped || capture.bytes > 0) throw error;
      signal?.throwIfAborted();
    } finally {
      child.kill("SIGKILL");
    }
  }
  return { stop, [Symbol.asyncIterator]: chunks };
}

interface Started {
  readonly recorder: Recorder;
  readonly child: Child;
  /** What it complained about, shortened. */
  readonly complaints: () => string;
}

/** The first recorder of the list that exists. */
async function startFirst(options: MicrophoneOptions): Promise<Started> {
  const platform = platformOf(options.platform ?? process.platform);
  for (const recorder of recorders(platform, options.device)) {
    const child = spawn(recorder.program, recorder.args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...(options.environment ?? process.env) },
      windowsHide: true,
    });
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-KEPT_CHARACTERS);
    });
    const runs = await new Promise<boolean>((resolve) => {
      child.once("spawn", () => {
        resolve(true);
      });
      child.once("error", () => {
        resolve(false);
      });
    });
    // Later errors (a kill that fails, say) must not end the process.
    child.on("error", () => undefined);
    if (runs) return { recorder, child, complaints: () => words };
  }
  throw new EverywordError(
    "input-unreadable",
    `Cannot record: no recorder was found on this machine; ${installAdvice(platform)}.`,
  );
}

interface Capture {
  /** So much was recorded. */
  bytes: number;
  readonly stopped: () => boolean;
}

/** What the recorder writes, and what its end means. */
async function* captured(
  { recorder, child, complaints }: Started,
  capture: Capture,
  options: MicrophoneOptions,
): AsyncGenerator<Uint8Array, void> {
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => {
      resolve();
    });
  });
  for await (const block of child.stdout as AsyncIterable<Uint8Array>) {
    capture.bytes += block.length;
    yield block;
  }
  await closed;
  if (capture.stopped()) return;
  const reason = complaints().trim().split("\n").at(-1) ?? "";
  const said = reason === "" ? "" : ` (${recorder.program}: ${reason})`;
  if (capture.bytes === 0) {
    throw new EverywordError(
      "input-unreadable",
      `Cannot record${said}; check that a microphone is connected and may be used, and choose one ` +
        "of those that `everyword devices` lists.",
    );
  }
  options.onUnplugged?.(`The recording ended by itself${said}; what was captured is kept.`);
}

/**
 * The inputs of this machine; empty when it has none.
 * @throws {EverywordError} `input-unreadable` when there is nothing to list them with
 */
export async function listDevices(
  options: Pick<MicrophoneOptions, "environment" | "platform"> = {},
): Promise<InputDevice[]> {
  const platform = platformOf(options.platform ?? process.platform);
  const { program, args, parse } = lister(platform);
  try {
    const { stdout } = await promisify(execFile)(program, [...args], {
      env: { ...(options.environment ?? process.env) },
      timeout: 20_000,
      maxBuffer: 16 * 1024 * 1024,
      windowsHide: true,
    });
    return parse(stdout);
  } catch (error) {
    throw new EverywordError(
      "input-unreadable",
      `Cannot list the microphones: ${program} could not be run; ${installAdvice(platform)}.`,
      { cause: error },
    );
  }
}
