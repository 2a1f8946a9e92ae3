/** WebVTT (https://www.w3.org/TR/webvtt1/). */
import type { Cue } from "./cue.ts";
import { escapeVoice, escapeVtt } from "./markup.ts";
import { renderHighlight, renderWords } from "./render.ts";
import { formatTimestamp, timeCues, toMs, type TimedCue } from "./timestamp.ts";

/** How WebVTT is written. */
export interface VttOptions {
  /** Marks who speaks with `<v Name>`. Default true. */
  readonly voices?: boolean | undefined;
  /** Puts a timestamp before each word but the first, for players that paint words as they are said. Default false. */
  readonly wordTags?: boolean | undefined;
  /** Shows the cues in a region that scrolls up, as roll-up captions do. Default: no region. */
  readonly region?: VttRegion | undefined;
}

/** A part of the screen that captions scroll in. */
export interface VttRegion {
  /** Letters, digits, `-` and `_`. */
  readonly id: string;
  /** Lines the region shows. Default 3. */
  readonly lines?: number | undefined;
  /** Percent of the width of the video. Default 80. */
  readonly width?: number | undefined;
}

/** What a WebVTT file begins with. Throws `RangeError` for a region that no file can name. */
export function vttHeader({ region }: VttOptions = {}): string {
  if (region === undefined) return "WEBVTT\n\n";
  const { id, lines = 3, width = 80 } = region;
  if (!/^[\w-]+$/u.test(id)) {
    throw new RangeError(
      `Cannot write WebVTT: region.id must be letters, digits, - and _, got ${id}`,
    );
  }
  if (!Number.isInteger(lines) || lines < 1) {
    throw new RangeError(
      `Cannot write WebVTT: region.lines must be a whole number from 1, got ${lines}`,
    );
  }
  if (!(width > 0 && width <= 100)) {
    throw new RangeError(
      `Cannot write WebVTT: region.width must be a percentage above 0, got ${width}`,
    );
  }
  return `WEBVTT\n\nREGION\nid:${id}\nwidth:${width}%\nlines:${lines}\nregionanchor:50%,100%\nviewportanchor:50%,90%\nscroll:up\n\n`;
}

/**
 * The cues as a WebVTT file: `\n`, no byte order mark, hours only from one hour on. Cues without
 * text are left out; starts never fall and every cue ends after it starts, in whole milliseconds.
 */
export function writeVtt(cues: readonly Cue[], options: VttOptions = {}): string {
  let text = vttHeader(options);
  for (const timed of timeCues(cues)) text += vttBlock(timed, options);
  return text;
}

/** One cue with the blank line behind it. */
export function vttBlock(timed: TimedCue, options: VttOptions): string {
  const { cue, startMs, endMs } = timed;
  const start = formatTimestamp(startMs, ".", "needed");
  const end = formatTimestamp(endMs, ".", "needed");
  const name = options.voices === false ? "" : escapeVoice(cue.speaker ?? "");
  const text = options.wordTags === true ? taggedWords(timed) : renderHighlight(cue, escapeVtt);
  const id = identifier(cue.id);
  return `${id}${start} --> ${end}${cueSettings(cue, options)}\n${name === "" ? "" : `<v ${name}>`}${text}\n\n`;
}

/** Word tags lie strictly inside the cue and strictly rise; a word that cannot have one goes without. */
function taggedWords({ cue, startMs, endMs }: TimedCue): string {
  let reached = startMs;
  return renderWords(cue, escapeVtt, (escaped, index, word) => {
    const at = toMs(word.start);
    if (index === 0 || at <= reached || at >= endMs) return escaped;
    reached = at;
    return `<${formatTimestamp(at, ".", "needed")}>${escaped}`;
  });
}

function identifier(id: string | undefined): string {
  const clean = id?.replaceAll(/\s+/gu, " ").trim() ?? "";
  return clean === "" || clean.includes("-->") ? "" : `${clean}\n`;
}

function cueSettings({ settings }: Cue, { region }: VttOptions): string {
  const own = settings?.replaceAll(/\s+/gu, " ").replaceAll("-->", "").trim() ?? "";
  if (region === undefined) return own === "" ? "" : ` ${own}`;
  return ` region:${region.id}${own === "" ? "" : ` ${own}`}`;
}
