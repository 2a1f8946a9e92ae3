/** What the machine itself has: Node, settings, decoders, microphones. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { messageOf } from "../../errors.ts";
import { listDevices } from "../../resample/microphone.ts";
import type { Io } from "../io.ts";
import { COMMANDS } from "../registry.ts";
import { settingsFiles, userSettingsPath, withSettings, type StrangeKey } from "../settings.ts";
import { typoSentences } from "../settings-typos.ts";
import { Values } from "../parse.ts";
import type { Finding } from "./finding.ts";

const LEAST_NODE = [20, 20] as const;

export function checkRuntime({ nodeVersion, platform }: Io): Finding {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/u, "").split(".").map(Number);
  const good = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return {
    what: "Node",
    state: good ? "works" : "broken",
    detail: `${nodeVersion} on ${platform}`,
    ...(good ? {} : { mend: `install Node ${LEAST_NODE.join(".")} or later` }),
  };
}

/** Reads the settings as every command would. */
export async function checkSettings(io: Io): Promise<Finding[]> {
  const findings: Finding[] = [];
  const strange: StrangeKey[] = [];
  for (const { load } of COMMANDS) {
    const command = await load();
    try {
      await withSettings(new Values(new Map()), command, io, (key) => strange.push(key));
    } catch (error) {
      findings.push({ what: "settings", state: "broken", detail: messageOf(error) });
    }
  }
  if (findings.length > 0) return findings.slice(0, 1);
  const typos = await typoSentences(strange);
  if (typos.length > 0) {
    return typos.map((detail) => ({ what: "settings", state: "missing", detail }));
  }
  const files = (await settingsFiles(io)).map(({ path }) => path);
  const detail =
    files.length > 0 ? files.join(", ") : `none; looked for in ${userSettingsPath(io)}`;
  return [{ what: "settings", state: "works", detail }];
}

export async function checkAudio(io: Io): Promise<Finding> {
  const program = io.env["FFMPEG_PATH"] ?? "ffmpeg";
  const what = "compressed audio";
  try {
    const { stdout } = await promisify(execFile)(program, ["-version"], { timeout: 10_000 });
    const version = /version (\S+)/u.exec(stdout)?.[1] ?? "";
    return { what, state: "works", detail: `${program} ${version}` };
  } catch {
    try {
      createRequire(import.meta.url).resolve("@ffmpeg/core/wasm");
      return { what, state: "works", detail: "@ffmpeg/core (WebAssembly)" };
    } catch {
      return {
        what,
        state: "missing",
        detail: "only WAV can be read: no ffmpeg, no @ffmpeg/core",
        mend: "npm install @ffmpeg/core",
      };
    }
  }
}

export async function checkMicrophone(io: Io): Promise<Finding> {
  const what = "microphone";
  try {
    const devices = await listDevices({ environment: io.env, platform: io.platform });
    return devices.length > 0
      ? { what, state: "works", detail: `${devices.length} found; everyword devices lists them` }
      : { what, state: "missing", detail: "none was found", mend: "connect one" };
  } catch (error) {
    return { what, state: "missing", detail: messageOf(error) };
  }
}
