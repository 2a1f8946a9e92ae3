/** W30–W40: control messages of streaming. */
import { type FaultSetting, speakTones } from "../../../../src/server/testing.ts";
import {
  dial,
  mergedText,
  type PlainStream,
  type WireMessage,
} from "../../support/plain-client.ts";
import { type Cases, see, type Start } from "./case.ts";
import { BOTH, segments } from "./stream.ts";

type Scenario = Readonly<Record<string, FaultSetting>>;

const FORM_A = { checkpoint_id: "final" };
const FORM_B = { event_id: "streaming_complete", object: "stt.input.trace", trace_id: "final" };
const CLEAR = { event_id: "c1", object: "stt.state.clear", reset_id: "r1" };
const FENCE = { event_id: "f", object: "stt.input.trace", trace_id: "fence" };
const isFence = (message: WireMessage): boolean => message["trace_id"] === "fence";
const isEcho = (message: WireMessage): boolean =>
  message["checkpoint_id"] === "final" || message["trace_id"] === "final";

async function open(start: Start, scenario: Scenario, query = ""): Promise<PlainStream> {
  return dial((await start({ scenario })).url, { query });
}

/** Speech, the end marker, a trace behind it; all that came up to the trace's echo. */
function ended(
  scenario: Scenario,
  marker: object,
  read: (messages: readonly WireMessage[]) => unknown,
) {
  return async (start: Start): Promise<unknown> => {
    const stream = await open(start, scenario);
    stream.sendAudio(speakTones("the end").samples);
    stream.sendJson(marker);
    stream.sendJson(FENCE);
    await stream.next(isFence);
    return read(stream.messages);
  };
}

/** Old speech, a clear, new speech; what came from the clear on. */
function cleared(scenario: Scenario, read: (messages: readonly WireMessage[]) => unknown) {
  return async (start: Start): Promise<unknown> => {
    const stream = await open(start, scenario, BOTH);
    stream.sendAudio(speakTones("old | ").samples);
    await stream.next((message) => message["text"] === "old");
    stream.sendJson(FENCE);
    await stream.next(isFence);
    const before = stream.messages.length;
    stream.sendJson(CLEAR);
    stream.sendAudio(speakTones("new").samples);
    await stream.finish();
    return read(stream.messages.slice(before));
  };
}

const isAck = (message: WireMessage): boolean => message["object"] === "stt.state.cleared";
const texts = (messages: readonly WireMessage[]): unknown[] =>
  messages
    .map((message) => (isAck(message) ? "ack" : message["text"]))
    .filter((text) => text !== undefined);

/** Sends something odd and then speech; what was answered, and how it closed. */
function odd(scenario: Scenario, send: (stream: PlainStream) => void) {
  return async (start: Start): Promise<unknown> => {
    const stream = await open(start, scenario);
    send(stream);
    stream.sendAudio(speakTones("go on").samples);
    stream.sendJson(FORM_A);
    const end = await Promise.race([
      stream.closed.then(({ code }) => code),
      stream.next(isEcho).then(() => mergedText(stream.messages)),
    ]);
    return [stream.messages.filter((message) => "error" in message).length, end];
  };
}

const badText = (stream: PlainStream): void => stream.sendJson("{no json");
const oddAudio = (stream: PlainStream): void => stream.socket.send(new Uint8Array(0));

export const CONTROL_CASES: Cases = {
  W30: {
    on: see(
      "the checkpoint echo has nothing else and comes after the last transcript, after the delay asked for",
      async (start) => {
        const startedAt = performance.now();
        const seen = await ended({ W30: { delayMs: 60 } }, FORM_A, (messages) => [
          messages.find(isEcho),
          messages.findIndex((message) => message["text"] === "the end") <
            messages.findIndex(isEcho),
        ])(start);
        return [seen, performance.now() - startedAt > 59];
      },
      [[FORM_A, true], true],
    ),
  },
  W31: {
    on: see("traces are echoed in order", traces({}), ["t0", "t1", "t2"]),
    off: see("no trace is echoed", traces({ W31: false }), []),
  },
  W32: {
    on: see(
      "no end echo",
      ended({ W32: true }, FORM_A, (messages) => messages.some(isEcho)),
      false,
    ),
  },
  W33: {
    on: see(
      "two end echoes",
      ended({ W33: true }, FORM_A, (messages) => messages.filter(isEcho).length),
      2,
    ),
  },
  W34: {
    on: see(
      "each form is answered in the other",
      async (start) => [
        await ended({ W34: true }, FORM_A, (messages) => messages.find(isEcho)!["trace_id"])(start),
        await ended(
          { W34: true },
          FORM_B,
          (messages) => messages.find(isEcho)!["checkpoint_id"],
        )(start),
      ],
      ["final", "final"],
    ),
  },
  W35: {
    on: see(
      "a transcript behind the echo",
      ended(
        { W35: true },
        FORM_A,
        (messages) => segments(messages[messages.findIndex(isEcho) + 1]).length,
      ),
      1,
    ),
  },
  W36: {
    restart: see(
      "an ack with the reset_id; ids and times restart",
      cleared({}, (messages) => [
        messages[0],
        segments(messages[1])[0]!["id"],
        segments(messages[1])[0]!["start"],
      ]),
      [{ event_id: "c1", object: "stt.state.cleared", reset_id: "r1" }, 0, 0.2],
    ),
    continue: see(
      "ids and times go on",
      cleared({ W36: "continue" }, (messages) => [
        segments(messages[1])[0]!["id"],
        Number(segments(messages[1])[0]!["start"]) > 1,
      ]),
      [1, true],
    ),
    "late-before": see(
      "old text, ack, new text",
      cleared({ W36: "late-before" }, (messages) => texts(messages).slice(0, 2)),
      ["old", "ack"],
    ),
    "late-after": see(
      "ack, old text, new text",
      cleared({ W36: "late-after" }, (messages) => texts(messages).slice(0, 2)),
      ["ack", "old"],
    ),
    "no-ack": see(
      "no ack, and the old text is gone",
      cleared({ W36: "no-ack" }, (messages) => [
        messages.some(isAck),
        texts(messages).includes("old"),
      ]),
      [false, false],
    ),
  },
  W37: {
    ignored: see("bad text is ignored", odd({}, badText), [0, "go on"]),
    error: see("bad text brings an error frame", odd({ W37: "error" }, badText), [1, "go on"]),
    "1003": see("bad text closes with 1003", odd({ W37: "1003" }, badText), [0, 1003]),
    "1007": see("bad text closes with 1007", odd({ W37: "1007" }, badText), [0, 1007]),
  },
  W38: {
    accepted: see(
      "odd, short, long and empty audio passes; the odd byte joins the next",
      oddSizes,
      "go on",
    ),
    error: see(
      "unusual audio brings an error frame and is not heard",
      odd({ W38: "error" }, oddAudio),
      [2, "go on"],
    ),
    close: see("unusual audio closes", odd({ W38: "close" }, oddAudio), [0, 1003]),
  },
  W39: {
    string: see("an error frame with a string, and on it goes", errorFrame("string"), [
      "string",
      "on and on",
    ]),
    object: see("an error frame with an object, and on it goes", errorFrame("object"), [
      "object",
      "on and on",
    ]),
  },
  W40: {
    accepted: see("audio behind the end marker is heard", afterEnd({}), "more"),
    close: see("audio behind the end marker closes", afterEnd({ W40: "close" }), 1008),
  },
};

function traces(scenario: Scenario) {
  return async (start: Start): Promise<unknown> => {
    const stream = await open(start, scenario);
    for (let n = 0; n < 3; n++) {
      stream.sendAudio(new Int16Array(8000));
      stream.sendJson({ event_id: "same", object: "stt.input.trace", trace_id: `t${n}` });
    }
    await stream.finish();
    return stream.messages.flatMap((message) => message["trace_id"] ?? []);
  };
}

async function oddSizes(start: Start): Promise<unknown> {
  const stream = await open(start, {});
  const bytes = new Uint8Array(speakTones("go on").samples.buffer);
  const sizes = [1, 0, 2, 1599, 20_001];
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length]!;
    stream.socket.send(bytes.slice(at, at + size));
    at += size;
  }
  return mergedText(await stream.finish());
}

function errorFrame(kind: string) {
  return async (start: Start): Promise<unknown> => {
    const stream = await open(start, { W39: { variant: kind, seconds: 0.5 } });
    stream.sendAudio(speakTones("on and on", { tailSeconds: 1 }).samples);
    const text = mergedText(await stream.finish());
    return [typeof stream.messages.find((message) => "error" in message)!["error"], text];
  };
}

function afterEnd(scenario: Scenario) {
  return async (start: Start): Promise<unknown> => {
    const stream = await open(start, scenario);
    await stream.finish();
    stream.sendAudio(speakTones("more | ").samples);
    return Promise.race([
      stream.closed.then(({ code }) => code),
      stream.next((message) => message["text"] === "more").then((message) => message["text"]),
    ]);
  };
}
