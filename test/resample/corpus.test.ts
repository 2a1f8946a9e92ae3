/**
 * More than 300 truncated, flipped and hostile files, through the whole of `toChunks`: each ends in a
 * refusal or in audio, in bounded time and memory. Needs `ffmpeg` on PATH and dist/ as built.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EverywordError } from "../../src/errors.ts";
import { toChunks } from "../../src/resample/chunks.ts";
import { lacks } from "../programs.ts";
import { type Bad, hostile, spoiled } from "./corpus.ts";
import { seeded, toS16le, tone, wav } from "./signals.ts";

const SEED = 20_260_101;
/** A file that takes longer hangs: a hundred times what one takes on an idle machine. */
const PATIENCE_MS = 60_000;
/** Decoded from one file: more has been made up. */
const MOST_BYTES = 32_000 * 60;
const GROWTH_BYTES = 96 * 1024 * 1024;

const SOUND = ["-f", "lavfi", "-i", "sine=440:d=0.4:r=44100"];
const PICTURE = ["-f", "lavfi", "-i", "testsrc=d=0.4:s=64x64:r=10"];
const FORMATS: readonly [name: string, ...args: string[]][] = [
  ["mp3", ...SOUND],
  ["flac", ...SOUND],
  ["m4a", ...SOUND],
  ["aac", ...SOUND],
  ["ogg", ...SOUND, "-c:a", "libvorbis"],
  ["opus", ...SOUND],
  ["wma", ...SOUND],
  ["aiff", ...SOUND],
  ["au", ...SOUND],
  ["caf", ...SOUND],
  ["w64", ...SOUND],
  ["webm", ...PICTURE, ...SOUND],
  ["mkv", ...PICTURE, ...SOUND],
  ["mp4", ...PICTURE, ...SOUND, "-movflags", "+faststart"],
];

let folder: string;
let files: readonly Bad[] = [];
beforeAll(async () => {
  if (lacks("ffmpeg")) return;
  folder = await mkdtemp(join(tmpdir(), "everyword-test-"));
  const random = seeded(SEED);
  const compressed = FORMATS.map(([name, ...args]): [string, Uint8Array] => {
    const path = join(folder, `good.${name}`);
    execFileSync("ffmpeg", ["-v", "error", "-y", ...args, path]);
    return [name, new Uint8Array(readFileSync(path))];
  });
  const data = toS16le(tone(16_000, 440, 4_000));
  const plain: [string, Uint8Array][] = [
    ["WAV", wav(data)],
    ["WAV of floats", wav(data, { tag: 3, bits: 32 })],
    ["WAV of six channels", wav(data.subarray(0, 7_992), { channels: 6 })],
    ["WAV at 44.1 kHz", wav(data, { rate: 44_100 })],
    ["WAV of µ-law", wav(data, { tag: 7, bits: 8 })],
    ["WAV of 24 bits", wav(data.subarray(0, 7_998), { bits: 24 })],
    ["WAV of A-law in stereo", wav(data, { tag: 6, bits: 8, channels: 2 })],
    ["WAV at 192 kHz", wav(data, { rate: 192_000 })],
  ];
  const good = [...compressed, ...plain];
  files = [...good.flatMap(([name, bytes]) => spoiled(name, bytes, random)), ...hostile()];
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
});

/** What came of a file, or what should not have. */
async function end({ bytes }: Bad, decoder: "native" | "wasm"): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  let made = 0;
  try {
    for await (const chunk of toChunks(bytes, { decoder, signal })) made += chunk.length;
    return made > 0 && made < MOST_BYTES ? "audio" : `${made} bytes`;
  } catch (error) {
    const refused = error instanceof EverywordError && error.code === "input-unreadable";
    return refused && /^Cannot read .+: .+\.$/.test(error.message) ? "refused" : String(error);
  }
}

describe.skipIf(lacks("ffmpeg"))("the corpus of bad files", () => {
  it("has more than 300, no two of one name", () => {
    expect(files.length).toBeGreaterThanOrEqual(300);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
  });

  it.each([
    // Each of them by the decoder that runs in this process; a share by the program.
    ["wasm", 1],
    ["native", 8],
  ] as const)(
    "ends in refusals and in audio, and in nothing else: %s",
    async (decoder, every) => {
      const chosen = files.filter((_, i) => i % every === 0);
      const ends: string[] = [];
      let early = 0;
      const work = chosen.entries();
      const lane = async (): Promise<void> => {
        for (const [i, file] of work) {
          ends.push(`${await end(file, decoder)}: ${file.name} (seed ${SEED})`);
          if (i === Math.floor(chosen.length / 4)) early = process.memoryUsage().rss;
        }
      };
      await Promise.all([lane(), lane()]);
      const heard = ends.filter((text) => text.startsWith("audio: "));
      const refused = ends.filter((text) => text.startsWith("refused: "));
      expect(ends.filter((text) => !heard.includes(text) && !refused.includes(text))).toEqual([]);
      // Most of what is only damaged can be heard, and what promises nonsense is refused.
      expect(heard.length).toBeGreaterThan(chosen.length / 2);
      expect(refused.length).toBeGreaterThan(chosen.length / 8);
      expect(process.memoryUsage().rss - early).toBeLessThan(GROWTH_BYTES);
    },
    600_000,
  );
});
