/** The built `everyword serve`, started as its help says and asked by plain clients. */
import { type ChildProcessWithoutNullStreams, execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { pullModel } from "../../src/server/engine/weights.ts";
import { lacks } from "../programs.ts";
import { bounded, dial, mergedText } from "../server/support/plain-client.ts";
import { readRecording } from "../server/engine/recording.ts";
import { everyword, fixture, startEveryword, temporaryFolder } from "./built.ts";

const running: ChildProcessWithoutNullStreams[] = [];
const folder = temporaryFolder();

// Who starts without the weights is told that they are fetched.
beforeAll(() => pullModel("tiny"), 300_000);

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null) continue;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
});

interface Serving {
  readonly child: ChildProcessWithoutNullStreams;
  readonly url: string;
  /** What it wrote to stderr so far. */
  readonly stderr: () => string;
}

async function serve(...args: string[]): Promise<Serving> {
  const child = startEveryword(["serve", "--port", "0", "--local-model", "tiny", ...args]);
  running.push(child);
  let stderr = "";
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const ended = once(child, "exit").then(() => {
    throw new Error(`serve ended: ${stderr}`);
  });
  const [line] = (await bounded(
    Promise.race([once(child.stdout, "data"), ended]),
    "URL",
    120_000,
  )) as [Buffer];
  ended.catch(() => undefined);
  return { child, url: line.toString().trim(), stderr: () => stderr };
}

/** Uploads the recording of a playing card; status and answer. */
async function upload(
  url: string,
  headers: Record<string, string> = {},
): Promise<[number, string]> {
  const form = new FormData();
  form.append("file", new Blob([readFileSync(fixture("card-one.wav"))]), "card-one.wav");
  form.append("response_format", "text");
  const target = `${url}/v1/audio/transcriptions`;
  const response = await fetch(target, {
    method: "POST",
    headers,
    body: form,
    signal: AbortSignal.timeout(120_000),
  });
  return [response.status, await response.text()];
}

describe("everyword serve", { timeout: 300_000 }, () => {
  it("prints its URL, transcribes, listens to this machine alone, and ends with 0 when told to", async () => {
    const { child, url, stderr } = await serve();
    const [status, text] = await upload(url);
    const gone = once(child, "exit") as Promise<[number]>;
    child.kill("SIGTERM");
    const [code] = await bounded(gone, "end", 30_000);
    expect([status, text.trim(), code]).toEqual([200, "Ten of clubs.", 0]);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
    expect(stderr()).toBe("everyword: stopping; running streams may finish\n");
  });

  it("lets in the keys of --keys-file only, and writes none of them to its log", async () => {
    const keys = join(folder, "keys.txt");
    writeFileSync(keys, "fw_first\n\nfw_second\n", { mode: 0o600 });
    const { url, stderr } = await serve("--keys-file", keys, "--log");
    const refused = await upload(url, { authorization: "Bearer fw_other" });
    const welcome = await upload(url, { authorization: "fw_second" });
    const live = await dial(url, { headers: { authorization: "Bearer fw_first" } });
    live.sendAudio(readRecording("card-one").samples);
    const heard = mergedText(await live.finish(120_000));
    live.socket.terminate();
    expect([refused[0], welcome[0], heard]).toEqual([401, 200, "Ten of clubs."]);
    expect(stderr()).toContain('"event":"stream-open"');
    expect(stderr()).not.toMatch(/fw_/u);
  });

  it("says what is wrong with a key file, a scenario, a certificate, and does not start", async () => {
    const open = join(folder, "open.txt");
    writeFileSync(open, "fw_key\n");
    chmodSync(open, 0o644);
    const odd = join(folder, "odd.json");
    writeFileSync(odd, '{ "W99": true }');
    const cases = [
      ["--keys-file", open],
      ["--scenario", odd],
      ["--tls-cert", "cert.pem"],
      ["--max-streams", "0"],
    ];
    const ran = await Promise.all(cases.map((args) => everyword(["serve", ...args])));
    expect(ran.map(({ code, stdout }) => [code, stdout])).toEqual(cases.map(() => [2, ""]));
    expect(ran.map(({ stderr }) => stderr)).toEqual([
      expect.stringContaining(open),
      expect.stringContaining("W99"),
      expect.stringContaining("--tls-key"),
      expect.stringContaining("max-streams"),
    ]);
  });

  it("takes as many streams as --max-streams says, and answers 429 to one more", async () => {
    const { url } = await serve("--max-streams", "36");
    const streams = await Promise.all(Array.from({ length: 36 }, () => dial(url)));
    const more = dial(url).catch((error: { status: number }) => error.status);
    expect(await more).toBe(429);
    for (const { socket } of streams) socket.terminate();
  });

  it("misbehaves as --scenario says", async () => {
    const scenario = join(folder, "drops.json");
    writeFileSync(scenario, '{ "S19": false, "W33": true }');
    const { url } = await serve("--scenario", scenario);
    const [, answer] = await upload(url);
    const live = await dial(url);
    await live.finish(120_000);
    live.socket.close();
    await live.closed;
    const ends = live.messages.filter((message) => "checkpoint_id" in message);
    expect([answer, ends.length]).toEqual(['"Ten of clubs.\\n"', 2]);
  });
});

describe.skipIf(lacks("openssl"))("everyword serve over TLS", { timeout: 300_000 }, () => {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];

  beforeAll(() => {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const files = ["-keyout", key, "-out", cert, "-days", "2", "-nodes"];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", ...subject, ...files], {
      stdio: "ignore",
    });
  });

  it("serves https and wss with the certificate that it is given", async () => {
    const { url } = await serve("--tls-cert", cert, "--tls-key", key);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asking = request(`${url}/v1/models`, { ca: readFileSync(cert) }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.once("error", reject).end();
    });
    const live = await dial(url);
    live.sendAudio(readRecording("card-one").samples);
    const heard = mergedText(await live.finish(120_000));
    live.socket.terminate();
    expect([url.slice(0, 6), status, heard]).toEqual(["https:", 200, "Ten of clubs."]);
  });
});
