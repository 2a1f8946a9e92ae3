/** Everyword's public face. Captions have a face of their own, `everyword/captions`; so has the test kit, `everyword/testing`. */
export {
  EverywordError,
  ServiceWithdrawnError,
  type ErrorCode,
  type WithdrawnSignal,
} from "./errors.ts";
export { languageCode, LANGUAGES } from "./languages.ts";
export type { RetryPolicy } from "./retry.ts";
export {
  transcriptText,
  transcriptWords,
  type Gap,
  type Segment,
  type Transcript,
  type Word,
} from "./transcript.ts";

// Where the audio goes.
export { openService, type OpenedService, type OpenServiceOptions } from "./open-service.ts";
export {
  hostedService,
  serverService,
  type ApiKey,
  type AuthScheme,
  type FileModel,
  type Service,
  type StreamingVersion,
} from "./service.ts";

// Any audio in.
export { chunkStream, type ChunkStream } from "./resample/chunk-stream.ts";
export { toChannelChunks, toChunks } from "./resample/chunks.ts";
export { inspectAudio, type AudioFacts } from "./resample/inspect.ts";
export { listDevices, openMicrophone, type Microphone } from "./resample/microphone.ts";
export type { AudioWarning, ChunkOptions, Progress } from "./resample/options.ts";
export type { AudioSource } from "./resample/source.ts";
export { writeWav } from "./resample/write-wav.ts";

// Live sessions.
export { transcribeChannels, type ChannelOptions } from "./stream/channels.ts";
export { TranscriptCollector } from "./stream/core/collect.ts";
export type { SessionEvent } from "./stream/core/events.ts";
export {
  openSessionPool,
  type PooledSessionOptions,
  type SessionPool,
  type SessionPoolOptions,
} from "./stream/session-pool.ts";
export { openSession, type Outcome, type Session, type SessionOptions } from "./stream/session.ts";
export { METRICS, type Metric, type MetricName, type MetricSink } from "./stream/metrics.ts";
export type { OpenSocket, SocketEvents, SocketRequest, StreamSocket } from "./stream/socket.ts";
export type { Journal, JournalEntry, Spill } from "./stream/core/spill.ts";
export {
  createSpillFile,
  resumeSpillFile,
  type SpillFile,
  type SpillFileOptions,
} from "./stream/spill-file.ts";
export { transcribeChunks } from "./stream/transcribe.ts";
export { toWritable } from "./stream/writable.ts";
export { toWritableStream } from "./stream/writable-stream.ts";

// Whole files.
export type { Job } from "./batch/core/job.ts";
export type { FileResult } from "./batch/core/result.ts";
export type { FileOutcome } from "./batch/file-run.ts";
export { cancelJob, findJob, jobResult, listJobs } from "./batch/jobs.ts";
export {
  submitJob,
  waitForJob,
  type SubmitOptions,
  type SubmittedJob,
  type WaitOptions,
} from "./batch/submit-job.ts";
export { transcribeFile, translateFile, type FileOptions } from "./batch/transcribe-file.ts";
export {
  submitFiles,
  transcribeFiles,
  waitForJobs,
  type FilesOptions,
  type LedgerOptions,
} from "./batch/transcribe-files.ts";

// Captions: what most need; the rest is in `everyword/captions`.
export {
  toCues,
  writeSrt,
  writeText,
  writeVtt,
  type Cue,
  type CueOptions,
} from "./captions/index.ts";

// The local server and recognizer.
export { openEngine, startServer } from "./local.ts";
export type { EngineOptions } from "./server/engine/engine.ts";
export type {
  RecognizedSegment,
  RecognizedWord,
  RecognizeOptions,
  Recognizer,
  RecognizerLoad,
  RecognizerModel,
  RecognizerStream,
} from "./server/recognizer.ts";
export type { RunningServer, ServerOptions } from "./server/server.ts";
