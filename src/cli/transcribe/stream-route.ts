/** One input through a live session, as fast as the server answers: segments come while it runs. */
import { toChunks } from "../../resample/chunks.ts";
import type { AudioSource } from "../../resample/source.ts";
import { TranscriptCollector } from "../../stream/core/collect.ts";
import { transcribeChunks } from "../../stream/transcribe.ts";
import type { Segment, Transcript } from "../../transcript.ts";
import { channelSpeaker, countChannels, mergeChannels } from "./channels.ts";
import { clipChunks } from "./clip.ts";
import { shiftSegment, shiftTranscript, type Listener, type Task } from "./task.ts";

/** @param source a file, or any source where channels are not split */
export async function streamFile(
  source: AudioSource,
  task: Task,
  listener: Listener,
): Promise<Transcript> {
  if (!task.splitChannels) return streamOne(source, task, listener, undefined);
  const channels = await countChannels(source, task.chunkOptions);
  const parts: Transcript[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const share = shareOf(listener, channel, channels);
    parts.push(await streamOne(source, task, share, channel));
  }
  return mergeChannels(parts);
}

async function streamOne(
  source: AudioSource,
  task: Task,
  listener: Listener,
  channel: number | undefined,
): Promise<Transcript> {
  const collector = new TranscriptCollector();
  const speaker = channel === undefined ? undefined : channelSpeaker(channel);
  let known = 0;
  // Before the first connection there is nothing to lose: only the error at the end is worth a line.
  let isConnected = false;
  for await (const event of transcribeChunks(chunksOf(source, task, listener, channel), {
    service: task.service,
    pace: "max",
    signal: task.signal,
    language: task.language,
    prompt: task.prompt,
    temperature: task.temperature,
  })) {
    collector.push(event);
    if (event.type === "final" && event.words.length > 0) {
      known += 1;
      const segment = segmentOf(event, known, speaker);
      listener.segment(shiftSegment(segment, task.startSeconds));
    } else if (event.type === "connected") {
      isConnected = true;
    } else if (event.type === "gap" && isConnected) {
      const bounds = `${event.start.toFixed(2)} s to ${event.end.toFixed(2)} s`;
      listener.warn(`nothing is known of ${bounds} (${event.reason})`);
    } else if (event.type === "warning") {
      listener.warn(event.message);
    } else if (event.type === "end" && event.reason === "timed-out") {
      listener.warn(
        "the server did not confirm the end of the audio; the last words may be missing",
      );
    }
  }
  const transcript = shiftTranscript(collector.transcript(), task.startSeconds);
  const language = task.language === undefined ? {} : { language: task.language };
  return { ...transcript, ...language };
}

function segmentOf(
  event: { readonly segment: string; readonly text: string; readonly words: Segment["words"] },
  number: number,
  speaker: string | undefined,
): Segment {
  const start = event.words.find((word) => word.start !== undefined)?.start;
  const end = event.words.findLast((word) => word.end !== undefined)?.end;
  return {
    id: String(number - 1),
    text: event.text,
    start,
    end,
    words: event.words,
    ...(speaker === undefined ? {} : { speaker }),
  };
}

async function* chunksOf(
  source: AudioSource,
  task: Task,
  listener: Listener,
  channel: number | undefined,
): AsyncGenerator<Uint8Array, void> {
  let total: number | undefined;
  const all = toChunks(source, {
    ...task.chunkOptions,
    ...(channel === undefined ? {} : { channel }),
    signal: task.signal,
    onProgress: (progress) => {
      total = progress.totalSeconds;
    },
    onWarning: (warning) => listener.warn(warning.message),
  });
  let frames = 0;
  for await (const chunk of clipChunks(all, task.startSeconds, task.endSeconds)) {
    yield chunk;
    frames += chunk.length / 2;
    const seconds = frames / 16_000;
    const length = Math.min(total ?? Number.NaN, task.endSeconds) - task.startSeconds;
    const fraction = length > 0 ? Math.min(1, seconds / length) : undefined;
    listener.progress({ phase: "recognize", seconds, fraction });
  }
}

/** A listener for one of several passes over the same input. */
function shareOf(listener: Listener, index: number, count: number): Listener {
  return {
    segment: (segment) => listener.segment(segment),
    warn: (line) => listener.warn(line),
    progress: ({ fraction, ...rest }) =>
      listener.progress({
        ...rest,
        ...(fraction === undefined ? {} : { fraction: (index + fraction) / count }),
      }),
  };
}
