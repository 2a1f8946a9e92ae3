import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type RunningServer } from "../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "./built.ts";
import { toneFile } from "./tones.ts";

let server: RunningServer;
const cwd = temporaryFolder();
mkdirSync(join(cwd, "calls"));
toneFile(join(cwd, "calls"), "one.wav", "first call");
toneFile(join(cwd, "calls"), "two.wav", "second call");

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const batch = (...args: string[]) =>
  everyword(["batch", ...args], {
    cwd,
    env: { EVERYWORD_SERVER: server.url, EVERYWORD_LEDGER: join(cwd, "jobs") },
  });

describe("everyword batch", () => {
  it("submits files, waits for them without the files, and keeps the results", async () => {
    const submitted = await batch("submit", "calls/*.wav", "gone.wav");
    expect([submitted.code, submitted.stdout.match(/submitted/gu)]).toEqual([
      1,
      ["submitted", "submitted"],
    ]);
    expect(submitted.stderr.split("\n")).toEqual([
      `everyword: Cannot read ${join(cwd, "gone.wav")}: there is no such file; check the path.`,
      "everyword: 2 submitted; everyword batch wait prints the results",
      "",
    ]);

    const waited = await batch("wait", "-f", "srt", "-o", "out");
    expect(waited.code).toBe(0);
    expect(readFileSync(join(cwd, "out", "one.srt"), "utf8")).toContain("first call");

    const listed = await batch("list");
    const [id = ""] = listed.stdout.split(" ");
    expect(listed.stdout.match(/ done /gu)).toHaveLength(2);
    expect((await batch("result", id)).stdout).toMatch(/^(first|second) call\n$/u);
    expect((await batch("status")).stdout).toBe("2 done\n");
  });

  it("knows a job by its file as it is named from here", async () => {
    expect((await batch("result", "calls/one.wav")).stdout).toBe("first call\n");
    expect((await batch("status", "calls/two.wav")).stdout).toContain("calls/two.wav");
  });

  it("writes results to a folder as wait does, and says where", async () => {
    const ran = await batch("result", "calls/one.wav", "calls/two.wav", "-f", "srt", "-o", "again");
    const one = readFileSync(join(cwd, "again", "one.srt"), "utf8");
    const two = readFileSync(join(cwd, "again", "two.srt"), "utf8");
    expect([ran.code, ran.stdout, ran.stderr, one, two]).toEqual([
      0,
      "",
      `everyword: ${join(cwd, "calls", "one.wav")}: done -> again/one.srt\n` +
        `everyword: ${join(cwd, "calls", "two.wav")}: done -> again/two.srt\n`,
      expect.stringContaining("first call"),
      expect.stringContaining("second call"),
    ]);
    await batch("result", "calls/one.wav", "--output-name", "other/{name}.{ext}");
    expect(readFileSync(join(cwd, "other", "one.wav.txt"), "utf8")).toBe("first call\n");
  });

  it("prints one result in one format, or the texts of several, and what -o - says", async () => {
    const one = await batch("result", "calls/one.wav", "-f", "srt");
    const both = ["result", "calls/one.wav", "calls/two.wav"];
    const texts = await batch(...both);
    const asked = await batch(...both, "-f", "srt", "-o", "-");
    expect([one.stdout.match(/^1$/gmu), texts.stdout, asked.stdout.match(/^1$/gmu)]).toEqual([
      ["1"],
      "first call\nsecond call\n",
      ["1", "1"],
    ]);
    expect([one.stderr, texts.stderr, existsSync(join(cwd, "one.srt"))]).toEqual(["", "", false]);
  });

  it("does not mix several results in a format, nor a result in several", async () => {
    const files = await batch("result", "calls/one.wav", "calls/two.wav", "-f", "srt", "-q");
    const formats = await batch("result", "calls/one.wav", "-f", "vtt,csv", "-q");
    expect([files.stdout + files.stderr, formats.stdout + formats.stderr]).toEqual(["", ""]);
    const written = ["one.srt", "two.srt", "one.vtt", "one.csv"];
    expect(written.filter((name) => !existsSync(join(cwd, name)))).toEqual([]);
  });

  it("is quiet and 0 when the reader of stdout goes away", async () => {
    const child = startEveryword(
      ["transcribe", "--batch", "-f", "txt", "-o", "-", "calls/one.wav", "calls/two.wav"],
      { cwd, env: { EVERYWORD_SERVER: server.url, EVERYWORD_LEDGER: join(cwd, "jobs") } },
    );
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("says that nothing waits", async () => {
    expect(await batch("wait")).toMatchObject({
      code: 0,
      stdout: "",
      stderr:
        "everyword: no job is waiting; everyword batch list shows all of them, " +
        "everyword batch result JOB prints one that is done\n",
    });
  });

  it("ends with 4 when the one file cannot be read", async () => {
    expect((await batch("submit", "gone.wav")).code).toBe(4);
  });

  it("ends with 4 when the service cannot read the one file, and does not say to send it again", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "fake.wav"), "no audio at all");
    const env = { EVERYWORD_SERVER: server.url, EVERYWORD_LEDGER: join(folder, "jobs") };
    const submitted = await everyword(["batch", "submit", "fake.wav"], { cwd: folder, env });
    const waited = await everyword(["batch", "wait"], { cwd: folder, env });
    expect([submitted.code, waited.code]).toEqual([0, 4]);
    expect(waited.stderr).toMatch(/“Cannot read fake\.wav: .*”; convert the file to WAV or FLAC/u);
    expect(waited.stderr).not.toContain("submit it again");
  });

  it("submits nothing twice", async () => {
    const again = await batch("submit", "calls/one.wav");
    expect(again.stdout).toContain(" done ");
  });

  it.each([
    [["submit"], /needs at least one FILE/u],
    [["submit", "-"], /known by its file/u],
    [["dance"], /takes one of submit, wait/u],
    [["result", "ffffff"], /No job/u],
  ])("refuses %j", async (args, message) => {
    expect(await batch(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });

  it("submits and waits in one as transcribe --batch, and reads what it has", async () => {
    const env = { EVERYWORD_SERVER: server.url, EVERYWORD_LEDGER: join(cwd, "jobs") };
    const ran = await everyword(
      ["transcribe", "--batch", "-q", "calls/one.wav", "calls/two.wav", "gone.wav"],
      { cwd, env },
    );
    expect([ran.code, ran.stdout.split("\n").toSorted(), ran.stderr]).toEqual([
      1,
      ["", "first call", "second call"],
      `everyword: Cannot read ${join(cwd, "gone.wav")}: there is no such file; check the path.\n`,
    ]);
    const told = await everyword(
      ["transcribe", "--batch", "calls/one.wav", "calls/two.wav", "gone.wav"],
      { cwd, env },
    );
    const [, table] = told.stderr.split("\n\n");
    expect(table?.split("\n")).toEqual([
      expect.stringMatching(/^ {2}\S+one\.wav +done .* in [\d.]+ s$/u),
      expect.stringMatching(/^ {2}\S+two\.wav +done .* in [\d.]+ s$/u),
      expect.stringMatching(/^ {2}\S+gone\.wav +FAILED +Cannot read .*there is no such file/u),
      expect.stringMatching(/^2 of 3 done, 1 failed, \S+ of audio in \S+$/u),
      "",
    ]);
    const clipped = await everyword(["transcribe", "--batch", "--start", "1", "calls/one.wav"], {
      cwd,
      env,
    });
    expect(clipped).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("leave out --start"),
    });
  });

  it("finds the one job of two files with the same content by either, and names both at submit", async () => {
    const folder = temporaryFolder();
    const first = toneFile(folder, "first.wav", "twice");
    copyFileSync(first, join(folder, "second.wav"));
    toneFile(folder, "other.wav", "other");
    const env = { EVERYWORD_SERVER: server.url, EVERYWORD_LEDGER: join(folder, "jobs") };
    const here = (...args: string[]) => everyword(["batch", ...args], { cwd: folder, env });
    const submitted = await here("submit", "first.wav", "second.wav");
    const lines = submitted.stdout.trimEnd().split("\n");
    expect([
      new Set(lines.map((line) => line.slice(0, 12))).size,
      lines.map((line) => line.slice(line.lastIndexOf("/") + 1)).toSorted(),
      submitted.stderr,
    ]).toEqual([
      1,
      ["first.wav", "second.wav"],
      "everyword: 1 submitted; everyword batch wait prints the results\n",
    ]);
    const states = await Promise.all(
      ["first.wav", "second.wav"].map((name) => here("status", name)),
    );
    expect(states.map(({ code, stdout }) => [code, stdout.split("\n")[0]])).toEqual([
      [0, expect.stringMatching(/ submitted .*first\.wav$/u)],
      [0, expect.stringMatching(/ submitted .*second\.wav$/u)],
    ]);
    expect(await here("status", "other.wav")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("fits other.wav"),
    });
    const again = await here("submit", "first.wav", "--temperature", "0.5");
    const many = await here("status", "first.wav");
    expect([again.code, many.code, many.stderr]).toEqual([
      0,
      2,
      `everyword: 2 jobs fit ${first}; name one by its id from batch list.\n`,
    ]);
    const copied = await here("status", "second.wav");
    expect(copied.stderr).toContain("name one by its id from batch list.");
  });

  it("finds all jobs of a content, whichever of its files was sent for each", async () => {
    const folder = temporaryFolder();
    const first = toneFile(folder, "first.wav", "either");
    copyFileSync(first, join(folder, "second.wav"));
    const env = { EVERYWORD_SERVER: server.url, EVERYWORD_LEDGER: join(folder, "jobs") };
    const here = (...args: string[]) => everyword(["batch", ...args], { cwd: folder, env });
    await here("submit", "second.wav");
    await here("submit", "first.wav", "--temperature", "0.5");
    const states = await Promise.all(
      ["first.wav", "second.wav"].map((name) => here("status", name)),
    );
    const line = (name: string): string =>
      `everyword: 2 jobs fit ${join(folder, name)}; name one by its id from batch list.\n`;
    expect(states.map(({ code, stderr }) => [code, stderr])).toEqual([
      [2, line("first.wav")],
      [2, line("second.wav")],
    ]);
  });

  it("says where there are no jobs", async () => {
    const ledger = join(temporaryFolder(), "none");
    const listed = await batch("list", "--ledger", ledger);
    const json = await batch("list", "--json", "--ledger", ledger);
    expect([listed, json]).toEqual([
      { code: 0, stdout: "", stderr: `everyword: no jobs in ${ledger}\n` },
      { code: 0, stdout: "[]\n", stderr: "" },
    ]);
  });

  it("needs a service that keeps jobs", async () => {
    const ran = await everyword(["batch", "submit", "calls/one.wav"], { cwd });
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("--server URL") });
  });
});
