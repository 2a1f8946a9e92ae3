import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type RunningServer } from "../../src/server/testing.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** Its own process, because what is asked is when a process ends. */
const PROGRAM = `
  import { openSession, serverService } from "${new URL("../../dist/index.js", import.meta.url).href}";
  const session = openSession({ service: serverService(process.argv[1]), pace: "max" });
  await session.write(new Uint8Array(3200));
  await session.finish();
  for await (const event of session) if (event.type === "end") process.stdout.write(String(performance.now()) + " ");
  process.on("exit", () => process.stdout.write(String(performance.now())));
`;

it("lets the process end with the session, whatever alarms it had set", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, server.url]);
  let stdout = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  await once(child, "close");
  const [end = 0, exit = Infinity] = stdout.split(" ").map(Number);
  // The goodbye of the socket takes at most 1 s; the stall alarm was set for 5 s.
  expect(exit - end).toBeLessThan(2000);
});
