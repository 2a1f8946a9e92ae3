import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { speakTones } from "../../src/server/testing.ts";
import { bounded, dial, mergedText, type PlainStream } from "./support/plain-client.ts";
import { ask, serverForEachTest, transcribe } from "./support/running.ts";

const start = serverForEachTest();
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

/** Milliseconds from a trace to its echo, so many times in turn; the slowest but a tenth. */
async function latencyMs(stream: PlainStream, count: number, tag: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const sentAt = performance.now();
    stream.sendAudio(new Int16Array(800));
    stream.sendJson({ event_id: "", object: "stt.input.trace", trace_id: `${tag}${n}` });
    await stream.next((message) => message["trace_id"] === `${tag}${n}`);
    times.push(performance.now() - sentAt);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(count * 0.9)]!;
}

test("requests whose headers drip in are ended with 408 at the bound", async () => {
  const { port } = await start({ headersTimeoutMs: 100 });
  const answers = await bounded(
    Promise.all(
      Array.from({ length: 50 }, () => {
        const socket = open(port);
        socket.write("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\n");
        let answer = "";
        socket.on("data", (data) => (answer += data.toString()));
        return new Promise<string>((resolve) => {
          socket.once("close", () => resolve(answer.slice(0, 12)));
        });
      }),
    ),
    "end of the slow requests",
  );
  expect(new Set(answers)).toEqual(new Set(["HTTP/1.1 408"]));
});

test("a flood of connections and half requests leaves a stream's answers prompt", async () => {
  const { port, url } = await start({ maxConnections: 400 });
  const stream = await dial(url);
  const calm = await latencyMs(stream, 60, "calm");
  for (let n = 0; n < 1500; n++) {
    const socket = open(port);
    socket.write(n % 2 === 0 ? "GET /v1/models HTTP/1.1\r\nX: " : `\0\u0001${"x".repeat(2000)}`);
  }
  const flooded = await latencyMs(stream, 60, "flooded");
  stream.sendAudio(speakTones("unharmed").samples);
  expect(mergedText(await stream.finish())).toBe("unharmed");
  expect(flooded).toBeLessThan(Math.max(250, calm * 20));
});

test("uploads above their number are answered 429, and the places come free again", async () => {
  const { port, url } = await start({ maxUploads: 2 });
  const held = Array.from({ length: 2 }, () => {
    const socket = open(port);
    socket.write(
      "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900\r\n\r\n--b\r\n",
    );
    return socket;
  });
  const until = async (status: number): Promise<number> => {
    let seen = 0;
    for (let n = 0; n < 500 && seen !== status; n++) seen = (await transcribe(url, "x")).status;
    return seen;
  };
  expect(await until(429)).toBe(429);
  for (const socket of held) socket.destroy();
  expect(await until(200)).toBe(200);
});

test("an upload that goes on for longer than allowed is a 408, however busy it is", async () => {
  const { port } = await start({ uploadTotalMs: 100 });
  const socket = open(port);
  socket.write(
    "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n--b\r\n",
  );
  const dripping = setInterval(() => socket.write("x"), 5);
  const answer = await bounded(
    new Promise<string>((resolve) => {
      socket.once("data", (data) => resolve(data.toString()));
    }),
    "answer",
  );
  clearInterval(dripping);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /u);
});

test("a client that reads nothing is ended once its share of memory is full", async () => {
  const { url } = await start({
    maxSendBytes: 200_000,
    scenario: { W26: { variant: "large", bytes: 30_000_000 } },
  });
  const stream = await dial(url);
  stream.socket.pause();
  stream.sendAudio(speakTones("never read").samples);
  const metrics = async (): Promise<string> => (await ask(`${url}/metrics`)).text;
  for (let n = 0; n < 1000 && !(await metrics()).includes("everyword_streams 0"); n++);
  expect(await metrics()).toContain("everyword_streams 0");
});

test("a message above the frame limit closes with 1009, and no other stream", async () => {
  const { url } = await start({ maxFrameBytes: 10_000 });
  const [greedy, modest] = [await dial(url), await dial(url)];
  greedy.socket.send(new Uint8Array(10_001));
  expect((await greedy.closed).code).toBe(1009);
  modest.sendAudio(speakTones("fine").samples);
  expect(mergedText(await modest.finish())).toBe("fine");
});

test("a scenario from a client cannot make the server hold or send without bound", async () => {
  const { url } = await start({ maxSendBytes: 1e9 });
  const asked = async (scenario: string): Promise<number> => {
    const stream = await dial(url, { headers: { "x-everyword-scenario": scenario } });
    stream.sendAudio(speakTones("x", { tailSeconds: 0 }).samples);
    const messages = await stream.finish(50_000);
    stream.socket.terminate();
    return messages.length + JSON.stringify(messages[0]).length / 1e6;
  };
  expect(await asked("W15:off,W26:variant=burst;count=1000000000")).toBeLessThan(10_001);
  expect(await asked("W15:off,W26:variant=large;bytes=100000000000")).toBeLessThan(70);
  const odd = await ask(url, { headers: { "x-everyword-scenario": "A11:status=99999" } });
  expect(odd.status).toBe(500);
}, 120_000);
