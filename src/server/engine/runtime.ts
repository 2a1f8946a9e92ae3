/**
 * The runtime that decodes and detects voices: `sherpa-onnx-node`, which is native, or, where that
 * cannot be loaded and the user has installed it, `sherpa-onnx`, which is WebAssembly and takes about
 * twice the time. Both run the same weights; the second finds the edges of speech up to 0.1 s elsewhere.
 */
import { createRequire } from "node:module";
import { EverywordError } from "../../errors.ts";

export interface OfflineResult {
  readonly text: string;
  /** Pieces of words and their times, where the kind of model gives them. */
  readonly tokens?: readonly string[];
  readonly timestamps?: readonly number[];
  readonly lang?: string;
}

export interface VoiceDetector {
  acceptWaveform(samples: Float32Array): void;
  isDetected(): boolean;
  isEmpty(): boolean;
  pop(): void;
  flush(): void;
  reset(): void;
}

/** The configuration of a recognizer or detector, as the runtimes spell it. */
export type RuntimeConfig = Readonly<Record<string, unknown>>;

export interface Runtime {
  readonly name: "sherpa-onnx-node" | "sherpa-onnx";
  /** Loads a model; what it gives turns audio at 16 kHz into text, one piece at a time. */
  createRecognizer(config: RuntimeConfig): (samples: Float32Array) => OfflineResult;
  createDetector(config: RuntimeConfig, bufferSeconds: number): VoiceDetector;
}

interface NativeStream {
  acceptWaveform(waveform: { samples: Float32Array; sampleRate: number }): void;
}

interface NativeModule {
  readonly OfflineRecognizer: new (config: RuntimeConfig) => {
    createStream(): NativeStream;
    decode(stream: NativeStream): void;
    getResult(stream: NativeStream): OfflineResult;
  };
  readonly Vad: new (config: RuntimeConfig, bufferSeconds: number) => VoiceDetector;
}

/** A stream's memory lies in the module's: nobody frees it but we. */
interface WasmStream {
  acceptWaveform(sampleRate: number, samples: Float32Array): void;
  free(): void;
}

interface WasmModule {
  createOfflineRecognizer(config: RuntimeConfig): {
    createStream(): WasmStream;
    decode(stream: WasmStream): void;
    getResult(stream: WasmStream): OfflineResult;
  };
  createVad(config: RuntimeConfig): VoiceDetector;
}

/** Gives a package's module, or throws. */
export type Load = (name: Runtime["name"]) => unknown;

const SAMPLE_RATE = 16_000;

/**
 * Loads the native runtime, or else the one in WebAssembly.
 * @param load tests leave a package out by it.
 * @throws EverywordError `recognizer` when there is neither.
 */
export function loadRuntime(load: Load = createRequire(import.meta.url)): Runtime {
  try {
    return nativeRuntime(load("sherpa-onnx-node") as NativeModule);
  } catch (cause) {
    return loadWasm(load, cause);
  }
}

function loadWasm(load: Load, nativeError: unknown): Runtime {
  try {
    return wasmRuntime(load("sherpa-onnx") as WasmModule);
  } catch {
    throw new EverywordError(
      "recognizer",
      `The local recognizer's runtime (sherpa-onnx-node) cannot be loaded on ${process.platform}-${process.arch}; ` +
        "install without --omit=optional on a system with glibc 2.32 or later, or add its slower form for " +
        "any system (npm install sherpa-onnx), or use a server with --server URL.",
      { cause: nativeError },
    );
  }
}

function nativeRuntime({ OfflineRecognizer, Vad }: NativeModule): Runtime {
  return {
    name: "sherpa-onnx-node",
    createRecognizer(config) {
      const recognizer = new OfflineRecognizer(config);
      return (samples) => {
        const stream = recognizer.createStream();
        stream.acceptWaveform({ samples, sampleRate: SAMPLE_RATE });
        recognizer.decode(stream);
        return recognizer.getResult(stream);
      };
    },
    createDetector: (config, bufferSeconds) => new Vad(config, bufferSeconds),
  };
}

function wasmRuntime(module: WasmModule): Runtime {
  return {
    name: "sherpa-onnx",
    createRecognizer(config) {
      const recognizer = module.createOfflineRecognizer(config);
      return (samples) => {
        const stream = recognizer.createStream();
        try {
          stream.acceptWaveform(SAMPLE_RATE, samples);
          recognizer.decode(stream);
          return recognizer.getResult(stream);
        } finally {
          stream.free();
        }
      };
    },
    createDetector: (config, bufferSizeInSeconds) =>
      module.createVad({ ...config, bufferSizeInSeconds }),
  };
}
