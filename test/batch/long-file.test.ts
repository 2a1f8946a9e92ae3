import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { prepareUpload } from "../../src/batch/prepare-upload.ts";
import { transcribeFile } from "../../src/batch/transcribe-file.ts";
import { transcribeFiles } from "../../src/batch/transcribe-files.ts";
import { toChunks } from "../../src/resample/chunks.ts";
import { startTestServer } from "../../src/server/testing.ts";
import { speakTones, wavBytes } from "../../src/server/tone-speech.ts";
import { serverService, type Service } from "../../src/service.ts";
import { transcriptWords } from "../../src/transcript.ts";
import { seeded } from "./random.ts";
import {
  json,
  patternBytes,
  serveScript,
  temporaryDirectory,
  temporaryFile,
} from "./script-server.ts";

// A temporary directory of our own, so that what is left in it was left by us.
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "everyword-long-file-"));
  vi.stubEnv("TMPDIR", directory);
  return () => rm(directory, { recursive: true, force: true });
});

/** `EVERYWORD_MINUTES=180 npx vitest run test/batch/long-file.test.ts` */
const MINUTES = Number(process.env["EVERYWORD_MINUTES"] ?? 6);

/** The project's own server, which hears tones. */
async function toneService(): Promise<Service> {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  return serverService(server.url);
}

/** A recording that says seeded words, and those words. */
function recording(
  minutes: number,
  seed: number,
): { readonly wav: Uint8Array; readonly words: string[] } {
  const random = seeded(seed);
  const vocabulary = ["no", "no", "yes", "five", "six", "the", "alpha", "o"];
  const script: string[] = [];
  let speech = speakTones("a");
  const wanted = minutes * 60 * 16_000;
  for (let words = 100; speech.samples.length < wanted; words = Math.ceil(words * 1.3)) {
    while (script.length < words) {
      script.push(vocabulary[Math.floor(random() * vocabulary.length)]!);
      if (random() < 0.1) script.push("|");
    }
    speech = speakTones(script.join(" "));
  }
  return { wav: wavBytes(speech.samples), words: speech.words.map((word) => word.text) };
}

test(
  `${MINUTES} minutes cut in parts give the same words as whole, exactly`,
  { timeout: 60_000 + MINUTES * 20_000 },
  async () => {
    const seed = 5;
    const service = await toneService();
    const { wav, words } = recording(MINUTES, seed);
    const path = await temporaryFile(wav, "long.wav");
    const before = await temporaries();
    const whole = await transcribeFile(path, { service, preconvert: "never" });
    const parts = new Set<number>();
    const maxUploadBytes = Math.max(3_000_000, Math.ceil(wav.length / 8));
    const cut = await transcribeFile(path, {
      service,
      maxUploadBytes,
      onProgress: ({ part }) => parts.add(part),
    });
    const text = (result: typeof whole): string =>
      transcriptWords(result)
        .map((word) => word.text)
        .join(" ");
    const said = words.join(" ");
    const late = maxDifference(transcriptWords(whole), transcriptWords(cut));
    expect(
      [text(whole) === said, text(cut) === said, parts.size > 3, late < 0.1, await temporaries()],
      `seed ${seed}`,
    ).toEqual([true, true, true, true, before]);
    expect(cut.warnings.map((warning) => warning.code)).toEqual(["sent-in-parts"]);
  },
);

function maxDifference(
  one: readonly { readonly start?: number | undefined }[],
  other: readonly { readonly start?: number | undefined }[],
): number {
  return one.reduce(
    (most, word, at) => Math.max(most, Math.abs((word.start ?? 0) - (other[at]?.start ?? 1e9))),
    0,
  );
}

/** Directories of this module that are left on the disk. */
async function temporaries(): Promise<number> {
  const names = await readdir(tmpdir());
  return names.filter((name) => name.startsWith("everyword-convert-")).length;
}

test("what was cut is stored in the ledger and read again like an answer", async () => {
  const service = await toneService();
  const { wav, words } = recording(2, 9);
  const path = await temporaryFile(wav, "long.wav");
  const ledger = join(await temporaryDirectory(), "ledger");
  const texts: string[] = [];
  const codes: string[] = [];
  for (let run = 0; run < 2; run += 1) {
    for await (const outcome of transcribeFiles([path], {
      service,
      ledger,
      maxUploadBytes: 2_000_000,
    })) {
      if (!outcome.ok) throw outcome.error;
      codes.push(...outcome.result.warnings.map((warning) => warning.code));
      texts.push(
        transcriptWords(outcome.result)
          .map((word) => word.text)
          .join(" "),
      );
    }
  }
  expect([texts, codes]).toEqual([
    [words.join(" "), words.join(" ")],
    ["sent-in-parts", "sent-in-parts"],
  ]);
});

test("FLAC parts hold the same samples as the recording, overlaps and all", async () => {
  const { wav } = recording(2, 9);
  const path = await temporaryFile(wav, "long.wav");
  const prepared = await prepareUpload(path, { convertTo: "flac", maxUploadBytes: 2_000_000 });
  const same = await Promise.all(
    prepared.pieces.map(async (piece) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of toChunks(piece.path)) chunks.push(chunk);
      const from = 44 + Math.round(piece.startSeconds * 16_000) * 2;
      const to = 44 + Math.round((piece.endSeconds ?? 0) * 16_000) * 2;
      return Buffer.compare(Buffer.concat(chunks), wav.subarray(from, to)) === 0;
    }),
  );
  const smaller = prepared.pieces.every((piece) => piece.bytes < 1_500_000);
  await prepared.dispose();
  expect([same.length > 2, same.every(Boolean), smaller]).toEqual([true, true, true]);
});

test("a part that fails for good ends the others and is the error", async () => {
  const server = await serveScript([json({ error: "no such language" }, 400)]);
  const { wav } = recording(2, 9);
  const path = await temporaryFile(wav, "long.wav");
  const options = { service: server.service, maxUploadBytes: 2_000_000 };
  const error = await transcribeFile(path, options).catch((caught: unknown) => caught);
  const asText = await transcribeFile(path, { ...options, responseFormat: "text" }).catch(
    (caught: unknown) => caught,
  );
  expect([error, asText, server.arrived.length <= 2]).toMatchObject([
    { code: "unsupported", status: 400 },
    { code: "unsupported", message: expect.stringContaining("ask for verbose_json") },
    true,
  ]);
});

/** Stereo at 48 kHz: six times what 16 kHz mono needs. */
function wideWav(seconds: number): Uint8Array {
  const data = patternBytes(seconds * 192_000);
  const wav = new Uint8Array(44 + data.length);
  wav.set(wavBytes(new Int16Array(0)));
  wav.set(data, 44);
  const view = new DataView(wav.buffer);
  view.setUint32(4, 36 + data.length, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, 48_000, true);
  view.setUint32(28, 192_000, true);
  view.setUint16(32, 4, true);
  view.setUint32(40, data.length, true);
  return wav;
}

test("auto converts what gets smaller, never and always do as they say", async () => {
  const wide = await temporaryFile(wideWav(2), "wide.wav");
  const narrow = await temporaryFile(wavBytes(new Int16Array(32_000)), "narrow.wav");
  const unknown = await temporaryFile(patternBytes(100_000), "unknown.mp3");
  const prepared = await Promise.all([
    prepareUpload(wide, {}),
    prepareUpload(wide, { preconvert: "never" }),
    prepareUpload(narrow, {}),
    prepareUpload(narrow, { preconvert: "always" }),
    prepareUpload(unknown, {}),
    prepareUpload(narrow, { preconvert: "always", convertTo: "flac" }),
  ]);
  const sent = prepared.map(({ pieces }) =>
    pieces.map((one) => [one.name, one.header.length + one.bytes]),
  );
  await Promise.all(prepared.map((one) => one.dispose()));
  expect(sent).toEqual([
    [["wide.wav", 64_044]],
    [["wide.wav", 384_044]],
    [["narrow.wav", 64_044]],
    [["narrow.wav", 64_044]],
    [["unknown.mp3", 100_000]],
    [["narrow.flac", 42 + 7 * 11 + 13]],
  ]);
});

test("a damaged file is sent as it is when it need not be converted, and refused when it must", async () => {
  const wav = wideWav(2);
  wav.fill(0, 12, 16);
  const path = await temporaryFile(wav, "damaged.wav");
  const refused = await prepareUpload(path, { preconvert: "always" }).catch(
    (error: unknown) => error,
  );
  const sent = await prepareUpload(path, {});
  expect([refused, sent.pieces[0]?.path]).toMatchObject([{ name: "EverywordError" }, path]);
});

test("a file over the limit that may not be converted goes up with a warning", async () => {
  const server = await serveScript([json({ text: "" })]);
  const path = await temporaryFile(patternBytes(1_000_000), "big.mp3");
  const result = await transcribeFile(path, {
    service: server.service,
    preconvert: "never",
    maxUploadBytes: 999_999,
    overlapSeconds: 0,
  });
  expect(result.warnings.map((warning) => warning.code)).toEqual(["too-large"]);
});

test("an abort while a file is converted leaves nothing behind", async () => {
  const path = await temporaryFile(wideWav(30), "wide.wav");
  const before = await temporaries();
  const control = new AbortController();
  const reason = new Error("enough");
  const pending = prepareUpload(path, {}, control.signal).catch((error: unknown) => error);
  setImmediate(() => control.abort(reason));
  expect([await pending, await temporaries()]).toEqual([reason, before]);
});

test("wrong wishes are refused", async () => {
  const path = await temporaryFile(patternBytes(10));
  await writeFile(path, "x");
  const errors = await Promise.all(
    [
      { preconvert: "maybe" as "auto" },
      { convertTo: "mp3" as "wav" },
      { maxUploadBytes: 1000 },
      { overlapSeconds: -1 },
    ].map((options) =>
      prepareUpload(path, options).catch((error: unknown) => (error as Error).name),
    ),
  );
  expect(new Set(errors)).toEqual(new Set(["RangeError"]));
});
