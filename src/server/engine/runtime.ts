/** The native runtime: what of `sherpa-onnx-node` is used, and one sentence when it cannot be loaded. */
import { createRequire } from "node:module";
import { EverywordError } from "../../errors.ts";

export interface Waveform {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

export interface OfflineStream {
  acceptWaveform(waveform: Waveform): void;
}

export interface OfflineResult {
  readonly text: string;
  /** Pieces of words and their times, where the kind of model gives them. */
  readonly tokens?: readonly string[];
  readonly timestamps?: readonly number[];
  readonly lang?: string;
}

export interface OfflineRecognizer {
  createStream(): OfflineStream;
  decode(stream: OfflineStream): void;
  getResult(stream: OfflineStream): OfflineResult;
}

export interface VoiceDetector {
  acceptWaveform(samples: Float32Array): void;
  isDetected(): boolean;
  isEmpty(): boolean;
  pop(): void;
  flush(): void;
  reset(): void;
}

/** The configuration of a recognizer, as the runtime spells it. */
export type RuntimeConfig = Readonly<Record<string, unknown>>;

export interface Runtime {
  readonly OfflineRecognizer: new (config: RuntimeConfig) => OfflineRecognizer;
  readonly Vad: new (config: RuntimeConfig, bufferSeconds: number) => VoiceDetector;
}

/**
 * Loads the native runtime.
 * @throws EverywordError `recognizer` when this platform has no build of it or it was not installed.
 */
export function loadRuntime(): Runtime {
  try {
    return createRequire(import.meta.url)("sherpa-onnx-node") as Runtime;
  } catch (error) {
    throw new EverywordError(
      "recognizer",
      `The local recognizer's runtime (sherpa-onnx-node) cannot be loaded on ${process.platform}-${process.arch}; ` +
        "install without --omit=optional on a system with glibc 2.32 or later, or use a server with --server URL.",
      { cause: error },
    );
  }
}
