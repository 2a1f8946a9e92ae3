import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const engine = new URL("../../../dist/server/engine/engine.js", import.meta.url).href;

it("a process that closes an idle engine hears of it, and ends by itself", async () => {
  const program = `
    const { openEngine } = await import(${JSON.stringify(engine)});
    const opened = await openEngine({ model: "tiny" });
    await opened.ready();
    await opened.close();
    console.log("closed");
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", program],
    { timeout: 60_000 },
  );
  expect(stdout).toBe("closed\n");
});
