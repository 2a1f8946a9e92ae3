/**
 * The limits of the caption guides, as numbers. `docs/captions.md` says where each one comes from.
 */

/** What a layout must keep. Widths are columns ({@link textWidth}); a missing limit does not apply. */
export interface CaptionLimits {
  /** Columns of one line. */
  readonly maxLineWidth: number;
  /** Lines of one cue. */
  readonly maxLineCount: number;
  /** Words of one line. */
  readonly maxWordsPerLine: number;
  /** A cue is held at least this long, where the next one leaves room. */
  readonly minDurationSeconds: number;
  /** The same for each word of the cue; the longer one counts. */
  readonly minSecondsPerWord: number;
  /** A cue is split before it lasts longer. */
  readonly maxDurationSeconds: number;
  /** Columns a second that a reader can follow. */
  readonly maxCharactersPerSecond: number;
  /** The same in words a minute. */
  readonly maxWordsPerMinute: number;
  /** Empty screen between two cues. */
  readonly gapSeconds: number;
  /** A gap shorter than this is closed down to `gapSeconds`, so that captions do not blink. */
  readonly chainSeconds: number;
  /** Silence longer than this starts a new cue. */
  readonly pauseSeconds: number;
  /** Only characters that a CEA-608 decoder can draw. */
  readonly westernOnly: boolean;
}

const NO_LIMITS: CaptionLimits = {
  maxLineWidth: 1000,
  maxLineCount: 1,
  maxWordsPerLine: Infinity,
  minDurationSeconds: 0,
  minSecondsPerWord: 0,
  maxDurationSeconds: Infinity,
  maxCharactersPerSecond: Infinity,
  maxWordsPerMinute: Infinity,
  gapSeconds: 0,
  chainSeconds: 0,
  pauseSeconds: 3,
  westernOnly: false,
};

/** Two frames at 24 frames a second. */
const TWO_FRAMES = 2 / 24;

/** Whose rules captions keep. */
export type PresetName = "netflix" | "bbc" | "cea608" | "live" | "social";

/** The limits of each preset; docs/captions.md has them as a table. */
export const PRESETS: Readonly<Record<PresetName, CaptionLimits>> = {
  netflix: {
    ...NO_LIMITS,
    maxLineWidth: 42,
    maxLineCount: 2,
    minDurationSeconds: 5 / 6,
    maxDurationSeconds: 7,
    maxCharactersPerSecond: 20,
    gapSeconds: TWO_FRAMES,
    chainSeconds: 0.5,
  },
  bbc: {
    ...NO_LIMITS,
    maxLineWidth: 37,
    maxLineCount: 2,
    minSecondsPerWord: 0.3,
    maxWordsPerMinute: 180,
  },
  cea608: { ...NO_LIMITS, maxLineWidth: 32, maxLineCount: 4, westernOnly: true },
  live: {
    ...NO_LIMITS,
    maxLineWidth: 42,
    maxLineCount: 2,
    minDurationSeconds: 1,
    maxDurationSeconds: 6,
    maxCharactersPerSecond: 20,
  },
  social: { ...NO_LIMITS, maxLineWidth: 24, maxLineCount: 2, maxDurationSeconds: 4 },
};

/** A preset, and limits that replace its own. */
export interface LimitOptions extends Partial<CaptionLimits> {
  /** `netflix` unless stated. */
  readonly preset?: PresetName | undefined;
}

const WHOLE = new Set<keyof CaptionLimits>(["maxLineWidth", "maxLineCount", "maxWordsPerLine"]);

/** The limits that `options` ask for. Throws `RangeError` for an unknown preset or an impossible number. */
export function resolveLimits(options: LimitOptions = {}): CaptionLimits {
  const { preset = "netflix" } = options;
  if (!Object.hasOwn(PRESETS, preset)) {
    throw new RangeError(
      `Cannot lay out captions: preset must be one of ${Object.keys(PRESETS).join(", ")}, got ${preset}`,
    );
  }
  const base = PRESETS[preset];
  const limits = { ...base };
  for (const key of Object.keys(base) as (keyof CaptionLimits)[]) {
    const value = options[key];
    if (value === undefined) continue;
    checkLimit(key, value);
    Object.assign(limits, { [key]: value });
  }
  return limits;
}

function checkLimit(key: keyof CaptionLimits, value: unknown): void {
  if (key === "westernOnly") return;
  const least = WHOLE.has(key) ? 1 : 0;
  const most = key.startsWith("max");
  const good =
    typeof value === "number" &&
    value >= least &&
    (most ? value > 0 : Number.isFinite(value)) &&
    (!WHOLE.has(key) || Number.isInteger(value) || value === Infinity);
  if (good) return;
  const kind = WHOLE.has(key) ? "a whole number from 1" : `a number from ${most ? "above 0" : "0"}`;
  throw new RangeError(`Cannot lay out captions: ${key} must be ${kind}, got ${String(value)}`);
}
