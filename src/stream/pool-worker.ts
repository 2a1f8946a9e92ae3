/** A thread of a session pool: opens the sessions it is told to, and reports what they say. */
import { parentPort, workerData } from "node:worker_threads";
import type { ApiKey } from "../service.ts";
import { gate } from "./connections.ts";
import { NO_WAIT } from "./live-session.ts";
import { CALL, carryOutcome } from "./pool-messages.ts";
import type { PlainOptions, PoolBatch, PoolCall, PoolReport } from "./pool-messages.ts";
import { openSession, type Session } from "./session.ts";

const port = parentPort;
const sessions = new Map<number, Session>();
/** Sessions whose writers were told to wait. */
const full = new Set<number>();
/** Keys that were asked for. */
const questions = new Map<number, { resolve(key: string): void; reject(error: Error): void }>();
let lastQuestion = 0;
let reports: (readonly [number, PoolReport])[] = [];
let audio: Uint8Array<ArrayBuffer>[] = [];
let isReporting = false;

function report(id: number, one: PoolReport): void {
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
      write(id, sessions.get(id)?.write(batch.audio.subarray(at, at + length)));
      at += length;
    }
  }
  if (batch.audio.length === 0) return;
  audio.push(batch.audio);
  send();
}

function write(id: number, written: Promise<void> | undefined): void {
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
  else if (call.type === "writeAt") write(id, session?.writeAt(call.mediaSeconds, call.pcm));
  else if (call.type === "finish") void session?.finish();
  else session?.[call.type]();
}

function answer(question: number): ReturnType<typeof questions.get> {
  const asked = questions.get(question);
  questions.delete(question);
  return asked;
}

function open(id: number, { asksForKey, ...options }: PlainOptions): void {
  const apiKey: ApiKey | undefined = asksForKey ? () => askKey(id) : options.service.apiKey;
  const session = openSession({ ...options, service: { ...options.service, apiKey } });
  sessions.set(id, session);
  void follow(id, session);
}

function askKey(id: number): Promise<string> {
  lastQuestion += 1;
  const question = lastQuestion;
  report(id, { type: "ask-key", question });
  return new Promise((resolve, reject) => {
    questions.set(question, { resolve, reject });
  });
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
  report(id, { type: "settled", outcome: carryOutcome(outcome) });
}

if (port === null) throw new Error("Cannot run: a worker of a session pool must be a thread");
gate.share((workerData as { readonly parts: number }).parts);
port.on("message", take);
