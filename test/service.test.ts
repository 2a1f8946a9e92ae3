import { mkdtemp, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { authIniKey, openService } from "../src/open-service.ts";
import { chooseService, redactUrl, serverService } from "../src/service.ts";

async function home(authIni?: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "everyword-home-"));
  if (authIni !== undefined) {
    await mkdir(join(dir, ".fireworks"));
    await writeFile(join(dir, ".fireworks", "auth.ini"), authIni);
  }
  return dir;
}

describe("where the audio goes", () => {
  it("is the server for streaming, sync and batch when one is named", () => {
    const service = chooseService({ server: "http://127.0.0.1:8080/base/", apiKey: "k" });
    expect(service).toMatchObject({
      kind: "server",
      streaming: { 1: "ws://127.0.0.1:8080/base", 2: "ws://127.0.0.1:8080/base" },
      sync: { "whisper-v3": "http://127.0.0.1:8080/base" },
      batch: "http://127.0.0.1:8080/base",
      apiKey: "k",
    });
  });

  it("is the hosted service with its documented hosts when there is a key (PROTOCOL §2)", () => {
    expect(chooseService({ apiKey: "fw_x" })).toMatchObject({
      kind: "hosted",
      streaming: { 2: "wss://audio-streaming-v2.api.fireworks.ai" },
      sync: { "whisper-v3-turbo": "https://audio-turbo.api.fireworks.ai" },
      auth: "raw",
    });
  });

  it("is the embedded server when there is neither", () => {
    expect(chooseService({})).toBeUndefined();
  });

  it("keeps TLS for wss and https alike", () => {
    expect(serverService("wss://h").batch).toBe("https://h");
  });

  it.each([
    ["nonsense", 'The server "nonsense" is not a URL; write it like http://127.0.0.1:8080.'],
    ["localhost:8795", 'The server "localhost:8795" is not a URL; write it http://localhost:8795.'],
    ["10.0.0.7:80/a", 'The server "10.0.0.7:80/a" is not a URL; write it http://10.0.0.7:80/a.'],
    ["me:1@host:80", 'The server URL must begin with http, https, ws or wss, not "me:".'],
    ["ftp://h", 'The server URL must begin with http, https, ws or wss, not "ftp:".'],
  ])("refuses %s in one sentence", (server, message) => {
    expect(() => serverService(server)).toThrow(message);
  });
});

describe("openService", () => {
  it("reads the environment's server before any key", async () => {
    const env = { EVERYWORD_SERVER: "http://127.0.0.1:1", FIREWORKS_API_KEY: "fw_secret" };
    const { service } = await openService({ env, homeDir: await home() });
    expect([service.kind, service.apiKey]).toEqual(["server", undefined]);
  });

  it("never sends the hosted service's key to another server", async () => {
    const env = { FIREWORKS_API_KEY: "fw_secret" };
    const options = {
      server: "http://127.0.0.1:1",
      env,
      homeDir: await home("api_key = fw_ini\n"),
    };
    const { service } = await openService(options);
    expect(service.apiKey).toBeUndefined();
  });

  it("sends another server the key that is meant for it", async () => {
    const env = { EVERYWORD_API_KEY: "mine" };
    const { service } = await openService({
      server: "http://127.0.0.1:1",
      env,
      homeDir: await home(),
    });
    expect(service.apiKey).toBe("mine");
  });

  it("takes the key file before the environment, the environment before auth.ini", async () => {
    const homeDir = await home("[default]\napi_key = fw_ini\n");
    const apiKeyFile = join(homeDir, "key");
    await writeFile(apiKeyFile, "fw_file\n");
    const env = { FIREWORKS_API_KEY: "fw_env" };
    const opened = await Promise.all([
      openService({ apiKeyFile, env, homeDir }),
      openService({ env, homeDir }),
      openService({ env: {}, homeDir }),
    ]);
    expect(opened.map(({ service }) => service.apiKey)).toEqual(["fw_file", "fw_env", "fw_ini"]);
  });

  it("says what is wrong with a key file without showing its text", async () => {
    const homeDir = await home();
    const apiKeyFile = join(homeDir, "key");
    await writeFile(apiKeyFile, "two words");
    await expect(openService({ apiKeyFile, env: {}, homeDir })).rejects.toThrow(
      `The key file ${apiKeyFile} must hold one key and nothing else.`,
    );
  });
});

describe("the embedded server", () => {
  it("is started once for all who ask, and stops with the last of them", async () => {
    const options = { env: {}, homeDir: await home(), localModel: "tiny" as const };
    const [first, second] = await Promise.all([openService(options), openService(options)]);
    const health = async (): Promise<number> =>
      (await fetch(`${first.service.batch}/healthz`)).status;
    expect(second.service.batch).toBe(first.service.batch);
    await first.close();
    await first.close();
    expect(await health()).toBe(200);
    await second.close();
    await expect(health()).rejects.toThrow("fetch failed");
  });
});

describe("auth.ini", () => {
  it.each([
    ["api_key = fw_a\naccount_id = b", "fw_a"],
    ["[profile]\r\nid_token=x\r\napi_key=fw_b\r\n", "fw_b"],
    ['api_key = "fw_c"', "fw_c"],
    ["account_id = b", undefined],
    ["", undefined],
  ])("in %j holds %s", (text, key) => {
    expect(authIniKey(text)).toBe(key);
  });
});

describe("a URL that is printed", () => {
  it.each([
    ["wss://h/p?Authorization=fw_x&a=1", "wss://h/p?Authorization=***&a=1"],
    ["wss://h/p?a=1&authorization=Bearer%20fw_x", "wss://h/p?a=1&authorization=***"],
    ["https://user:pass@h/p", "https://***@h/p"],
  ])("is %s without its secret (P32)", (url, printed) => {
    expect(redactUrl(url)).toBe(printed);
  });
});
