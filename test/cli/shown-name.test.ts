import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type RunningServer } from "../../src/server/testing.ts";
import { everyword, temporaryFolder } from "./built.ts";
import { toneFile } from "./tones.ts";

const talk = toneFile(temporaryFolder(), "talk.wav", "one two three");
let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe("transcribe speaks of what was named, not of its temporary files", () => {
  it.each(["sync", "stream"])("when a clip holds no audio (%s)", async (via) => {
    const args = ["transcribe", talk, "--start", "500", "--via", via, "--server", server.url];
    const ran = await everyword(args);
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringContaining("There is no audio behind --start 500; it is shorter than that."),
    ]);
  });

  it("when standard input is empty", async () => {
    const ran = await everyword(["transcribe", "-", "--server", server.url], { input: "" });
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringContaining("standard input is empty; name a recording."),
    ]);
    expect(ran.stderr).not.toContain("everyword-input-");
  });

  it("while a clip is tried again", async () => {
    const busy = await startTestServer({ scenario: { A19: { first: 1, status: 503 } } });
    const ran = await everyword(["transcribe", talk, "--start", "0.1", "--server", busy.url]);
    await busy.close();
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining(`503 for ${talk}: `)]);
    expect(ran.stderr).not.toContain("everyword-input-");
  });

  it("when what an address gives is no audio", async () => {
    const web = createServer((_request, response) => response.end("no audio at all"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/talk.mp3`;
    const ran = await everyword(["transcribe", url, "--server", server.url]);
    web.close();
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining(`400 for ${url}: `)]);
    expect(ran.stderr).not.toContain("everyword-input-");
  });
});
