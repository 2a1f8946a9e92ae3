/**
 * `everyword/captions`: words to cues, cues to files, and live text that does not flicker. Pure: runs
 * in browsers, workers and any other JavaScript as it is.
 */
export type { Cue } from "./cue.ts";
export { toCues, type CueOptions } from "./cues.ts";
export {
  cuesTranscript,
  formats,
  type Format,
  type FormatName,
  type FormatOptions,
} from "./formats.ts";
export { writeFullJson, writeJson } from "./json.ts";
export { highlightWords } from "./karaoke.ts";
export { PRESETS, type CaptionLimits, type PresetName } from "./presets.ts";
export { readJson } from "./read-json.ts";
export { readCsv, readTsv } from "./read-tables.ts";
export { readCaptions, readSrt, readVtt } from "./read.ts";
export {
  createCueSink,
  SINK_FORMATS,
  type CueSink,
  type SinkFormat,
  type SinkOptions,
} from "./sink.ts";
export { writeSrt, type SrtOptions } from "./srt.ts";
export { StabilityMeter, type StabilityMetrics } from "./stability-meter.ts";
export {
  STABILITY,
  Stabilizer,
  type HypothesisEvent,
  type Stability,
  type StabilizerOptions,
  type StableUpdate,
} from "./stabilizer.ts";
export { writeCsv, writeLrc, writeTsv, type LrcOptions } from "./tables.ts";
export { writeText, type TextOptions } from "./text.ts";
export { writeVtt, type VttOptions, type VttRegion } from "./vtt.ts";
export { segmentCues, whisperCues, type WhisperOptions } from "./whisper.ts";
