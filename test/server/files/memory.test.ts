import { request } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wavBytes } from "../../../src/server/testing.ts";
import { bundle, discard, kill, startProgram } from "../support/child-process.ts";
import { bounded } from "../support/plain-client.ts";
import { ask } from "../support/running.ts";

let directory = "";
let program = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "memory-"));
  program = await bundle("killable-server.ts");
});
afterAll(async () => {
  await discard(program);
  await rm(directory, { recursive: true, force: true });
});

async function peakBytes(url: string): Promise<number> {
  const { text } = await ask(`${url}/metrics`);
  return Number(/^everyword_resident_peak_bytes (\d+)$/mu.exec(text)?.[1]);
}

/** Uploads a WAV of silence, made as it is sent; the answer's status. */
function uploadSilence(url: string, megabytes: number): Promise<number | undefined> {
  const block = Buffer.alloc(1_000_000);
  const head = Buffer.from(wavBytes(new Int16Array(0)));
  head.writeUInt32LE(megabytes * block.length + 36, 4);
  head.writeUInt32LE(megabytes * block.length, 40);
  const before = Buffer.concat([
    Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'),
    head,
  ]);
  const after = Buffer.from("\r\n--b--\r\n");
  return new Promise((resolve, reject) => {
    const upload = request(
      `${url}/v1/audio/transcriptions`,
      {
        method: "POST",
        headers: {
          "content-type": "multipart/form-data; boundary=b",
          "content-length": before.length + megabytes * block.length + after.length,
        },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    upload.once("error", reject);
    upload.write(before);
    let sent = 0;
    const next = (): void => {
      while (sent < megabytes) {
        sent++;
        if (!upload.write(block)) {
          upload.once("drain", next);
          return;
        }
      }
      upload.end(after);
    };
    next();
  });
}

test("an upload of 200 MB costs the server less than 60 MB of memory", async () => {
  const { child, line: url } = await startProgram(program, [
    join(directory, "data"),
    join(directory, "runs"),
  ]);
  const before = await peakBytes(url);
  const status = await bounded(uploadSilence(url, 200), "answer to the upload", 60_000);
  const grown = (await peakBytes(url)) - before;
  await kill(child, "SIGTERM");
  expect(status).toBe(200);
  expect(grown / 1e6).toBeLessThan(60);
});
