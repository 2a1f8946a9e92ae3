/** A directory of the server's own for uploads in work: made when first needed, readable by nobody else. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

export class TempDir {
  readonly #parent: string;
  #made: Promise<string> | undefined;

  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Its path; `mkdtemp` gives it mode 0700. */
  open(): Promise<string> {
    this.#made ??= mkdtemp(join(this.#parent, "everyword-"));
    return this.#made;
  }

  /** Deletes it with all that is in it; no failure is reported. */
  async remove(): Promise<void> {
    const made = await this.#made?.catch(() => undefined);
    if (made !== undefined) await rm(made, { recursive: true, force: true }).catch(() => {});
  }
}
