/** PCM behind a known header, as it is read: how far it has come, and what is to be said about it. */
import { EverywordError } from "../errors.ts";
import { type ChannelChoice } from "./core/downmix.ts";
import { bytesPerFrame } from "./core/format.ts";
import { type PcmHeader } from "./core/header.ts";
import { type ChunkRow, PcmPipeline } from "./core/pipeline.ts";
import { type DecoderFacts, endsEarly } from "./core/ffmpeg-log.ts";
import { type Finding } from "./core/watch.ts";
import { type AudioWarning, type ChunkOptions } from "./options.ts";
import { type PcmReader } from "./read.ts";
import { unreadable } from "./source.ts";

export type Choice = ChannelChoice | "split";

const WORDS: Readonly<Record<Finding["code"], (seconds: string) => string>> = {
  clipping: (seconds) => `is clipped from ${seconds} s on; record it at a lower level`,
  cancelling: (seconds) =>
    `has left and right in opposition from ${seconds} s on, so that they cancel each other in the ` +
    "mix; pick one channel",
  silence: () => "holds nothing but silence; check the microphone or the track",
};

/** Feeds one pipeline with the audio bytes behind a header, and no others. */
export class Reading implements PcmReader<ChunkRow> {
  readonly #name: string;
  readonly #header: PcmHeader;
  readonly #options: ChunkOptions;
  readonly #pipeline: PcmPipeline;
  #left: number;

  constructor(name: string, header: PcmHeader, options: ChunkOptions, channel: Choice) {
    this.#name = name;
    this.#header = header;
    this.#options = options;
    this.#left = header.dataBytes ?? Number.POSITIVE_INFINITY;
    const { channels } = header.format;
    if (typeof channel === "number" && channel >= channels) {
      throw new EverywordError(
        "usage",
        `${name} has ${channels === 1 ? "one channel" : `${channels} channels`}; ` +
          `channel ${channel} does not exist (they are counted from 0).`,
      );
    }
    this.#pipeline = new PcmPipeline(header.format, { channel, chunkMs: options.chunkMs });
  }

  /** All the audio that the header announced is here. */
  get complete(): boolean {
    return this.#left === 0;
  }

  get #seconds(): number {
    return this.#pipeline.frames / this.#header.format.rate;
  }

  push(block: Uint8Array, facts: DecoderFacts): ChunkRow[] {
    if (this.#pipeline.frames === 0) this.#tellTracks(facts);
    const audio = block.subarray(0, Math.min(block.length, this.#left));
    this.#left -= audio.length;
    const rows = this.#pipeline.push(audio);
    this.#tellFindings();
    const total = this.#totalSeconds() ?? facts.totalSeconds;
    this.#options.onProgress?.({
      decodedSeconds: this.#seconds,
      ...(total === undefined ? {} : { totalSeconds: total }),
    });
    return rows;
  }

  flush(facts: DecoderFacts): ChunkRow[] {
    if (this.#pipeline.frames === 0) {
      throw unreadable(this.#name, "it holds no audio; record or export it again");
    }
    const rows = this.#pipeline.flush();
    this.#tellFindings();
    if ((this.#left > 0 && Number.isFinite(this.#left)) || endsEarly(facts, this.#seconds)) {
      this.#warn(
        "truncated",
        `${this.#name} ends after ${this.#seconds.toFixed(1)} s, before the length its header ` +
          "gives; what is there was used.",
      );
    }
    if (facts.errors > 0) {
      const reason = facts.firstError ?? "unreadable parts";
      this.#warn(
        "damaged",
        `${this.#name} is damaged (${reason}); what could be decoded was used.`,
      );
    }
    return rows;
  }

  #warn(code: AudioWarning["code"], message: string, atSeconds = this.#seconds): void {
    this.#options.onWarning?.({ code, message, atSeconds });
  }

  #tellTracks({ codecs }: DecoderFacts): void {
    if (codecs.length < 2 || this.#options.track !== undefined) return;
    const message = `${this.#name} has ${codecs.length} audio tracks; the first is used, choose with track.`;
    this.#warn("tracks", message);
  }

  #tellFindings(): void {
    for (const { code, atSeconds } of this.#pipeline.watch.take()) {
      this.#warn(code, `${this.#name} ${WORDS[code](atSeconds.toFixed(1))}.`, atSeconds);
    }
  }

  #totalSeconds(): number | undefined {
    const { format, dataBytes } = this.#header;
    return dataBytes === undefined ? undefined : dataBytes / (bytesPerFrame(format) * format.rate);
  }
}
