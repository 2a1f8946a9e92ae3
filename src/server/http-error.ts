/** Refusals: one class to throw, one body for each shape (PROTOCOL §8.2). */

export interface HttpErrorDetails {
  readonly code?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly cause?: unknown;
}

/** Ends a request with this status; the message is for the caller. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, details: HttpErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = status;
    this.code = details.code;
    this.headers = details.headers ?? {};
  }
}

/** The shapes of PROTOCOL §8.2. */
export type ErrorShape = "1" | "2" | "3" | "4" | "5" | "6";

export interface ErrorBody {
  readonly contentType: string;
  readonly text: string;
}

/** Shape 1 is the server's own; shape 2 is used when there is a code. */
export function errorBody(
  status: number,
  message: string,
  shape: ErrorShape,
  code?: string,
): ErrorBody {
  switch (shape) {
    case "1":
      return json({
        error: {
          object: "error",
          type: status >= 500 ? "internal_server_error" : "invalid_request_error",
          message,
          ...(code === undefined ? {} : { code }),
        },
      });
    case "2":
      return json({ error: { message, code: code ?? String(status), type: "error" } });
    case "3":
      return json({ error: message });
    case "4":
      return json({ detail: message });
    case "5":
      return { contentType: "text/html", text: `<html><body><h1>${status}</h1></body></html>` };
    case "6":
      return { contentType: "text/plain", text: "" };
    default:
      return json({ error: message });
  }
}

function json(value: unknown): ErrorBody {
  return { contentType: "application/json", text: JSON.stringify(value) };
}
