/**
 * `everyword/testing`: what it takes to test an application against the protocol without a key, a
 * network or a model, and against everything that can go wrong.
 */
import { startServer, type RunningServer, type ServerOptions } from "./server.ts";
import { createToneRecognizer } from "./tones.ts";

export { startServer } from "./server.ts";
export type { LogLine, RunningServer, ServerLimits, ServerOptions } from "./server.ts";
export { CATALOG, FAULT_CODES, type FaultCode, type FaultEntry } from "./faults/catalog.ts";
export {
  parseScenario,
  type FaultDetail,
  type FaultSetting,
  type Scenario,
} from "./faults/scenario.ts";
export { readScenarioFile } from "./faults/scenario-file.ts";
export {
  renderWords,
  speakTones,
  wavBytes,
  type SpeakOptions,
  type SpokenWord,
  type ToneSpeech,
} from "./tone-speech.ts";
export { createToneRecognizer, type ToneRecognizerOptions } from "./tones.ts";
export {
  startChaosProxy,
  type ChaosEvent,
  type ChaosFault,
  type ChaosKind,
  type ChaosOptions,
  type ChaosProxy,
} from "./testing/chaos-proxy.ts";
export {
  assertTranscript,
  compareTranscript,
  type CheckOptions,
  type TranscriptReport,
} from "./testing/transcript-check.ts";

/**
 * A server on a free port of 127.0.0.1 that hears tones, needs no key and stops without waiting.
 * Anything can be said otherwise.
 *
 * @example
 * const server = await startTestServer({ scenario: { W50: { seconds: 2, first: 1 } } });
 * const { samples, words } = speakTones("the quick brown fox");
 */
export function startTestServer(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  return startServer({ recognizer: createToneRecognizer(), drainMs: 0, ...options });
}
