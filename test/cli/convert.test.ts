import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSrt } from "../../src/captions/read.ts";
import { everyword, fixture, temporaryFolder } from "./built.ts";

const LONG =
  "It was a bright cold day in April, and the clocks were striking thirteen, when somebody at the door rang twice";
const TEXTS = {
  srt: "1\n00:00:01,000 --> 00:00:02,500\nAnna: good\nmorning\n\n2\n00:00:03,000 --> 00:00:04,000\nbye, all\n",
  vtt: "WEBVTT\n\n00:01.000 --> 00:02.500\n<v Anna>good\nmorning\n\n00:03.000 --> 00:04.000\n<v Bob>bye, all\n",
  tsv: "start\tend\ttext\n1000\t2500\tgood morning\n3000\t4000\tbye, all\n",
  csv: 'start,end,speaker,text\n1.000,2.500,Anna,good morning\n3.000,4.000,Bob,"bye, all"\n',
};

async function run(text: string, from: string, to: string, ...args: string[]) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, `in.${from}`), text);
  const ran = await everyword(["convert", `in.${from}`, `out.${to}`, ...args], { cwd });
  const path = join(cwd, `out.${to}`);
  return { ran, written: existsSync(path) ? readFileSync(path, "utf8") : undefined };
}

async function convert(text: string, from: string, to: string, ...args: string[]) {
  const { ran, written } = await run(text, from, to, ...args);
  expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
  return written ?? "";
}

describe("everyword convert", () => {
  it.each([
    ["vtt", "csv"],
    ["csv", "vtt"],
    ["srt", "tsv"],
    ["tsv", "csv"],
    ["csv", "tsv"],
    ["vtt", "srt"],
    ["csv", "json"],
    ["tsv", "lrc"],
  ] as const)("takes %s to %s with every word and time", async (from, to) => {
    const written = await convert(TEXTS[from], from, to);
    const plain = written.replaceAll(/\s+/gu, " ");
    expect(plain).toContain("good morning");
    expect(plain).toContain("bye, all");
    const times: Readonly<Record<string, RegExp>> = {
      csv: /^1\.000,2\.500,/mu,
      tsv: /^1000\t2500\t/mu,
      vtt: /^00:01\.000 --> 00:02\.\d{3}$/mu,
      srt: /^00:00:01,000 --> 00:00:02,\d{3}$/mu,
      json: /"start": ?1,\s*"end": ?2\.5/u,
      lrc: /^\[00:01\.00\]/mu,
    };
    expect(written).toMatch(times[to] ?? /never/u);
    // Speakers pass where both have them.
    const voiced = from !== "tsv" && from !== "srt" && to !== "tsv";
    expect(written.includes("Anna")).toBe(voiced || from === "srt");
  });

  it("keeps what a recording holds that was cut off, and says so", async () => {
    const cwd = temporaryFolder();
    const whole = readFileSync(fixture("card-one.wav"));
    writeFileSync(join(cwd, "cut.wav"), whole.subarray(0, 20_044));
    const ran = await everyword(["convert", "cut.wav", "out.wav"], { cwd });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/^everyword: cut\.wav: .+\n$/u);
    expect(readFileSync(join(cwd, "out.wav")).length).toBe(20_044);
  });

  it("refuses a track that is no number, and a decoder that is none", async () => {
    const args = ["convert", fixture("card-one.wav"), "x.wav"];
    const track = await everyword([...args, "--track", "one"], { cwd: temporaryFolder() });
    const decoder = await everyword([...args, "--decoder", "mine"], { cwd: temporaryFolder() });
    expect([track.code, decoder.code]).toEqual([2, 2]);
  });

  it("gives rows back as they were, over another kind of rows", async () => {
    const csv = await convert(TEXTS.tsv, "tsv", "csv");
    expect(await convert(csv, "csv", "tsv")).toBe(TEXTS.tsv);
  });

  it("lays out what nobody has laid out, and leaves what somebody has", async () => {
    const fromRow = readSrt(await convert(`0\t9000\t${LONG}\n`, "tsv", "srt"));
    const srt = `1\n00:00:00,000 --> 00:00:09,000\n${LONG}\n`;
    const fromSrt = readSrt(await convert(srt, "srt", "vtt").then((text) => text));
    expect(
      Math.max(...fromRow.flatMap(({ lines }) => lines.map((line) => line.length))),
    ).toBeLessThanOrEqual(42);
    expect(fromSrt.map(({ lines }) => lines)).toEqual([[LONG]]);
  });

  it("moves times, drops what would end before 0 and says so", async () => {
    expect(await run(TEXTS.tsv, "tsv", "tsv", "--shift", "-3.5")).toEqual({
      ran: {
        code: 0,
        stdout: "",
        stderr: "everyword: in.tsv: 1 of 2 captions would end before 0 and are left out\n",
      },
      written: "start\tend\ttext\n0\t500\tbye, all\n",
    });
  });

  it("moves a transcript word for word", async () => {
    const json = await convert(TEXTS.csv, "csv", "json");
    const { segments } = JSON.parse(json);
    const [first] = segments;
    first.words = [
      { word: "good", start: 1, end: 1.5 },
      { word: "morning", start: 1.5, end: 2.5 },
    ];
    const text = JSON.stringify({ segments: [first] });
    const { ran, written } = await run(text, "json", "tsv", "--shift", "-2");
    expect([ran.stderr, written]).toEqual([
      "everyword: in.json: 1 of 2 words would end before 0 and are left out\n",
      "start\tend\ttext\n0\t500\tmorning\n",
    ]);
  });

  it.each(["srt", "tsv", "json"] as const)(
    "writes nothing and ends with 4 when all of the %s would end before 0",
    async (from) => {
      const text = from === "json" ? await convert(TEXTS.tsv, "tsv", "json") : TEXTS[from];
      const { ran, written } = await run(text, from, "srt", "--shift", "-100");
      expect([ran.code, written]).toEqual([4, undefined]);
      expect(ran.stderr).toMatch(/^everyword: All \d+ \w+ of in\.\w+ would end before 0; .*\n$/u);
    },
  );

  it("prints without OUT, reads standard input, and is told what it reads", async () => {
    const ran = await everyword(["convert", "-", "--from", "csv", "-f", "tsv"], {
      input: TEXTS.csv,
    });
    expect(ran).toEqual({ code: 0, stdout: TEXTS.tsv, stderr: "" });
  });

  it("makes 16 kHz mono of audio", async () => {
    const cwd = temporaryFolder();
    const ran = await everyword(["convert", fixture("prompt-password.wav"), "out.wav"], { cwd });
    expect(ran.code).toBe(0);
    const wav = readFileSync(join(cwd, "out.wav"));
    expect([wav.readUInt16LE(22), wav.readUInt32LE(24)]).toEqual([1, 16_000]);
  });

  it.each([
    [["a.srt"], 2, /--format says what to print/u],
    [["a.srt", "b.wav"], 2, /cannot become audio/u],
    [["a.wav", "b.srt"], 2, /transcribe makes captions/u],
    [["a.srt", "b.doc"], 2, /must end in/u],
    [["gone.srt", "b.vtt"], 4, /no such file/u],
    [[], 2, /takes IN and OUT/u],
  ])("refuses %j", async (args, code, says) => {
    const ran = await everyword(["convert", ...args], { cwd: temporaryFolder() });
    expect(ran).toMatchObject({ code, stderr: expect.stringMatching(says) });
  });

  it.each(["srt", "vtt", "tsv", "csv"])("says that a letter is no %s", async (format) => {
    const input = "Dear Sir,\nthis is a letter.\n";
    const ran = await everyword(["convert", "-", "--from", format, "-f", "txt"], { input });
    expect(ran).toMatchObject({ code: 4, stdout: "" });
    expect(ran.stderr).toMatch(/^everyword: This is no (?:SRT|WebVTT|TSV|CSV) file/u);
  });
});
