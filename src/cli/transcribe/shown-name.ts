/** Temporary files under the name of what the user named. */
import { EverywordError } from "../../errors.ts";
import { redactUrl } from "../../service.ts";
import { isUrl } from "../inputs.ts";

/** What sentences call an input. */
export function shownName(input: string): string {
  if (input === "-") return "standard input";
  return isUrl(input) ? redactUrl(input) : input;
}

/** Runs `work`, whose errors speak of the file at `path`, and has them speak of `shown`. */
export async function showingName<Value>(
  path: string,
  shown: string,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EverywordError) || path === shown || !error.message.includes(path)) {
      throw error;
    }
    const { code, message, status, retryAfterSeconds } = error;
    const details = { cause: error, status, retryAfterSeconds };
    throw new EverywordError(code, message.replaceAll(path, shown), details);
  }
}
