/** A process of its own that transcribes files through a ledger and prints each outcome; it is killed at any moment. */
import { transcribeFiles } from "../../src/batch/transcribe-files.ts";
import { serverService } from "../../src/service.ts";

const [url = "", ledger = "", onAmbiguous = "ask", ...paths] = process.argv.slice(2);
/** Files above this go up in parts. */
const maxUploadBytes = Number(process.env["MAX_UPLOAD_BYTES"] ?? 1e9);
const run = transcribeFiles(paths, {
  service: serverService(url),
  ledger,
  mode: "batch",
  maxUploadBytes,
  overlapSeconds: 1,
  onAmbiguous: onAmbiguous === "resubmit" ? "resubmit" : "ask",
  retry: { attempts: 30, baseMs: 1, capMs: 2 },
  polling: { firstMs: 5, minMs: 2, maxMs: 10, unknownGraceMs: 60_000 },
});
for await (const outcome of run) {
  const { path } = outcome;
  const error = outcome.ok || !(outcome.error instanceof Error) ? undefined : outcome.error.name;
  const line = { path, text: outcome.ok ? outcome.result.text : undefined, error };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
