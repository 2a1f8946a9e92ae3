/** The options that say where the audio goes and what is asked of it; shared by all commands that send any. */
import { existsSync } from "node:fs";
import { EverywordError } from "../errors.ts";
import { languageCode } from "../languages.ts";
import type { OpenServiceOptions } from "../open-service.ts";
import type { OptionSpec } from "./command.ts";
import type { Io } from "./io.ts";
import type { Values } from "./parse.ts";

const WHERE = "Where the audio goes";

export const SERVICE_OPTIONS: readonly OptionSpec[] = [
  {
    name: "server",
    value: "URL",
    group: WHERE,
    help: "A server that speaks the protocol, such as `everyword serve` (or EVERYWORD_SERVER; its key: --api-key-file or EVERYWORD_API_KEY)",
  },
  {
    name: "api-key-file",
    value: "FILE",
    group: WHERE,
    completes: "file",
    help: "The file that holds the key (or FIREWORKS_API_KEY, or ~/.fireworks/auth.ini): use the hosted service",
  },
  {
    name: "auth",
    value: "FORM",
    group: WHERE,
    choices: ["raw", "bearer"],
    help: "How the key is sent: raw (default) or bearer",
  },
];

export const LOCAL_OPTIONS: readonly OptionSpec[] = [
  {
    name: "local-model",
    value: "SIZE",
    group: "Local recognizer",
    choices: ["tiny", "base"],
    help: "base (default, more accurate) or tiny (faster)",
  },
  {
    name: "model-dir",
    value: "DIR",
    group: "Local recognizer",
    completes: "folder",
    help: "Where its weights are kept (or EVERYWORD_MODEL_DIR); default: the user's cache",
  },
];

export const SPEECH_OPTIONS: readonly OptionSpec[] = [
  {
    name: "language",
    short: "l",
    value: "CODE",
    group: "Speech",
    help: "Language spoken: a code or an English name; default: detected",
  },
  {
    name: "prompt",
    value: "TEXT",
    group: "Speech",
    aliases: ["initial-prompt"],
    help: "Names and terms to expect, in the language of the audio",
  },
  { name: "temperature", value: "T", group: "Speech", help: "Decoding temperature, 0 to 1" },
];

/** What only the routes for files can do. */
export const TASK_OPTIONS: readonly OptionSpec[] = [
  {
    name: "task",
    value: "TASK",
    group: "Speech",
    choices: ["transcribe", "translate"],
    help: "translate: into English; not by the local recognizer",
  },
  {
    name: "model",
    short: "m",
    value: "NAME",
    group: "Speech",
    help: "whisper-v3 (or large-v3), whisper-v3-turbo (or turbo); local: base, tiny",
  },
  { name: "diarize", group: "Speech", help: "Say who speaks; not by the local recognizer" },
  { name: "min-speakers", value: "N", group: "Speech", help: "With --diarize" },
  { name: "max-speakers", value: "N", group: "Speech", help: "With --diarize" },
];

export interface SpeakerWishes {
  readonly diarize: boolean;
  readonly minSpeakers: number | undefined;
  readonly maxSpeakers: number | undefined;
}

/** @throws EverywordError `usage` for numbers without `--diarize`, or none that can be. */
export function speakersFrom(values: Values): SpeakerWishes {
  const diarize = values.flag("diarize");
  const minSpeakers = values.integer("min-speakers", 1, 100);
  const maxSpeakers = values.integer("max-speakers", 1, 100);
  if (!diarize && (minSpeakers ?? maxSpeakers) !== undefined) {
    throw new EverywordError("usage", "--min-speakers and --max-speakers go with --diarize.");
  }
  if (minSpeakers !== undefined && maxSpeakers !== undefined && minSpeakers > maxSpeakers) {
    throw new EverywordError("usage", "--min-speakers must be at most --max-speakers.");
  }
  return { diarize, minSpeakers, maxSpeakers };
}

/**
 * What the options and the environment say about the service.
 *
 * @throws EverywordError `usage` for a key in place of its file; it is not repeated.
 */
export function serviceOptions(values: Values, io: Io): OpenServiceOptions {
  const apiKeyFile = values.text("api-key-file");
  if (apiKeyFile !== undefined && looksLikeKey(apiKeyFile)) {
    throw new EverywordError(
      "usage",
      "--api-key-file takes the file that holds the key, and got what looks like a key; everyword login stores it.",
    );
  }
  return {
    server: values.text("server"),
    apiKeyFile,
    auth: values.text("auth") as "raw" | "bearer" | undefined,
    localModel: values.text("local-model") as "tiny" | "base" | undefined,
    modelDir: values.text("model-dir"),
    env: io.env,
    homeDir: io.homeDir,
    signal: io.abort,
  };
}

function looksLikeKey(text: string): boolean {
  return /^(?:fw|sk|pk)[_-][\w-]{4,}$/u.test(text) && !existsSync(text);
}

/** @throws EverywordError `usage` for a language that is not in the protocol's list. */
export function languageFrom(values: Values): string | undefined {
  const text = values.text("language");
  if (text === undefined || text === "auto") return undefined;
  const code = languageCode(text);
  if (code === undefined) {
    throw new EverywordError(
      "usage",
      `"${text}" is not a language this protocol knows; everyword languages lists them.`,
    );
  }
  return code;
}
