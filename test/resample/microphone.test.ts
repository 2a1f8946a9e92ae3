/** Recorders are stood in for by scripts of the same name on a PATH of their own. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listDevices, openMicrophone } from "../../src/resample/microphone.ts";
import { collect, errorOf, join } from "./signals.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "everyword-test-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Puts a program on the PATH of the test, in JavaScript. */
async function program(name: string, body: string): Promise<void> {
  const path = joinPath(folder, name);
  await writeFile(path, `#!${process.execPath}\n${body}\n`);
  await chmod(path, 0o755);
}

function environment(): Record<string, string> {
  return { PATH: folder };
}

/** Writes bytes that count up: 20 ms of them each 5 ms, in pieces that do not respect samples. */
const PACED = `
let at = 0;
const tick = () => {
  if (at >= LIMIT) { ENDING }
  const part = Buffer.from(Array.from({ length: 641 }, (_, i) => (at + i) & 0xff));
  at += part.length;
  process.stdout.write(part);
  setTimeout(tick, 5);
};
tick();`;

function paced(limit: number, ending: string): string {
  return PACED.replace("LIMIT", String(limit)).replace("ENDING", ending);
}

function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i & 0xff);
}

describe("the microphone", () => {
  it("gives what the recorder captures, byte for byte, in chunks of 50 ms", async () => {
    await program("arecord", paced(16_000, "process.exit(0);"));
    const chunks = await collect(openMicrophone({ environment: environment(), platform: "linux" }));
    expect(chunks.slice(0, -1).every(({ length }) => length === 1_600)).toBe(true);
    const all = join(chunks);
    expect(all).toEqual(counting(all.length));
    expect(all.length).toBeGreaterThanOrEqual(16_000);
  });

  it("tries the next recorder when one is not installed, and resamples what it gives", async () => {
    const check = `if (!process.argv.includes("48000")) process.exit(3);`;
    await program("ffmpeg", `${check} process.stdout.write(Buffer.alloc(96_000, 1));`);
    const chunks = await collect(openMicrophone({ environment: environment(), platform: "linux" }));
    expect(join(chunks)).toHaveLength(32_000);
  });

  it("hands the name of the device to the recorder", async () => {
    await program(
      "sox",
      `process.stdout.write(Buffer.from(process.argv.slice(2).join(" ") + "  "));`,
    );
    const microphone = openMicrophone({
      environment: environment(),
      platform: "darwin",
      device: "USB Mic",
    });
    expect(Buffer.concat(await collect(microphone)).toString()).toContain(
      "-t coreaudio USB Mic -t raw",
    );
  });

  it("says in one sentence what to install when nothing can record", async () => {
    const sentences = await Promise.all(
      ["linux", "darwin", "win32"].map(async (platform) => {
        const error = await errorOf(() =>
          collect(openMicrophone({ environment: environment(), platform })),
        );
        return error instanceof Error ? error.message : "";
      }),
    );
    expect(sentences[0]).toMatch(
      /^Cannot record: no recorder was found.*apt install alsa-utils.*\.$/,
    );
    expect(sentences[1]).toContain("brew install sox");
    expect(sentences[2]).toContain("winget install");
  });

  it("says what the recorder said when the device cannot be opened", async () => {
    await program(
      "arecord",
      `console.error("arecord: main:830: audio open error: No such device"); process.exit(1);`,
    );
    const error = await errorOf(() =>
      collect(openMicrophone({ environment: environment(), platform: "linux" })),
    );
    expect(error).toMatchObject({
      code: "input-unreadable",
      message: expect.stringContaining("audio open error: No such device"),
    });
  });

  it("keeps what was captured when the device is unplugged, and tells", async () => {
    await program("arecord", paced(8_000, `console.error("xrun: device gone"); process.exit(1);`));
    const told: string[] = [];
    const onUnplugged = (message: string): void => void told.push(message);
    const chunks = await collect(
      openMicrophone({ environment: environment(), platform: "linux", onUnplugged }),
    );
    expect(join(chunks).length).toBeGreaterThanOrEqual(8_000);
    expect(told).toEqual([expect.stringContaining("xrun: device gone")]);
  });

  it("ends in good order when stopped, without an alarm", async () => {
    await program("arecord", paced(Number.MAX_SAFE_INTEGER, ""));
    const told: string[] = [];
    const microphone = openMicrophone({
      environment: environment(),
      platform: "linux",
      onUnplugged: (message) => told.push(message),
    });
    let chunks = 0;
    for await (const chunk of microphone) {
      chunks += chunk.length > 0 ? 1 : 0;
      if (chunks === 3) microphone.stop();
    }
    expect(chunks).toBeGreaterThanOrEqual(3);
    expect(told).toEqual([]);
  });

  it("can be stopped before the first sample", async () => {
    await program("arecord", "setInterval(() => undefined, 1000);");
    const microphone = openMicrophone({ environment: environment(), platform: "linux" });
    microphone.stop();
    expect(await collect(microphone)).toEqual([]);
  });

  it("throws the signal's reason when aborted", async () => {
    await program("arecord", paced(Number.MAX_SAFE_INTEGER, ""));
    const controller = new AbortController();
    const { signal } = controller;
    const error = await errorOf(async () => {
      for await (const chunk of openMicrophone({
        environment: environment(),
        platform: "linux",
        signal,
      })) {
        if (chunk.length > 0) controller.abort(new Error("enough"));
      }
    });
    expect(error).toBe(signal.reason);
  });
});

describe("the list of devices", () => {
  it("comes from the system", async () => {
    await program("arecord", `process.stdout.write("default\\n    The default\\n");`);
    expect(await listDevices({ environment: environment(), platform: "linux" })).toEqual([
      { name: "default", description: "The default" },
    ]);
  });

  it("says what to install when nothing can list them", async () => {
    const error = await errorOf(() =>
      listDevices({ environment: environment(), platform: "linux" }),
    );
    expect(error).toMatchObject({ message: expect.stringMatching(/^Cannot list.*install/) });
  });
});
