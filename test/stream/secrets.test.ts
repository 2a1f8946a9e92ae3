import { afterEach, describe, expect, it } from "vitest";
import { withoutKey } from "../../src/error-body.ts";
import type { ApiKey } from "../../src/service.ts";
import { KnownKeys } from "../../src/stream/known-keys.ts";
import { openSession } from "../../src/stream/session.ts";
import { startWordServer, wordAudio, type WordServer } from "./word-server.ts";

let server: WordServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Everything that a caller is told. */
async function allOf(apiKey: ApiKey, say: (key: string) => object): Promise<string> {
  const { requests } = (server = await startWordServer({
    onAudio: (socket, connection) => {
      const key = requests[connection - 1]?.headers.authorization ?? "";
      socket.send(JSON.stringify(say(key)));
      socket.close(1008, `go away, ${key}`);
    },
  }));
  const session = openSession({
    service: server.withKey(apiKey),
    retry: { baseMs: 1, attempts: 1 },
  });
  void session.write(wordAudio(1));
  const told: unknown[] = [];
  try {
    for await (const event of session) told.push(event);
  } catch (error) {
    told.push(String(error));
  }
  return JSON.stringify(told);
}

describe("a key is told in no event and no error (P32)", () => {
  it.each([
    ["as it is", "fw_very_secret", (key: string) => ({ error: { message: `bad key ${key}` } })],
    ["as text", "fw_very_secret", (key: string) => ({ error: `bad key ${key}` })],
    ["escaped", 'a"very/secret', (key: string) => ({ error: `bad key ${key}` })],
    ["in a list", "fw_very_secret", (key: string) => ({ error: { details: [key, key] } })],
  ])("when the server says it in a message, %s", async (_how, key, say) => {
    const told = await allOf(key, say);
    expect(told).toMatch(/server-error.*\*\*\*.*go away, \*\*\*/u);
    expect(told).not.toMatch(/very.{0,3}secret/u);
  });

  it("where a text only sounds like it, the words stay as they are", async () => {
    const segments = [{ id: 0, text: "very_secret", words: [{ word: "very_secret" }] }];
    expect(await allOf("very_secret", () => ({ segments }))).toContain('"text":"very_secret"');
  });

  it("when the function that supplies it fails with it, then or later", async () => {
    let dials = 0;
    const told = await allOf(
      () => {
        dials += 1;
        if (dials === 1) return "an-earlier-secret";
        throw new Error("not an-earlier-secret, not fw_0123456789abcdef");
      },
      () => ({ segments: [] }),
    );
    expect(told).toContain("(not ***, not ***)");
  });
});

it("masks the key however a text writes it: as JSON does, as a URL does", () => {
  const key = 'a"long/key';
  const said = [key, JSON.stringify(key), 'a\\"long\\/key', encodeURIComponent(key)].join(" ");
  expect(withoutKey(said, key)).toBe('*** "***" *** ***');
});

it("knows the newest keys, and what the hosted service's own look like", () => {
  const keys = new KnownKeys();
  for (let number = 0; number < 9; number += 1) keys.add(`Bearer secret-${number}`);
  const said = "secret-0 secret-1 secret-8 fw_0123456789abcdef fw_model ?authorization=x&y=1";
  expect(keys.maskSentence(said)).toBe("secret-0 *** *** *** fw_model ?authorization=***&y=1");
});
