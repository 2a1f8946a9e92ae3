/** What FFmpeg says on its way, read line by line; nothing of it is kept but these few facts. */

export interface DecoderFacts {
  /** Length of the whole input where its container tells. */
  readonly totalSeconds: number | undefined;
  /** Length of the audio alone where its container says it, rather than that FFmpeg estimates it. */
  readonly announcedSeconds: number | undefined;
  /** "mp3", "mov,mp4,m4a,3gp,3g2,mj2", … as FFmpeg names its demuxers. */
  readonly container: string | undefined;
  /** Codec of each audio track, in order. */
  readonly codecs: readonly string[];
  /** The input holds no audio track, or not the one asked for. */
  readonly noTrack: boolean;
  /** Errors that were met while decoding. */
  readonly errors: number;
  /** The first of them, in FFmpeg's words. */
  readonly firstError: string | undefined;
}

/** Before a decoder has said anything. */
export const NO_FACTS: DecoderFacts = {
  totalSeconds: undefined,
  announcedSeconds: undefined,
  container: undefined,
  codecs: [],
  noTrack: false,
  errors: 0,
  firstError: undefined,
};

/** What a container announces beyond what there was may be padding up to this. */
const PADDING_SECONDS = 0.5;

/** Whether the container announces more audio than these seconds. */
export function endsEarly({ announcedSeconds }: DecoderFacts, seconds: number): boolean {
  return announcedSeconds !== undefined && announcedSeconds - seconds > PADDING_SECONDS;
}

/** Reads lines written with `-loglevel level+info`. */
export class FfmpegLog {
  #totalSeconds: number | undefined;
  #container: string | undefined;
  readonly #codecs: string[] = [];
  #noTrack = false;
  #errors = 0;
  #firstError: string | undefined;
  #output = false;
  #estimated = false;
  #moving = false;

  /** What the lines so far come to. */
  facts(): DecoderFacts {
    // Of several tracks, and beside a film, nobody says how long each is.
    const alone = !this.#moving && this.#codecs.length === 1;
    return {
      totalSeconds: this.#totalSeconds,
      announcedSeconds: alone && !this.#estimated ? this.#totalSeconds : undefined,
      container: this.#container,
      codecs: [...this.#codecs],
      noTrack: this.#noTrack,
      errors: this.#errors,
      firstError: this.#firstError,
    };
  }

  push(line: string): void {
    if (/matches no streams|does not contain any stream/.test(line)) this.#noTrack = true;
    if (/\[(error|fatal|panic)\]|: corrupt input packet/.test(line)) {
      this.#errors += 1;
      this.#firstError ??= line
        .replace(/\[[^\]]*\]\s*/g, "")
        .replace(/^(file|pipe):\S+: /, "")
        .slice(0, 200);
      return;
    }
    if (line.startsWith("[info] Output #")) this.#output = true;
    if (this.#output) return;
    const [, container] = /^\[info\] Input #0, (\S+), from /.exec(line) ?? [];
    this.#container ??= container;
    const [, hours, minutes, seconds] =
      /^\[info\] {3}Duration: (\d+):(\d+):([\d.]+),/.exec(line) ?? [];
    if (hours !== undefined) {
      this.#totalSeconds ??= Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
    }
    this.#estimated ||= line.includes("Estimating duration");
    this.#moving ||= /^\[info\] {3}Stream #0:\d+.*?: Video: (?!.*\(attached pic\))/.test(line);
    const [, codec] = /^\[info\] {3}Stream #0:\d+.*?: Audio: ([^\s,]+)/.exec(line) ?? [];
    if (codec !== undefined && this.#codecs.length < 64) this.#codecs.push(codec);
  }
}

/** Demuxers of audio and video files; none that follows references to other files or hosts. */
const DEMUXERS =
  "aac,ac3,aea,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,g722,g729,gsm,ircam," +
  "iff,loas,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,nut,oga,ogg,oma,rm,sox,tak,tta,voc,w64,wav," +
  "wsd,wv,xwma";

/**
 * Arguments that make any FFmpeg write one audio track as floats at its own rate, in a WAV header.
 * @param input what follows `-i`, with its protocol
 * @param track audio tracks are counted from 0
 */
export function decodingArguments(input: string, track: number): string[] {
  return (
    `-hide_banner|-nostdin|-nostats|-loglevel|level+info|-protocol_whitelist|file,pipe|` +
    `-format_whitelist|${DEMUXERS}|-i|INPUT|-map|0:a:${track}|-map_metadata|-1|` +
    `-f|wav|-c:a|pcm_f32le|-flush_packets|1|pipe:1`
  )
    .split("|")
    .map((argument) => (argument === "INPUT" ? input : argument));
}
