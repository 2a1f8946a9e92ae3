/**
 * The request body of PROTOCOL §5.1 as two small pieces around the file: what stands before its
 * bytes and what stands behind them. Pure: the caller brings the boundary and the file.
 */

/** One form field, in the order it is sent. A list is the same name several times (P6). */
export type FormField = readonly [name: string, value: string];

/** Everything of a multipart body except the file's own bytes. */
export interface MultipartFrame {
  readonly contentType: string;
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/**
 * Frames one file as the field `file`, behind the other fields: a server that reads from the front
 * knows all options before the audio begins.
 *
 * @param boundary at most 70 characters that cannot occur in the file; 32 random hex digits do.
 */
export function frameMultipart(
  fields: readonly FormField[],
  fileName: string,
  boundary: string,
): MultipartFrame {
  const parts = fields.map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`,
  );
  const file =
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(fileName)}"\r\n` +
    "Content-Type: application/octet-stream\r\n\r\n";
  const encoder = new TextEncoder();
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: encoder.encode(parts.join("") + file),
    tail: encoder.encode(`\r\n--${boundary}--\r\n`),
  };
}

/** Quotes and line ends are percent-encoded, everything else is UTF-8 (WHATWG HTML, multipart/form-data encoding). */
function quoted(value: string): string {
  return value.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
