/** A process of its own that works off what nobody else works on, and prints what it finished. */
import { openLedger } from "../../src/batch/ledger.ts";

const [directory = "", count = "0", compactFrom] = process.argv.slice(2);
const compactFromBytes = compactFrom === undefined ? undefined : Number(compactFrom);
const ledger = await openLedger(directory, Date.now, compactFromBytes);
const open = new Set(Array.from({ length: Number(count) }, (_, job) => `job-${job}`));
while (open.size > 0) {
  for (const id of open) {
    const before = await ledger.find(id);
    if (before?.status === "done") {
      open.delete(id);
      continue;
    }
    const claim = await ledger.claim(id);
    if (claim === undefined) continue;
    // Another one may have finished it, or have been killed on its way.
    const left = (await ledger.find(id))?.status;
    if (left !== "done") {
      const facts = {
        path: id,
        bytes: 1,
        sha256: "00",
        task: "transcribe",
        mode: "sync",
        host: "h",
      } as const;
      if (left === undefined) await ledger.step(claim, "prepared", { facts });
      if (left === "committing") await ledger.step(claim, "unanswered");
      await ledger.step(claim, "submitting");
      await ledger.step(claim, "committing");
      await ledger.step(claim, "done");
      process.stdout.write(`${id}\n`);
    }
    await ledger.release(claim);
    open.delete(id);
  }
}
await ledger.close();
