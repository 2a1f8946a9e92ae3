/** A thread of a session pool: opens the sessions it is told to, and reports what they say. */
import { parentPort, workerData } from "node:worker_threads";
import type { ApiKey } from "../service.ts";
import { gate } from "./connections.ts";
import { LiveSession, NO_WAIT } from "./live-session.ts";
import type { GiveBack } from "./places.ts";
import { CALL, carryOutcome } from "./pool-messages.ts";
import type {
  PlaceReport,
  PlainOptions,
  PoolBatch,
  PoolCall,
  PoolReport,
} from "./pool-messages.ts";
import type { Session } from "./session-interface.ts";
import { openWsSocket } from "./ws-socket.ts";

const port = parentPort;
const sessions = new Map<number, Session>();
/** Sessions whose writers were told to wait. */
const full = new Set<number>();
/** Where the audio of the next step begins, if it says so. */
let nextSeconds: number | undefined;
/** A session that waits for its key. */
interface Question {
  readonly session: number;
  resolve(key: string): void;
  reject(error: Error): void;
}

/** Keys that were asked for, of sessions that have not ended. */
const questions = new Map<number, Question>();
let lastQuestion = 0;
/** Places that were asked for; each is answered. */
const places = new Map<number, (isTaken: boolean) => void>();
let lastPlace = 0;
let reports: (readonly [number, PoolReport | PlaceReport])[] = [];
let audio: Uint8Array<ArrayBuffer>[] = [];
let isReporting = false;

function report(id: number, one: PoolReport | PlaceReport): void {
  reports.push([id, one]);
  send();
}

/** Once a turn of the loop: what many sessions say in it leaves as one message. */
function send(): void {
  if (isReporting) return;
  isReporting = true;
  setImmediate(() => {
    isReporting = false;
    port?.postMessage(
      { reports, audio },
      audio.map((bytes) => bytes.buffer),
    );
    reports = [];
    audio = [];
  });
}

function take(batch: PoolBatch): void {
  let at = 0;
  let call = 0;
  for (let step = 0; step < batch.steps.length; step += 2) {
    const id = batch.steps[step] ?? 0;
    const length = batch.steps[step + 1] ?? 0;
    if (length === CALL) {
      const one = batch.calls[call];
      call += 1;
      if (one !== undefined) carryOut(id, one);
    } else {
      write(id, batch.audio.subarray(at, at + length));
      at += length;
    }
  }
  if (batch.audio.length === 0) return;
  audio.push(batch.audio);
  send();
}

function write(id: number, pcm: Uint8Array): void {
  const session = sessions.get(id);
  const mediaSeconds = nextSeconds;
  nextSeconds = undefined;
  const written =
    mediaSeconds === undefined ? session?.write(pcm) : session?.writeAt(mediaSeconds, pcm);
  if (written === undefined || written === NO_WAIT || full.has(id)) return;
  full.add(id);
  report(id, { type: "full" });
  const onRoom = (): void => {
    full.delete(id);
    report(id, { type: "room" });
  };
  written.then(onRoom, onRoom);
}

function carryOut(id: number, call: PoolCall): void {
  const session = sessions.get(id);
  if (call.type === "open") open(id, call.options);
  else if (call.type === "key") answer(call.question)?.resolve(call.key);
  else if (call.type === "no-key") answer(call.question)?.reject(new Error(call.message));
  else if (call.type === "place") answerPlace(call.place, call.isTaken);
  else if (call.type === "at") nextSeconds = call.mediaSeconds;
  else if (call.type === "finish") void session?.finish();
  else session?.[call.type]();
}

function answer(question: number): Question | undefined {
  const asked = questions.get(question);
  questions.delete(question);
  return asked;
}

function open(id: number, { asksForKey, ...options }: PlainOptions): void {
  const apiKey: ApiKey | undefined = asksForKey ? () => askKey(id) : options.service.apiKey;
  const session = new LiveSession(
    { ...options, service: { ...options.service, apiKey } },
    openWsSocket,
    (account, limit) => askPlace(id, account, limit),
  );
  sessions.set(id, session);
  void follow(id, session);
}

function askKey(id: number): Promise<string> {
  lastQuestion += 1;
  const question = lastQuestion;
  report(id, { type: "ask-key", question });
  return new Promise((resolve, reject) => {
    questions.set(question, { session: id, resolve, reject });
  });
}

/** The places of an account are counted in the thread of the pool. */
async function askPlace(id: number, account: string, limit: number): Promise<GiveBack | undefined> {
  lastPlace += 1;
  const place = lastPlace;
  report(id, { type: "take-place", place, account, limit });
  const isTaken = await new Promise<boolean>((resolve) => {
    places.set(place, resolve);
  });
  return isTaken ? () => report(id, { type: "give-back", place }) : undefined;
}

function answerPlace(place: number, isTaken: boolean): void {
  places.get(place)?.(isTaken);
  places.delete(place);
}

async function follow(id: number, session: Session): Promise<void> {
  try {
    for await (const event of session) report(id, { type: "event", event });
  } catch {
    // Why it failed is in the outcome.
  }
  const outcome = await session.outcome;
  sessions.delete(id);
  full.delete(id);
  for (const [question, asked] of questions) if (asked.session === id) questions.delete(question);
  report(id, { type: "settled", outcome: carryOutcome(outcome) });
}

if (port === null) throw new Error("Cannot run: a worker of a session pool must be a thread");
gate.share((workerData as { readonly parts: number }).parts);
port.on("message", take);
