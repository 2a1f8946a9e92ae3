/**
 * The local recognizer: real speech to words on this machine, with weights from the package
 * registry. English; no key, no network after the first use. It runs in processes of its
 * own: one that listens (voice detection for all streams), one or more that decode, and one that finds
 * the times of words.
 */
import { availableParallelism } from "node:os";
import { EverywordError } from "../../errors.ts";
import type {
  RecognizedSegment,
  RecognizeOptions,
  Recognizer,
  RecognizerLoad,
  RecognizerModel,
  RecognizerStream,
} from "../recognizer.ts";
import { modelCacheDir, platformModelDir } from "./cache-dir.ts";
import type { ModelName } from "./catalog.ts";
import type { Piece } from "./core/segmenter.ts";
import { EngineStream } from "./engine-stream.ts";
import type { PullProgress } from "./fetch-archive.ts";
import { LoadMeter } from "./load-meter.ts";
import type { DecodeRequest, DetectReply, WordsReply } from "./messages.ts";
import type { RuntimeConfig } from "./runtime.ts";
import { EngineProcess } from "./engine-process.ts";
import { findUserModel } from "./model-dir.ts";
import { WorkerPool } from "./worker-pool.ts";
import { pullDetector, pullModel } from "./weights.ts";

/** Which model, where its weights are, and how much it takes at once. */
export interface EngineOptions {
  /** `base` (default) is the more accurate, `tiny` takes half its time. */
  readonly model?: ModelName | undefined;
  /**
   * Where models are. A directory with a model of the user's own (zipformer, whisper, paraformer,
   * SenseVoice, NeMo, Moonshine, as published for sherpa-onnx) means that model; any other is where
   * fetched ones are kept. Default `EVERYWORD_MODEL_DIR`, else the platform's cache.
   */
  readonly cacheDir?: string | undefined;
  /** Decoding processes, each with its own copy of the weights. Default one less than the cores, at least 1. */
  readonly threads?: number | undefined;
  /** Streams open at once; one more is refused with `quota`. Default 32. */
  readonly maxStreams?: number | undefined;
  /** Audio a stream may be ahead of the engine; `push` then refuses with `quota`. Default 600. */
  readonly maxBehindSeconds?: number | undefined;
  /** Called while weights are fetched. */
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  /** Gives the download up. */
  readonly signal?: AbortSignal | undefined;
}

/** Silero's threshold: 0.4 lost words in a sweep, lower heard breath as speech. */
const VAD_THRESHOLD = 0.3;

/** What the engine runs: the runtime's configuration and what may be promised of it. */
interface LoadedModel {
  readonly recognizer: RuntimeConfig;
  readonly vad: string;
  readonly align: boolean;
  readonly description: RecognizerModel;
}

/**
 * Opens the local recognizer, fetching its weights first where they are missing.
 * @throws EverywordError `recognizer` when the weights cannot be had.
 * @throws RangeError for a number of threads or streams that is no positive integer.
 */
export async function openEngine(options: EngineOptions = {}): Promise<Recognizer> {
  const threads = positive(options.threads ?? Math.max(1, availableParallelism() - 1), "threads");
  const maxStreams = positive(options.maxStreams ?? 32, "maxStreams");
  const maxBehindSeconds = positive(options.maxBehindSeconds ?? 600, "maxBehindSeconds");
  const model = (await loadUserModel(options)) ?? (await loadCatalogModel(options));
  return new Engine(model, { threads, maxStreams, maxBehindSeconds });
}

/** The model in the directory that was named, if it holds one. */
async function loadUserModel(options: EngineOptions): Promise<LoadedModel | undefined> {
  const found = await findUserModel(options.cacheDir ?? modelCacheDir());
  if (found === undefined) return undefined;
  const { id, languages, recognizer } = found;
  const align = languages.length === 1 && languages[0] === "en";
  const wordTimes = align || found.tokenTimes;
  return {
    recognizer,
    // What is fetched for a user's model stays out of the user's directory.
    vad: found.vad ?? (await pullDetector({ ...options, cacheDir: platformModelDir() })),
    align,
    description: { id, languages, tasks: ["transcribe"], streaming: true, wordTimes },
  };
}

async function loadCatalogModel(options: EngineOptions): Promise<LoadedModel> {
  const name = options.model ?? "base";
  const { encoder, decoder, tokens, vad } = await pullModel(name, options);
  const moonshine = { encoder, mergedDecoder: decoder };
  return {
    recognizer: { modelConfig: { moonshine, tokens, numThreads: 1, debug: 0 } },
    vad,
    align: true,
    description: {
      id: `moonshine-${name}`,
      languages: ["en"],
      tasks: ["transcribe"],
      streaming: true,
      wordTimes: true,
    },
  };
}

interface EngineLimits {
  readonly threads: number;
  readonly maxStreams: number;
  readonly maxBehindSeconds: number;
}

class Engine implements Recognizer {
  readonly models: readonly RecognizerModel[];
  readonly #model: LoadedModel;
  readonly #limits: EngineLimits;
  readonly #meter = new LoadMeter();
  readonly #decoders: WorkerPool;
  /** Finds word times; none for a language it does not know. */
  readonly #aligners: WorkerPool | undefined;
  readonly #streams = new Map<number, EngineStream>();
  #ear: EngineProcess;
  #nextStream = 1;
  #closed = false;

  constructor(model: LoadedModel, limits: EngineLimits) {
    this.#model = model;
    this.#limits = limits;
    this.models = [model.description];
    const onWork = (busyMs: number): void => {
      this.#meter.addWork(performance.now(), busyMs);
    };
    const decoder = { role: "decoder", recognizer: model.recognizer } as const;
    this.#decoders = new WorkerPool(decoder, limits.threads, onWork);
    this.#aligners = model.align ? new WorkerPool({ role: "aligner" }, 1, onWork) : undefined;
    this.#ear = this.#startEar();
    // Loading begins now; whoever needs it awaits `ready` or hears of a failure by its stream.
    this.#decoders.start().catch(() => undefined);
    this.#aligners?.start().catch(() => undefined);
  }

  async ready(): Promise<void> {
    await Promise.all([this.#ear.ready(), this.#decoders.start(), this.#aligners?.start()]);
  }

  openStream(
    options: RecognizeOptions,
    onUpdate: (segment: RecognizedSegment) => void,
  ): RecognizerStream {
    this.#checkOptions(options);
    const id = this.#nextStream;
    this.#nextStream += 1;
    const stream = new EngineStream(
      options,
      onUpdate,
      {
        detect: (samples) => this.#detect(id, samples),
        decodeFinal: (piece) => this.#decoders.runFinal(id, decodeRequest(piece)),
        decodeInterim: (make) =>
          this.#decoders.runInterim(id, () => {
            const piece = make();
            return piece === undefined ? undefined : decodeRequest(piece);
          }),
        align: (words, piece) => this.#align(id, words, piece),
        resetDetector: () => {
          this.#forgetInEar(id);
        },
        closed: () => {
          this.#streams.delete(id);
          this.#decoders.forget(id);
          this.#aligners?.forget(id);
          this.#forgetInEar(id);
        },
      },
      { mostBehindSeconds: this.#limits.maxBehindSeconds },
    );
    this.#streams.set(id, stream);
    return stream;
  }

  load(): RecognizerLoad {
    let behindSeconds = 0;
    for (const stream of this.#streams.values()) behindSeconds += stream.behindSeconds();
    return {
      queued: this.#decoders.queued + (this.#aligners?.queued ?? 0),
      behindSeconds,
      realTimeFactor: this.#meter.realTimeFactor(performance.now()),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stream of this.#streams.values()) stream.close();
    await Promise.all([this.#ear.close(), this.#decoders.close(), this.#aligners?.close()]);
  }

  #checkOptions({
    language,
    model,
    endpointSeconds = 1,
    interimSeconds = 0.5,
  }: RecognizeOptions): void {
    const { id, languages } = this.#model.description;
    notNegative(endpointSeconds, "endpointSeconds");
    notNegative(interimSeconds, "interimSeconds");
    if (this.#closed) {
      throw new EverywordError("recognizer", "The recognizer was closed; open a new one.");
    }
    if (model !== undefined && model !== id) {
      throw new EverywordError(
        "unsupported",
        `The local recognizer runs “${id}”, not “${model}”; ask for that.`,
      );
    }
    const primary = language?.toLowerCase().split("-")[0];
    if (primary !== undefined && languages.length > 0 && !languages.includes(primary)) {
      throw new EverywordError(
        "unsupported",
        `The local recognizer's model “${id}” speaks ${languages.join(", ")}, not “${language}”; ` +
          "bring a model of that language with --model-dir.",
      );
    }
    if (this.#streams.size >= this.#limits.maxStreams) {
      throw new EverywordError(
        "quota",
        `The local recognizer has ${this.#limits.maxStreams} streams open, which is its limit; try again when one has ended.`,
      );
    }
  }

  async #detect(stream: number, samples: Int16Array): Promise<Uint8Array> {
    const reply = (await this.#ear.call({ kind: "detect", stream, samples })) as DetectReply;
    this.#meter.addAudio(performance.now(), samples.length / 16);
    return reply.flags;
  }

  /** Words keep their estimated times where this fails: it is no reason to lose them. */
  async #align(
    stream: number,
    words: readonly string[],
    { samples, audioFrame }: Piece,
  ): Promise<WordsReply | undefined> {
    const request = { kind: "align", words, samples, audioFrame } as const;
    return this.#aligners?.runFinal(stream, request).catch(() => undefined);
  }

  #forgetInEar(stream: number): void {
    this.#ear.call({ kind: "forget", stream }).catch(() => undefined);
  }

  /** One that dies is replaced, unless it never lived: the next would not either. */
  #startEar(): EngineProcess {
    const setup = { role: "ear", vad: this.#model.vad, threshold: VAD_THRESHOLD } as const;
    let lived = false;
    const ear = new EngineProcess(setup, () => {
      if (lived && !this.#closed) this.#ear = this.#startEar();
    });
    void ear.ready().then(
      () => (lived = true),
      () => undefined,
    );
    return ear;
  }
}

function decodeRequest({ samples, audioFrame }: Piece): DecodeRequest {
  return { kind: "decode", samples, audioFrame };
}

function notNegative(value: number, name: string): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new RangeError(`Cannot open a stream: ${name} must be 0 or more, got ${value}`);
}

function positive(value: number, name: string): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`Cannot open the engine: ${name} must be a positive integer, got ${value}`);
}
