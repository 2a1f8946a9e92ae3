/**
 * How a microphone is recorded on each system, and how its devices are listed: one table, with no
 * process started. Every command writes raw 16-bit little-endian mono to its standard output.
 */
import { type RawFormat } from "./format.ts";

export type Platform = "linux" | "darwin" | "win32";

/** A program and its arguments. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** A command that records, and what its output is. */
export interface Recorder extends Command {
  readonly format: RawFormat;
}

/** An input that a recorder can be pointed to. */
export interface InputDevice {
  /** What to pass as `device`. */
  readonly name: string;
  /** What the system calls it, for a person. */
  readonly description: string;
}

const AT_16K: RawFormat = { encoding: "s16le", rate: 16_000, channels: 1 };
/** FFmpeg's own resampler lets aliases through, so it is asked for what sound cards have. */
const AT_48K: RawFormat = { encoding: "s16le", rate: 48_000, channels: 1 };

/** Any other system is taken for Linux: the BSDs have sox too. */
export function platformOf(name: string): Platform {
  return name === "darwin" || name === "win32" ? name : "linux";
}

type RecorderTable = Readonly<Record<Platform, (device?: string) => Recorder[]>>;

const RECORDERS: RecorderTable = {
  linux: (device) => [
    arecord(device),
    sox("alsa", device),
    ffmpeg(["-f", "pulse", "-i", device ?? "default"]),
  ],
  darwin: (device) => [
    sox("coreaudio", device),
    ffmpeg(["-f", "avfoundation", "-i", `:${device ?? "default"}`]),
  ],
  // Neither program has a default device of its own there; sox knows one by this name.
  win32: (device) => [
    sox("waveaudio", device ?? "default"),
    ...(device === undefined ? [] : [ffmpeg(["-f", "dshow", "-i", `audio=${device}`])]),
  ],
};

/** Recorders in the order they are tried. @param device a name from the list; absent: the default */
export function recorders(platform: Platform, device?: string): Recorder[] {
  return RECORDERS[platform](device);
}

/** `hw:` devices do not convert rates, `plughw:` ones do. */
function arecord(device: string | undefined): Recorder {
  const name = device?.replace(/^hw:/, "plughw:");
  const timing = ["--period-time=20000", "--buffer-time=400000"];
  const format = ["-t", "raw", "-f", "S16_LE", "-r", "16000", "-c", "1"];
  const args = ["-q", ...(name === undefined ? [] : ["-D", name]), ...timing, ...format];
  return { program: "arecord", args, format: AT_16K };
}

/** Without `--buffer` sox holds back 128 to 256 ms; `-t raw`, because a header would be heard. */
function sox(driver: string, device: string | undefined): Recorder {
  const input = device === undefined ? ["-d"] : ["-t", driver, device];
  const output = ["-t", "raw", "-e", "signed", "-b", "16", "-L", "-r", "16000", "-c", "1", "-"];
  return {
    program: "sox",
    args: ["-q", "-V1", "--buffer", "1024", ...input, ...output],
    format: AT_16K,
  };
}

function ffmpeg(input: readonly string[]): Recorder {
  const quiet = ["-hide_banner", "-loglevel", "error", "-nostdin"];
  const output = ["-ac", "1", "-ar", "48000", "-f", "s16le", "-flush_packets", "1", "pipe:1"];
  return { program: "ffmpeg", args: [...quiet, ...input, ...output], format: AT_48K };
}

/** What to install where nothing can record. */
export function installAdvice(platform: Platform): string {
  const how = {
    linux: "`sudo apt install alsa-utils` (or sox)",
    darwin: "`brew install sox`",
    win32: "`winget install ChrisBagwell.SoX` and put it on PATH",
  };
  return `install a recorder: ${how[platform]}`;
}

/** A command whose output lists the inputs, and how to read it. */
export interface Lister extends Command {
  readonly parse: (output: string) => InputDevice[];
}

const LISTERS: Readonly<Record<Platform, Lister>> = {
  linux: { program: "arecord", args: ["-L"], parse: parseAlsa },
  darwin: { program: "system_profiler", args: ["SPAudioDataType", "-json"], parse: parseProfiler },
  win32: {
    program: "powershell",
    args: [
      "-NoProfile",
      "-Command",
      // Endpoint ids that begin with 0.0.1 are inputs, with 0.0.0 outputs.
      "Get-PnpDevice -Class AudioEndpoint -Status OK | Where-Object InstanceId -like '*0.0.1.*' | " +
        "ForEach-Object FriendlyName",
    ],
    parse: parseNames,
  },
};

export function lister(platform: Platform): Lister {
  return LISTERS[platform];
}

/** Names stand at the margin, each followed by indented lines of description. */
function parseAlsa(output: string): InputDevice[] {
  const devices: InputDevice[] = [];
  for (const block of output.split(/\n(?=\S)/)) {
    const [name = "", ...lines] = block.split("\n");
    if (name === "" || name === "null") continue;
    const description = lines.map((line) => line.trim()).filter((line) => line !== "");
    devices.push({ name: name.trim(), description: description.join(", ") });
  }
  return devices;
}

type ProfilerItem = Readonly<Record<string, unknown>>;

function parseProfiler(output: string): InputDevice[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(output);
  } catch {
    return [];
  }
  const groups = (parsed as { SPAudioDataType?: unknown } | null)?.SPAudioDataType;
  const items = asItems(groups).flatMap((group) => asItems(group["_items"]));
  return items.flatMap((item) => {
    const name = item["_name"];
    if (item["coreaudio_device_input"] === undefined || typeof name !== "string") return [];
    const standard = item["coreaudio_default_audio_input_device"] === "spaudio_yes";
    return [{ name, description: standard ? "default input" : "" }];
  });
}

function asItems(value: unknown): ProfilerItem[] {
  return Array.isArray(value)
    ? value.filter((item): item is ProfilerItem => typeof item === "object" && item !== null)
    : [];
}

function parseNames(output: string): InputDevice[] {
  const names = output.split(/\r?\n/).map((line) => line.trim());
  return names.filter((name) => name !== "").map((name) => ({ name, description: "" }));
}
