/** One speaker per channel: each channel is recognized alone, and the results are merged. */
import { toChannelChunks } from "../../resample/chunks.ts";
import type { ChunkOptions } from "../../resample/options.ts";
import type { AudioSource } from "../../resample/source.ts";
import type { Segment, Transcript } from "../../transcript.ts";

export async function countChannels(source: AudioSource, options: ChunkOptions): Promise<number> {
  const { channel: _, ...rest } = options;
  for await (const row of toChannelChunks(source, rest)) return row.length;
  return 1;
}

/** What the speaker of a channel is called; channels are counted from 0 here and from 1 there. */
export function channelSpeaker(channel: number): string {
  return `channel ${channel + 1}`;
}

export function nameSpeaker(segments: readonly Segment[], speaker: string): readonly Segment[] {
  return segments.map((segment) => ({
    ...segment,
    speaker,
    words: segment.words.map((word) => ({ ...word, speaker })),
  }));
}

/** The transcripts of all channels as one: segments by their start, ids that say the channel. */
export function mergeChannels(parts: readonly Transcript[]): Transcript {
  const segments = parts
    .flatMap((part, channel) =>
      nameSpeaker(part.segments, channelSpeaker(channel)).map((segment) =>
        Object.assign(segment, { id: `${channel + 1}:${segment.id}` }),
      ),
    )
    .toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0));
  const gaps = parts.flatMap((part) => part.gaps ?? []).toSorted((a, b) => a.start - b.start);
  return { ...parts[0], segments, gaps };
}
