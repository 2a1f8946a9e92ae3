/** Everyword's public face. */
export {
  EverywordError,
  ServiceWithdrawnError,
  type ErrorCode,
  type WithdrawnSignal,
} from "./errors.ts";
export { languageCode, LANGUAGES } from "./languages.ts";
export { openService, type OpenedService, type OpenServiceOptions } from "./open-service.ts";
export { hostedService, serverService, type ApiKey, type Service } from "./service.ts";
export {
  transcriptText,
  transcriptWords,
  type Gap,
  type Segment,
  type Transcript,
  type Word,
} from "./transcript.ts";
export { toChannelChunks, toChunks } from "./resample/chunks.ts";
export type { ChunkOptions } from "./resample/options.ts";
export type { AudioSource } from "./resample/source.ts";
export { TranscriptCollector } from "./stream/core/collect.ts";
export type { SessionEvent } from "./stream/core/events.ts";
export { openSession, type Session, type SessionOptions } from "./stream/session.ts";
export { transcribeChunks } from "./stream/transcribe.ts";
export { toCues, type CueOptions } from "./captions/cues.ts";
export type { Cue } from "./captions/cue.ts";
export { writeSrt } from "./captions/srt.ts";
export { writeText } from "./captions/text.ts";
export { writeVtt } from "./captions/vtt.ts";
export { transcribeFile, translateFile, type FileOptions } from "./batch/transcribe-file.ts";
export type { FileResult } from "./batch/core/result.ts";
export { openEngine, type EngineOptions } from "./server/engine/engine.ts";
export type {
  RecognizedSegment,
  RecognizedWord,
  Recognizer,
  RecognizerStream,
} from "./server/recognizer.ts";
export { startServer, type RunningServer, type ServerOptions } from "./server/server.ts";
