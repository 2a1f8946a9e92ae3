/** What must not be told: the keys that a session has dialed with. */
import { withoutKey } from "../error-body.ts";
import { redactUrl } from "../service.ts";

/** A function may supply another one at every dial: so many of the newest are known. */
const KNOWN_KEYS = 8;

/** Always true: no key is in it twice. */
export class KnownKeys {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size > KNOWN_KEYS && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** The text without any of them, and without what a URL in it says of a key (P32). */
  mask(text: string): string {
    let masked = redactUrl(text);
    for (const key of this.#keys) masked = withoutKey(masked, key);
    return masked;
  }
}
