/** One file in one request: what the hosted service and `everyword serve` answer with everything they know. */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transcribeFile, translateFile, type FileOptions } from "../../batch/transcribe-file.ts";
import { toChunks } from "../../resample/chunks.ts";
import type { Transcript } from "../../transcript.ts";
import { countChannels, mergeChannels } from "./channels.ts";
import { clipChunks } from "./clip.ts";
import { shiftTranscript, type Listener, type Task } from "./task.ts";

/** @param path a file; one that has to be cut or converted first is sent as a temporary WAV. */
export async function requestFile(
  path: string,
  task: Task,
  listener: Listener,
): Promise<Transcript> {
  if (task.splitChannels) {
    const parts: Transcript[] = [];
    const channels = await countChannels(path, task.chunkOptions);
    for (let channel = 0; channel < channels; channel++) {
      parts.push(await viaWav(path, task, listener, channel));
    }
    return mergeChannels(parts);
  }
  const isWhole = task.startSeconds === 0 && task.endSeconds === Number.POSITIVE_INFINITY;
  return isWhole && task.chunkOptions.format === undefined
    ? send(path, task, listener)
    : viaWav(path, task, listener, undefined);
}

async function viaWav(
  path: string,
  task: Task,
  listener: Listener,
  channel: number | undefined,
): Promise<Transcript> {
  const folder = await mkdtemp(join(tmpdir(), "everyword-"));
  try {
    const clip = join(folder, "clip.wav");
    const chunks = toChunks(path, {
      ...task.chunkOptions,
      ...(channel === undefined ? {} : { channel }),
      signal: task.signal,
      onWarning: (warning) => listener.warn(warning.message),
    });
    await writeClip(clip, clipChunks(chunks, task.startSeconds, task.endSeconds));
    return shiftTranscript(await send(clip, task, listener), task.startSeconds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function send(path: string, task: Task, listener: Listener): Promise<Transcript> {
  const options: FileOptions = {
    service: task.service,
    signal: task.signal,
    model: task.model,
    language: task.language,
    prompt: task.prompt,
    temperature: task.temperature,
    ...(task.diarize ? { diarize: true } : {}),
    minSpeakers: task.minSpeakers,
    maxSpeakers: task.maxSpeakers,
    onProgress: ({ sentBytes, totalBytes }) =>
      listener.progress({ phase: "upload", fraction: totalBytes > 0 ? sentBytes / totalBytes : 0 }),
    onRetry: (error, delayMs) =>
      listener.warn(`${error.message} Trying again in ${(delayMs / 1000).toFixed(1)} s.`),
  };
  const result = await (task.translate ? translateFile : transcribeFile)(path, options);
  for (const warning of result.warnings) listener.warn(warning.message);
  if (result.noSpeech) listener.warn("no speech was found");
  for (const segment of result.segments) listener.segment(segment);
  return result;
}

/** 16 kHz mono s16le with a WAV header whose sizes are filled in at the end. */
async function writeClip(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx");
  try {
    let bytes = 0;
    for await (const chunk of chunks) {
      await file.write(chunk, 0, chunk.length, 44 + bytes);
      bytes += chunk.length;
    }
    await file.write(wavHeader(bytes), 0, 44, 0);
  } finally {
    await file.close();
  }
}

function wavHeader(dataBytes: number): Uint8Array {
  const header = new Uint8Array(44);
  const view = new DataView(header.buffer);
  const text = (at: number, letters: string): void => {
    for (let i = 0; i < 4; i++) header[at + i] = letters.charCodeAt(i);
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + dataBytes, true);
  text(8, "WAVE");
  text(12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 16_000, true);
  view.setUint32(28, 32_000, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, dataBytes, true);
  return header;
}
