/** One file in one request: what the hosted service and `everyword serve` answer with everything they know. */
import { join, parse } from "node:path";
import { transcribeFile, translateFile, type FileOptions } from "../../batch/transcribe-file.ts";
import { makeOwnedDirectory } from "../../owned-directory.ts";
import { toChunks } from "../../resample/chunks.ts";
import { writeWav } from "../../resample/write-wav.ts";
import type { Transcript } from "../../transcript.ts";
import { channelSpeaker, countChannels, mergeChannels, nameSpeaker } from "./channels.ts";
import { clipChunks } from "./clip.ts";
import { showingName } from "./shown-name.ts";
import { shiftSegment, shiftTranscript, type Listener, type Task } from "./task.ts";

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
  const folder = await makeOwnedDirectory("input");
  try {
    const clip = join(folder.path, `${parse(path).name}.wav`);
    const chunks = toChunks(path, {
      ...task.chunkOptions,
      ...(channel === undefined ? {} : { channel }),
      signal: task.signal,
      onWarning: (warning) => listener.warn(warning.message),
    });
    await writeWav(clipChunks(chunks, task.startSeconds, task.endSeconds), clip);
    const moved = movedListener(listener, task, channel);
    const shown = { ...moved, warn: (line: string) => moved.warn(line.replaceAll(clip, path)) };
    const sent = await showingName(clip, path, () => send(clip, task, shown));
    return shiftTranscript(sent, task.startSeconds);
  } finally {
    await folder.remove();
  }
}

/** Segments are told with the times of the input and the name of the channel. */
function movedListener(listener: Listener, task: Task, channel: number | undefined): Listener {
  return {
    progress: (progress) => listener.progress(progress),
    warn: (line) => listener.warn(line),
    segment: (segment) => {
      const named =
        channel === undefined ? [segment] : nameSpeaker([segment], channelSpeaker(channel));
      for (const one of named) listener.segment(shiftSegment(one, task.startSeconds));
    },
  };
}

/** A wait that is worth a line of its own, although the reason was told before. */
const LONG_WAIT_MS = 10_000;

async function send(path: string, task: Task, listener: Listener): Promise<Transcript> {
  let told = "";
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
    onRetry: ({ message }, delayMs) => {
      const wait = delayMs < LONG_WAIT_MS ? "" : ` in ${Math.round(delayMs / 1000)} s`;
      const line = `${message} Trying again${wait}.`;
      if (line !== told) listener.warn(line);
      told = line;
    },
  };
  const result = await (task.translate ? translateFile : transcribeFile)(path, options);
  for (const warning of result.warnings) listener.warn(warning.message);
  if (result.noSpeech) listener.warn("no speech was found");
  for (const segment of result.segments) listener.segment(segment);
  return result;
}
