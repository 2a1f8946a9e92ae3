/** What must not be told: the keys that a session has dialed with. */
import { withoutKey } from "../error-body.ts";
import { redactUrl } from "../service.ts";

/** A function may supply another one at every dial: so many of the newest are known. */
const KNOWN_KEYS = 8;

/** What a key of the hosted service looks like (PROTOCOL §3): one that was never dialed with is known by it. */
const HOSTED_KEY = /\bfw_[A-Za-z0-9]{12,}/gu;

/** Always true: no key is in it twice. */
export class KnownKeys {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size > KNOWN_KEYS && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** What is still to be read, as a body is, without any of them (P32). */
  mask(text: string): string {
    let masked = text.replaceAll(HOSTED_KEY, "***");
    for (const key of this.#keys) masked = withoutKey(masked, key);
    return masked;
  }

  /** A sentence; what a URL in it says of a key is gone, too. */
  maskSentence(text: string): string {
    return redactUrl(this.mask(text));
  }
}
