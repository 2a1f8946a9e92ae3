/** A directory of the server's own for uploads in work: made when first needed, readable by nobody else. */
import { makeOwnedDirectory, type OwnedDirectory } from "../../owned-directory.ts";

export class TempDir {
  readonly #parent: string;
  #made: Promise<OwnedDirectory> | undefined;

  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Its path. What a killed server left beside it is removed. */
  async open(): Promise<string> {
    this.#made ??= makeOwnedDirectory("upload", this.#parent);
    return (await this.#made).path;
  }

  /** Deletes it with all that is in it; no failure is reported. */
  async remove(): Promise<void> {
    const made = await this.#made?.catch(() => undefined);
    await made?.remove().catch(() => {});
  }
}
