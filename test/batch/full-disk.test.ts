import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { findJob, listJobs } from "../../src/batch/jobs.ts";
import {
  type LedgerOptions,
  submitFiles,
  transcribeFiles,
} from "../../src/batch/transcribe-files.ts";
import { json, serveScript, temporaryDirectory } from "./script-server.ts";

interface Scene {
  readonly paths: string[];
  readonly options: LedgerOptions;
  /** Requests that came whole. */
  readonly arrived: readonly { readonly path: string }[];
}

/** A service that accepts everything, and files. */
async function scene(names: readonly string[]): Promise<Scene> {
  const reply = { status: "submitted", batch_id: "batch-7", account_id: "account-3" };
  const { service, arrived } = await serveScript([
    (request, response) =>
      json(request.method === "POST" ? reply : { status: "completed", body: '{"text":"hi"}' })(
        request,
        response,
      ),
  ]);
  const directory = await temporaryDirectory();
  const paths = names.map((name) => join(directory, name));
  for (const path of paths) await writeFile(path, `audio of ${path}`);
  const polling = { firstMs: 5, minMs: 2, maxMs: 20 };
  const ledger = join(directory, "ledger");
  const options = { service, ledger, polling, uploads: 1, preconvert: "never" } as const;
  return { paths, options, arrived };
}

/** From the first write of these words on there is no room for anything. */
async function fillDiskAt(method: "write" | "writeFile", words: string): Promise<() => void> {
  const handle = await open("/dev/null", "r");
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const real = prototype[method] as (...args: unknown[]) => Promise<unknown>;
  let full = false;
  const spy = vi.spyOn(prototype, method).mockImplementation(function (
    this: unknown,
    ...args: unknown[]
  ) {
    full ||= String(args[0]).includes(words);
    if (!full) return real.apply(this, args) as never;
    const error = new Error("ENOSPC: no space left on device, write");
    return Promise.reject(Object.assign(error, { code: "ENOSPC" }));
  });
  onTestFinished(() => spy.mockRestore());
  return () => spy.mockRestore();
}

async function ends(run: ReturnType<typeof submitFiles>): Promise<string[]> {
  const all: string[] = [];
  for await (const one of run) all.push(one.ok ? one.result.status : (one.error as Error).message);
  return all;
}

test("a job that was accepted and cannot be noted is named, and nothing more is submitted", async () => {
  const { paths, options, arrived } = await scene(["a.wav", "b.wav", "c.wav"]);
  const makeRoom = await fillDiskAt("write", '"status":"submitted"');
  const said = await ends(submitFiles(paths, options));
  makeRoom();
  const next = await ends(submitFiles(paths, options));
  const noRoom = `Cannot write to the job ledger in ${options.ledger}: no space is left on the disk; make room on the disk and run it again.`;
  const accepted = said.filter((one) => one.includes("accepted"));
  expect([accepted, said.filter((one) => !one.includes("accepted"))]).toEqual([
    [
      expect.stringMatching(
        /accepted .*[abc]\.wav as the job batch-7 \(account account-3\), and that could not be written down/u,
      ),
    ],
    [noRoom, noRoom],
  ]);
  expect(accepted[0]).toContain(noRoom);
  expect([arrived.length, next.filter((one) => one === "submitted").length]).toEqual([3, 2]);
});

test("a disk that is full before the last bytes leave submits nothing, and nobody is asked later", async () => {
  const { paths, options, arrived } = await scene(["a.wav"]);
  const makeRoom = await fillDiskAt("write", '"status":"committing"');
  const said = await ends(submitFiles(paths, options));
  const before = arrived.length;
  makeRoom();
  const next = await ends(submitFiles(paths, options));
  expect([said, before, next]).toEqual([
    [expect.stringContaining(`job ledger in ${options.ledger}`)],
    0,
    ["submitted"],
  ]);
});

test("a result that finds no room is said where, and fetched again by the next run", async () => {
  const { paths, options, arrived } = await scene(["a.wav"]);
  const makeRoom = await fillDiskAt("writeFile", '"format":1');
  const run = async (): Promise<string> => {
    for await (const one of transcribeFiles(paths, { ...options, mode: "batch" })) {
      return one.ok ? one.result.text : (one.error as Error).message;
    }
    return "nothing";
  };
  const said = await run();
  const [job] = await listJobs(options.ledger);
  makeRoom();
  const next = await run();
  const after = await findJob(options.ledger, paths[0]!);
  const posts = arrived.filter(({ path }) => path.includes("transcriptions"));
  expect([said, job?.status, next, after.status, posts.length]).toEqual([
    `Cannot store a result in ${join(options.ledger, "results", `${after.id}.json`)}: no space is left on the disk; make room on the disk and run it again.`,
    "submitted",
    "hi",
    "done",
    1,
  ]);
});
