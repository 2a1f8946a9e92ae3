/** The service of a run: chosen at once, opened when the first input needs it, closed at the end. */
import { openService, findService, type OpenedService } from "../open-service.ts";
import { EverywordError } from "../errors.ts";
import type { Service } from "../service.ts";
import type { Io } from "./io.ts";
import type { Values } from "./parse.ts";
import { serviceOptions } from "./service-options.ts";

/** Names that people bring, and what they mean to a service. */
const HOSTED_NAMES: Readonly<Record<string, string>> = {
  large: "whisper-v3",
  "large-v3": "whisper-v3",
  turbo: "whisper-v3-turbo",
  "large-v3-turbo": "whisper-v3-turbo",
};

export interface Opened {
  readonly service: Service;
  /** What the sync route is asked for; `undefined` is its default. */
  readonly model: string | undefined;
}

export class OpenOnce {
  readonly #values: Values;
  readonly #io: Io;
  readonly #onNotice: (line: string) => void;
  #isOpen = false;
  #opened: Promise<OpenedService> | undefined;

  constructor(values: Values, io: Io, onNotice: (line: string) => void) {
    this.#values = values;
    this.#io = io;
    this.#onNotice = onNotice;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the recognizer inside this process will do the work. */
  async isEmbedded(): Promise<boolean> {
    return (await findService(serviceOptions(this.#values, this.#io))) === undefined;
  }

  /** What a result depends on beyond the options: which service, which model. */
  async describe(): Promise<readonly (string | undefined)[]> {
    const model = this.#values.text("model") ?? this.#values.text("local-model");
    const service = await findService(serviceOptions(this.#values, this.#io));
    return [service?.kind ?? "embedded", service?.batch, model];
  }

  /** Several inputs may ask at once; after a failure the next one tries again. */
  async open(): Promise<Opened> {
    const model = this.#values.text("model");
    this.#opened ??= this.#openService(model);
    const opening = this.#opened;
    const { service } = await opening.catch((error: unknown) => {
      if (this.#opened === opening) this.#opened = undefined;
      throw error;
    });
    this.#isOpen = true;
    if (model === undefined || service.kind === "embedded") return { service, model: undefined };
    return { service, model: modelName(model) };
  }

  async close(): Promise<void> {
    await (await this.#opened?.catch(() => undefined))?.close();
  }

  async #openService(model: string | undefined): Promise<OpenedService> {
    const options = serviceOptions(this.#values, this.#io);
    const embedded = model !== undefined && (await findService(options)) === undefined;
    const localModel = embedded ? localName(model) : options.localModel;
    return openService({ ...options, localModel, onNotice: this.#onNotice });
  }
}

/** What the file routes are asked for. */
export function modelName(asked: string | undefined): string | undefined {
  return asked === undefined ? undefined : (HOSTED_NAMES[asked] ?? asked);
}

/** @throws EverywordError `usage` for a model that the local recognizer does not have. */
export function localName(model: string): "tiny" | "base" {
  const name = model.replace(/\.en$/u, "");
  if (name === "tiny" || name === "base") return name;
  throw new EverywordError(
    "usage",
    `The local recognizer has the models tiny and base, not "${model}"; others need --server URL or a key.`,
  );
}
