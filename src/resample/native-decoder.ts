/** Decodes with the `ffmpeg` program of this machine. */
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Writable } from "node:stream";
import { decodingArguments, FfmpegLog } from "./core/ffmpeg-log.ts";
import { type Decoder, DecoderFailure, type DecoderInput, type Decoding } from "./decoder.ts";

/** One answer per program and process: looking costs a start of the program. */
const answers = new Map<string, Promise<boolean>>();

/**
 * The decoder, or undefined when there is no such program.
 * @param program a path or a name on PATH; default: FFMPEG_PATH, else "ffmpeg"
 */
export async function nativeDecoder(
  program: string = process.env["FFMPEG_PATH"] ?? "ffmpeg",
): Promise<Decoder | undefined> {
  const answer = answers.get(program) ?? runs(program);
  answers.set(program, answer);
  if (!(await answer)) return undefined;
  return { name: "native", start: (input, track) => start(program, input, track) };
}

async function runs(program: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, ["-version"], { timeout: 10_000, windowsHide: true }, (error) => {
      resolve(error === null);
    });
  });
}

function start(program: string, input: DecoderInput, track: number): Decoding {
  const name = "path" in input ? `file:${input.path}` : "pipe:0";
  const child = spawn(program, decodingArguments(name, track), {
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const log = new FfmpegLog();
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    log.push(line);
  });
  const closed = new Promise<void>((resolve, reject) => {
    child.on("error", (error) => {
      reject(new DecoderFailure(`ffmpeg could not be run: ${error.message}`, { cause: error }));
    });
    child.on("close", (code, signal) => {
      if (code !== null) resolve();
      else reject(new DecoderFailure(`ffmpeg was ended by ${signal ?? "a signal"}`));
    });
  });
  closed.catch(() => undefined);
  let starved: { readonly reason: unknown } | undefined;
  if ("blocks" in input) {
    feed(input.blocks, child.stdin).catch((reason: unknown) => {
      starved = { reason };
      child.kill("SIGKILL");
    });
  } else {
    child.stdin.on("error", () => undefined);
    child.stdin.end();
  }
  async function* output(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const block of child.stdout) yield block as Uint8Array;
      await closed.catch((error: unknown) => {
        throw starved === undefined ? error : starved.reason;
      });
    } finally {
      lines.close();
      child.kill("SIGKILL");
    }
  }
  return { output: output(), facts: () => log.facts(), stop: () => void child.kill("SIGKILL") };
}

/** Writes block after block; a program that closes its input early has seen enough. */
async function feed(blocks: AsyncIterable<Uint8Array>, stdin: Writable): Promise<void> {
  let open = true;
  stdin.on("error", () => {
    open = false;
  });
  for await (const block of blocks) {
    if (!open) return;
    // A block may be reused once the next is asked for: wait until it is written.
    await new Promise<void>((resolve) => {
      stdin.write(block, () => {
        resolve();
      });
    });
  }
  stdin.end();
}
