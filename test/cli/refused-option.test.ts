import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EverywordError } from "../../src/errors.ts";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import { startTestServer, type RunningServer } from "../../src/server/testing.ts";
import { everyword, temporaryFolder } from "./built.ts";
import { toneFile } from "./tones.ts";

const talk = toneFile(temporaryFolder(), "talk.wav", "one");
let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe("an option that the server refuses", () => {
  it.each([[["--diarize"]], [["-l", "de"]]])("ends with 2: %j", async (options) => {
    const ran = await everyword(["transcribe", talk, ...options, "--server", server.url]);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toContain("change the option it names");
  });

  it.each([
    [2, 400],
    [2, 404],
    [2, 422],
    [4, 413],
    [4, 415],
    [4, undefined],
  ])("is told from an input that cannot be: %d for HTTP %s", (code, status) => {
    expect(exitCodeOf(new EverywordError("unsupported", "no", { status }))).toBe(code);
  });
});
