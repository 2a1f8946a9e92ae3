import { expect, test } from "vitest";
import { speakTones } from "../../../src/server/tone-speech.ts";
import { ask, serverForEachTest, speechForm, transcribe } from "../support/running.ts";

const start = serverForEachTest();
const VERBOSE = ["response_format", "verbose_json"] as const;
const WORD = ["timestamp_granularities[]", "word"] as const;
const SEGMENT = ["timestamp_granularities[]", "segment"] as const;

test("json holds the text and nothing else (S9)", async () => {
  const { url } = await start();
  const answer = await transcribe(url, "good morning | how are you");
  expect([answer.status, answer.json]).toEqual([200, { text: "good morning how are you" }]);
});

test("the granularity matrix: segments, words, both, or what was meant by default (S10)", async () => {
  const { url } = await start();
  const asked = [
    [],
    [SEGMENT],
    [WORD],
    [WORD, SEGMENT],
    [["timestamp_granularities", "word,segment"]],
  ];
  const seen: unknown[] = [];
  for (const fields of asked) {
    const { json } = await transcribe(url, "one two", [VERBOSE, ...(fields as [])]);
    const segments = json!["segments"] as { words?: unknown[] }[] | undefined;
    seen.push([
      (json!["words"] as unknown[] | undefined)?.length,
      segments?.[0]?.words?.length ?? segments?.length,
    ]);
  }
  expect(seen).toEqual([
    [undefined, 1],
    [undefined, 1],
    [2, undefined],
    [2, 2],
    [2, 2],
  ]);
});

test("word times in verbose_json are exact", async () => {
  const { url } = await start();
  const speech = speakTones("exact to the frame");
  const { json } = await transcribe(url, "exact to the frame", [VERBOSE, WORD]);
  const words = json!["words"] as { word: string; start: number; end: number }[];
  expect(words.map((word) => [word.word, word.start * 16_000, word.end * 16_000])).toEqual(
    speech.words.map((word) => [word.text, word.startFrame, word.endFrame]),
  );
  expect(json!["duration"]).toBe(speech.samples.length / 16_000);
});

test("text, srt and vtt come as plain text (S19)", async () => {
  const { url } = await start();
  const bodies: string[] = [];
  for (const format of ["text", "srt", "vtt"]) {
    const answer = await transcribe(url, "read me", [["response_format", format]]);
    bodies.push(`${answer.headers.get("content-type")}\n${answer.text}`);
  }
  expect(bodies[0]).toBe("text/plain; charset=utf-8\nread me\n");
  expect(bodies[1]).toMatch(/^text\/plain; charset=utf-8\n1\n00:00:00,200 --> .*\nread me\n/u);
  expect(bodies[2]).toMatch(/^text\/plain; charset=utf-8\nWEBVTT\n\n/u);
});

test("audio without speech is an empty success (S17)", async () => {
  const { url } = await start();
  const { status, json } = await transcribe(url, "", [VERBOSE, WORD, SEGMENT]);
  expect([status, json!["text"], json!["words"], json!["segments"]]).toEqual([200, "", [], []]);
});

test("every wrong field is refused with 400 and its name (S1, S2, S3, S5)", async () => {
  const { url } = await start();
  const wrong: [string, string][] = [
    ["model", "whisper-9"],
    ["language", "klingon"],
    ["vad_model", "loud"],
    ["alignment_model", "crooked"],
    ["response_format", "pdf"],
    ["preprocessing", "magic"],
    ["temperature", "hot"],
    ["diarize", "maybe"],
    ["diarize", "true"],
    ["min_speakers", "none"],
    ["stream", "true"],
  ];
  const seen: unknown[] = [];
  for (const field of wrong) {
    const { status, json } = await transcribe(url, "x", [field]);
    const { message } = json!["error"] as { message: string };
    seen.push([status, message.startsWith(field[0])]);
  }
  expect(seen).toEqual(wrong.map(() => [400, true]));
  const crossed = await transcribe(url, "x", [
    ["min_speakers", "3"],
    ["max_speakers", "2"],
  ]);
  expect([crossed.status, crossed.text]).toEqual([
    400,
    expect.stringContaining("min_speakers (3)"),
  ]);
  const empty = await transcribe(url, undefined);
  expect([empty.status, empty.text]).toEqual([400, expect.stringContaining("`file` is missing")]);
});

test("what the recognizer cannot do is a 400 that says so, never made up", async () => {
  const { url } = await start();
  const german = await transcribe(url, "x", [["language", "de"]]);
  const speakers = await transcribe(url, "x", [VERBOSE, WORD, ["diarize", "true"]]);
  const body = speechForm("x", [["language", "de"]]);
  const translated = await ask(`${url}/v1/audio/translations`, { method: "POST", body });
  expect([german, speakers, translated].map((answer) => [answer.status, answer.text])).toEqual([
    [400, expect.stringContaining("it knows en")],
    [400, expect.stringContaining("cannot tell speakers apart")],
    [400, expect.stringContaining("only takes English")],
  ]);
});

test("English speech is translated into itself, and says it is a translation (S22)", async () => {
  const { url } = await start();
  const body = speechForm("same words", [VERBOSE]);
  const { json } = await ask(`${url}/v1/audio/translations`, { method: "POST", body });
  expect([json!["task"], json!["text"]]).toEqual(["translate", "same words"]);
});

test("JSON-text granularities are ignored, and granularities without verbose_json too (S20, S4)", async () => {
  const { url } = await start();
  const json = await transcribe(url, "x", [VERBOSE, ["timestamp_granularities[]", '["word"]']]);
  expect(json.json).not.toHaveProperty("words");
  expect((await transcribe(url, "x", [WORD])).json).toEqual({ text: "x" });
});

test("a temperature list is accepted, and named as ignored with what else has no use here (S21)", async () => {
  const { url } = await start();
  const answer = await transcribe(url, "x", [
    ["temperature", "0.0,0.2,0.4"],
    ["vad_model", "silero"],
  ]);
  expect([answer.status, answer.headers.get("x-everyword-ignored")]).toEqual([
    200,
    "temperature, vad_model",
  ]);
});

test("a URL is not fetched unless the server was told to; then an unreachable one is a 400 (S7)", async () => {
  const closed = await start();
  const open = await start({ fetchUrls: true });
  const url = "http://127.0.0.1:9/gone.wav";
  const asked = async (server: string): Promise<unknown[]> => {
    const answer = await transcribe(server, undefined, [["file", url]]);
    return [answer.status, answer.text];
  };
  expect(await asked(closed.url)).toEqual([400, expect.stringContaining("fetches no URLs")]);
  expect(await asked(open.url)).toEqual([400, expect.stringContaining("cannot be fetched")]);
});

test("a URL inside the file part is fetched when that is allowed (S7)", async () => {
  const { createServer } = await import("node:http");
  const { wavBytes } = await import("../../../src/server/tone-speech.ts");
  const source = createServer((_request, response) => {
    response.end(wavBytes(speakTones("from afar").samples));
  });
  await new Promise<void>((resolve) => source.listen(0, "127.0.0.1", resolve));
  const { port } = source.address() as { port: number };
  const { url } = await start({ fetchUrls: true });
  const form = new FormData();
  form.append("file", new Blob([`http://127.0.0.1:${port}/a.wav`]), "url.txt");
  const answer = await transcribe(url, undefined, [], { body: form });
  source.close();
  expect(answer.json).toEqual({ text: "from afar" });
});

test("a file that is no audio is a 400 that names it as the client did", async () => {
  const { url } = await start();
  const form = new FormData();
  form.append("file", new Blob(["this is no audio, it is text"]), "notes.xyz");
  const answer = await transcribe(url, undefined, [], { body: form });
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("notes.xyz")]);
  expect(answer.text).not.toContain("everyword-");
});

test("a body above the limit is a 413, announced or not (A8)", async () => {
  const { url } = await start({ maxBodyBytes: 5000 });
  const announced = await transcribe(url, "this is too long for the limit");
  const chunked = await transcribe(url, "x", [], {
    body: new Blob([new Uint8Array(9000)]).stream(),
    headers: { "content-type": "multipart/form-data; boundary=b" },
    duplex: "half",
  });
  expect([announced.status, chunked.status]).toEqual([413, 413]);
});

test("a body that is no form, or ends early, is a 400", async () => {
  const { url } = await start();
  const bodies: [string, string][] = [
    ["application/json", "{}"],
    ["multipart/form-data", "x"],
    [
      "multipart/form-data; boundary=b",
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nxx',
    ],
    ["multipart/form-data; boundary=b", ""],
    ["multipart/form-data; boundary=b", "--c\r\n\r\n"],
  ];
  const seen: unknown[] = [];
  for (const [type, body] of bodies) {
    const answer = await transcribe(url, undefined, [], {
      body,
      headers: { "content-type": type },
    });
    seen.push(answer.status);
  }
  expect(seen).toEqual(bodies.map(() => 400));
});

test("unknown paths are 404, wrong methods 405, models are listed (A5, A6)", async () => {
  const { url } = await start();
  const unknown = await ask(`${url}/v1/chat/completions`, { method: "POST", body: "x" });
  const wrong = await ask(`${url}/v1/audio/transcriptions`);
  const models = await ask(`${url}/v1/models`);
  expect([unknown.status, wrong.status, wrong.headers.get("allow")]).toEqual([404, 405, "POST"]);
  expect(models.json).toMatchObject({
    data: [{ id: "tones", languages: ["en"], diarization: false }],
  });
});

test("a plain GET on the streaming path is a 426 (W5)", async () => {
  const { url } = await start();
  expect((await ask(`${url}/v1/audio/transcriptions/streaming`)).status).toBe(426);
});

test("a file that runs over the limit is a 413, and nothing of it stays (A8)", async () => {
  const { url } = await start({ maxBodyBytes: 100_000 });
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
  const parts = [
    new TextEncoder().encode(head),
    ...Array.from({ length: 9 }, () => new Uint8Array(30_000)),
  ];
  const send = () =>
    transcribe(url, undefined, [], {
      body: new Blob(parts).stream(),
      headers: { "content-type": "multipart/form-data; boundary=b" },
      duplex: "half",
    });
  // A client that is still sending may find the connection ended before it has read the answer.
  const answer = await send().catch(send).catch(send);
  expect(answer.status).toBe(413);
});

test("a form that goes on behind its end is a 400, and does not hang", async () => {
  const { url } = await start({ uploadIdleMs: 50 });
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
  const answer = await transcribe(url, undefined, [], {
    body: `${part}--b\r\n--b--b\r\nX: y\r\n\r\nq\r\n--b--`,
    headers: { "content-type": "multipart/form-data; boundary=b" },
  });
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("behind its end")]);
});

test("a part without a name is nobody's and does no harm", async () => {
  const { url } = await start();
  const answer = await transcribe(url, undefined, [], {
    body: "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
    headers: { "content-type": "multipart/form-data; boundary=b" },
  });
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("is missing")]);
});
