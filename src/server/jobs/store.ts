/**
 * Jobs on disk: a directory each, with `upload`, `result` and `job.json`. What `job.json` says is
 * true: it is replaced in one step, after what it speaks of was written and synced. A directory
 * without one was never promised to anybody and is removed at the next start.
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { lockDirectory, type Unlock } from "./directory-lock.ts";
import { type Job, parseJob } from "./job.ts";

const JOBS = "jobs";
const INCOMING = "incoming";

export class JobStore {
  readonly #directory: string;
  readonly #jobs = new Map<string, Job>();
  readonly #unlock: Unlock;

  private constructor(directory: string, unlock: Unlock) {
    this.#directory = directory;
    this.#unlock = unlock;
  }

  /**
   * Opens a directory, made when it is not there, and reads its jobs.
   *
   * @throws EverywordError `usage` when another server uses it.
   */
  static async open(directory: string): Promise<JobStore> {
    await mkdir(join(directory, JOBS), { recursive: true, mode: 0o700 });
    const unlock = await lockDirectory(directory);
    await rm(join(directory, INCOMING), { recursive: true, force: true });
    await mkdir(join(directory, INCOMING), { mode: 0o700 });
    const store = new JobStore(directory, unlock);
    await store.#load();
    return store;
  }

  /** Oldest first. */
  get jobs(): readonly Job[] {
    return [...this.#jobs.values()].toSorted((a, b) => a.createdMs - b.createdMs);
  }

  get size(): number {
    return this.#jobs.size;
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** Where an upload may be written before its job exists. */
  incomingPath(): string {
    return join(this.#directory, INCOMING, randomUUID());
  }

  uploadPath(id: string): string {
    return join(this.#directory, JOBS, id, "upload");
  }

  /** Takes a job with the upload it is about; when it resolves, a crash no longer loses either. */
  async add(job: Job, uploadedPath: string | undefined): Promise<void> {
    const directory = join(this.#directory, JOBS, job.id);
    await mkdir(directory, { mode: 0o700 });
    if (uploadedPath !== undefined) {
      await syncFile(uploadedPath);
      await rename(uploadedPath, this.uploadPath(job.id));
    }
    await this.save(job);
    await syncFile(join(this.#directory, JOBS));
  }

  /** Writes down what became of a job. */
  async save(job: Job): Promise<void> {
    const directory = join(this.#directory, JOBS, job.id);
    await writeSynced(join(directory, "job.next"), JSON.stringify(job));
    await rename(join(directory, "job.next"), join(directory, "job.json"));
    await syncFile(directory);
    this.#jobs.set(job.id, job);
  }

  async saveResult(id: string, text: string): Promise<void> {
    await writeSynced(join(this.#directory, JOBS, id, "result"), text);
  }

  readResult(id: string): Promise<string> {
    return readFile(join(this.#directory, JOBS, id, "result"), "utf8");
  }

  /** The audio is not needed once the job ended. */
  async dropUpload(id: string): Promise<void> {
    await rm(this.uploadPath(id), { force: true });
  }

  /** Deletes a job with all that belongs to it. */
  async remove(id: string): Promise<void> {
    this.#jobs.delete(id);
    await rm(join(this.#directory, JOBS, id), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#unlock();
  }

  async #load(): Promise<void> {
    const jobs = join(this.#directory, JOBS);
    for (const id of await readdir(jobs)) {
      const text = await readFile(join(jobs, id, "job.json"), "utf8").catch(() => "");
      const job = parseJob(text);
      if (job?.id === id) this.#jobs.set(id, job);
      else if (text === "") await rm(join(jobs, id), { recursive: true, force: true });
    }
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Also for directories, whose entries are not on disk before; where a system cannot, it is left out. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
