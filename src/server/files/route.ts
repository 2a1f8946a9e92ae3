/** `POST /v1/audio/transcriptions` and `/v1/audio/translations`: one file in, one answer out. */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sendAnswer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import { rateHeaders } from "../gateway.ts";
import { HttpError } from "../http-error.ts";
import type { Exchange } from "../exchange.ts";
import { acceptFile } from "./accept.ts";
import type { FileTask } from "./fields.ts";
import { recognizeFile } from "./recognize-file.ts";
import { renderResult } from "./render.ts";

/** @throws HttpError for everything that §8 has a status for. */
export async function handleFile(
  exchange: Exchange,
  context: ServerContext,
  task: FileTask,
): Promise<void> {
  if (context.slots.isFull()) {
    throw new HttpError(429, "Too many files are waiting; try again soon.", {
      headers: rateHeaders(5),
    });
  }
  const id = randomUUID();
  const path = join(await context.tempDir(), id);
  const gone = new AbortController();
  exchange.response.once("close", () => gone.abort(new HttpError(499, "The client left.")));
  try {
    const { request, file } = await acceptFile(exchange, context, task, path);
    if (request.ignored.length > 0) {
      exchange.response.setHeader("x-everyword-ignored", request.ignored.join(", "));
    }
    const result = await context.slots.run(gone.signal, () =>
      recognizeFile(context.recognizer, file.path, file.name, request, gone.signal),
    );
    context.metrics.audioFrames += Math.round(result.durationSeconds * 16_000);
    const { contentType, text } = renderResult(result, request, exchange.faults, id);
    await sendAnswer(exchange, contentType, text);
  } finally {
    await rm(path, { force: true });
  }
}
