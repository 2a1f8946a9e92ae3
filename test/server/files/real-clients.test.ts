import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { OpenAI, toFile } from "openai";
import { expect, test } from "vitest";
import { speakTones, wavBytes } from "../../../src/server/tone-speech.ts";
import { serverForEachTest } from "../support/running.ts";
import { lacks } from "../../programs.ts";

const start = serverForEachTest();
const run = promisify(execFile);

async function openai(): Promise<OpenAI> {
  const { url } = await start({ keys: ["fw_test"] });
  return new OpenAI({ apiKey: "fw_test", baseURL: `${url}/v1`, maxRetries: 0 });
}

function speech(): ReturnType<typeof toFile> {
  return toFile(wavBytes(speakTones("one two | three").samples), "speech.wav");
}

test("the openai package transcribes in every format", async () => {
  const client = await openai();
  const formats = ["json", "text", "srt", "verbose_json", "vtt"] as const;
  const seen: unknown[] = [];
  for (const response_format of formats) {
    const answer: unknown = await client.audio.transcriptions.create({
      file: await speech(),
      model: "whisper-v3",
      response_format,
    });
    seen.push(answer);
  }
  expect(seen).toEqual([
    { text: "one two three" },
    "one two three\n",
    expect.stringMatching(/^1\n00:00:00,200 --> /u),
    expect.objectContaining({ text: "one two three", duration: expect.any(Number) as number }),
    expect.stringMatching(/^WEBVTT\n\n00:00\.200 --> /u),
  ]);
});

test("the openai package gets word and segment times", async () => {
  const client = await openai();
  const answer = await client.audio.transcriptions.create({
    file: await speech(),
    model: "whisper-v3",
    response_format: "verbose_json",
    timestamp_granularities: ["word", "segment"],
  });
  expect(answer.words!.map((word) => [word.word, word.start])).toEqual(
    speakTones("one two | three").words.map((word) => [word.text, word.startFrame / 16_000]),
  );
  expect(answer.segments!.map((segment) => segment.text)).toEqual(["one two", "three"]);
});

test("the openai package translates in every format", async () => {
  const client = await openai();
  const formats = ["json", "text", "srt", "verbose_json", "vtt"] as const;
  const seen: unknown[] = [];
  for (const response_format of formats) {
    const answer: unknown = await client.audio.translations.create({
      file: await speech(),
      model: "whisper-v3",
      response_format,
    });
    seen.push(answer);
  }
  expect(seen).toEqual([
    { text: "one two three" },
    "one two three\n",
    expect.stringMatching(/^1\n00:00:00,200 --> /u),
    expect.objectContaining({ text: "one two three", task: "translate" }),
    expect.stringMatching(/^WEBVTT\n\n00:00\.200 --> /u),
  ]);
});

test("a script with nothing but the ws package streams a file and prints its words", async () => {
  const { url } = await start();
  const script = `
    const { WebSocket } = require("ws");
    const socket = new WebSocket(process.argv[1]);
    const segments = {};
    socket.on("open", () => {
      const pcm = Buffer.from(process.argv[2], "base64");
      for (let at = 0; at < pcm.length; at += 3200) socket.send(pcm.subarray(at, at + 3200));
      socket.send(JSON.stringify({ checkpoint_id: "final" }));
    });
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      for (const { id, text } of message.segments ?? []) segments[id] = text;
      if (message.checkpoint_id === "final") socket.close();
    });
    socket.on("close", () => console.log(Object.values(segments).join(" ")));
  `;
  const { samples } = speakTones("from a script | of ten lines");
  const pcm = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const path = `${url.replace("http", "ws")}/v1/audio/transcriptions/streaming`;
  const { stdout } = await run(process.execPath, ["-e", script, path, pcm.toString("base64")]);
  expect(stdout).toBe("from a script of ten lines\n");
});

test("the openai package translates, lists models, and reads a refusal", async () => {
  const client = await openai();
  const translation = await client.audio.translations.create({
    file: await speech(),
    model: "whisper-v3",
  });
  const models = await client.models.list();
  expect([translation.text, models.data[0]!.id]).toEqual(["one two three", "tones"]);
  const wrong = new OpenAI({ apiKey: "fw_wrong", baseURL: client.baseURL, maxRetries: 0 });
  await expect(wrong.models.list()).rejects.toMatchObject({ status: 401 });
});

test.skipIf(lacks("curl"))("curl -F transcribes", async () => {
  const { url } = await start();
  const directory = await mkdtemp(join(tmpdir(), "curl-"));
  const path = join(directory, "speech.wav");
  await writeFile(path, wavBytes(speakTones("from the shell").samples));
  const { stdout } = await run("curl", [
    "-sS",
    "-F",
    `file=@${path}`,
    "-F",
    "response_format=text",
    `${url}/v1/audio/transcriptions`,
  ]);
  await rm(directory, { recursive: true });
  expect(stdout).toBe("from the shell\n");
});
