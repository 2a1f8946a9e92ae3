/** `--jobs`: several inputs at once. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MANIFEST_NAME } from "../../../src/cli/manifest.ts";
import { startTestServer, type RunningServer } from "../../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "../built.ts";
import { toneFile } from "../tones.ts";

const NAMES = ["a.wav", "b.wav", "c.wav", "d.wav", "e.wav", "f.wav"];

function folder(): string {
  const cwd = temporaryFolder();
  for (const name of NAMES) toneFile(cwd, name, "one");
  return cwd;
}

/** A service that answers with the name of the file, the last one asked first. */
class LastFirst {
  readonly #server: Server;
  readonly #waiting: (() => void)[] = [];
  /** Requests that wait for each other before any is answered. */
  together = 1;
  most = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const blocks: Uint8Array[] = [];
      request.on("data", (block: Uint8Array) => blocks.push(block));
      request.on("end", () => {
        const text = /filename="(\w)/u.exec(Buffer.concat(blocks).toString("latin1"))?.[1] ?? "?";
        this.#waiting.push(() => {
          response.writeHead(200, { "content-type": "application/json" });
          response.end(JSON.stringify({ text, duration: 1, segments: [], words: [] }));
        });
        this.most = Math.max(this.most, this.#waiting.length);
        this.#onAsked();
        if (this.#waiting.length >= this.together) this.release();
      });
    });
  }

  #onAsked = (): void => undefined;

  /** Resolves when so many requests wait. */
  reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onAsked = () => {
        if (this.#waiting.length >= count) resolve();
      };
      this.#onAsked();
    });
  }

  release(): void {
    for (const answer of this.#waiting.splice(0).toReversed()) answer();
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}

describe("everyword transcribe --jobs", () => {
  const service = new LastFirst();
  let url = "";
  beforeAll(async () => {
    url = await service.open();
  });
  afterAll(() => service.close());
  beforeEach(() => {
    service.most = 0;
    service.together = 1;
  });

  const transcribe = (...args: string[]) =>
    everyword(["transcribe", ...args, "--server", url], { cwd: folder() });

  it.each([
    ["by itself", [], 4],
    ["when asked for three", ["--jobs", "3"], 3],
  ])(
    "sends several at once %s, and prints in the order of the inputs",
    async (_how, args, most) => {
      service.together = most;
      // Four of six leave two: what waits for company must not wait for ever.
      const names = NAMES.slice(0, most);
      const ran = await transcribe(...names, ...args);
      expect(ran.code).toBe(0);
      expect(ran.stdout.split("\n").filter(Boolean)).toEqual(names.map((name) => name[0]));
      expect(service.most).toBe(most);
    },
  );

  it.each([
    ["--jobs 1", ["--jobs", "1"]],
    ["--fail-fast", ["--fail-fast"]],
  ])("sends one after the other with %s", async (_name, args) => {
    const ran = await transcribe(...NAMES, ...args);
    expect([ran.code, service.most]).toEqual([0, 1]);
  });

  it("notes every result in one manifest, and finds it however it is run again", async () => {
    service.together = 6;
    const cwd = folder();
    const run = (...args: string[]) =>
      everyword(
        ["transcribe", ...NAMES, "-f", "txt", "--skip-existing", "--server", url, ...args],
        { cwd },
      );
    const first = await run("--jobs", "6");
    const second = await run("--jobs", "1");
    const done = [first, second].map(({ stderr }) => /\d of 6 done/u.exec(stderr)?.[0]);
    expect(done).toEqual(["6 of 6 done", "0 of 6 done"]);
    const manifest = readFileSync(join(cwd, MANIFEST_NAME), "utf8");
    expect(Object.keys((JSON.parse(manifest) as { outputs: object }).outputs)).toHaveLength(6);
  });

  it("names each that failed, in the order of the inputs", async () => {
    const ran = await transcribe("a.wav", "gone.wav", "b.wav", "lost.wav", "--jobs", "4");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(
      /\n {2}a\.wav +done[^\n]*\n {2}gone\.wav +FAILED[^\n]*\n {2}b\.wav +done[^\n]*\n {2}lost\.wav +FAILED/u,
    );
  });

  it("begins nothing more after Ctrl-C, and finishes what it has begun", async () => {
    const cwd = folder();
    service.together = 3;
    const child = startEveryword(
      ["transcribe", ...NAMES, "-f", "txt", "--jobs", "2", "--server", url],
      { cwd },
    );
    const stopping = new Promise<void>((resolve) => {
      child.stderr.on("data", (text: Buffer) => {
        if (text.includes("once more")) resolve();
      });
    });
    const closed = new Promise<number | null>((resolve) => {
      child.on("close", resolve);
    });
    await service.reached(2);
    child.kill("SIGINT");
    await stopping;
    service.release();
    expect(await closed).toBe(130);
    expect(NAMES.map((name) => existsSync(join(cwd, name.replace(".wav", ".txt"))))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it.each(["0", "33", "two", "1.5"])("refuses %s", async (jobs) => {
    const ran = await transcribe("a.wav", "--jobs", jobs);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("--jobs must be") });
  });
});

describe("the local server", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it("hears as many files at once, each with its own words", async () => {
    const cwd = temporaryFolder();
    const words = ["zero", "one", "two", "three", "four", "five", "six", "seven"];
    for (const word of words) toneFile(cwd, `${word}.wav`, word);
    const inputs = words.map((word) => `${word}.wav`);
    const ran = await everyword(
      ["transcribe", ...inputs, "--jobs", "8", "--via", "stream", "--server", server.url],
      { cwd },
    );
    expect([ran.code, ran.stdout.split("\n").filter(Boolean)]).toEqual([0, words]);
  });
});
