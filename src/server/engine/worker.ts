/** Entry of the engine's threads: one ear, and one or more decoders. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../errors.ts";
import { Decoder } from "./decoder.ts";
import { Ear } from "./ear.ts";
import type {
  ReplyEnvelope,
  RequestEnvelope,
  WorkerReply,
  WorkerRequest,
  WorkerSetup,
} from "./messages.ts";

type Handle = (request: WorkerRequest) => WorkerReply | Promise<WorkerReply>;

function earHandle(ear: Ear): Handle {
  return (request) => {
    if (request.kind === "detect") return { flags: ear.detect(request.stream, request.samples) };
    if (request.kind === "forget") ear.forget(request.stream);
    return {};
  };
}

function decoderHandle(decoder: Decoder): Handle {
  return (request) => (request.kind === "decode" ? decoder.decode(request) : {});
}

async function answer(port: MessagePort, handle: Handle, envelope: RequestEnvelope): Promise<void> {
  const { id, request } = envelope;
  try {
    port.postMessage({ id, reply: await handle(request) } satisfies ReplyEnvelope, []);
  } catch (error) {
    port.postMessage({ id, error: messageOf(error) } satisfies ReplyEnvelope, []);
  }
}

function serve(port: MessagePort, setup: WorkerSetup): void {
  let handle: Handle;
  try {
    if (setup.role === "ear") {
      handle = earHandle(new Ear(setup));
    } else {
      const decoder = new Decoder(setup);
      handle = decoderHandle(decoder);
      // The aligner loads while nobody waits; a failure shows again when it is needed.
      decoder.warmUp().catch(() => undefined);
    }
  } catch (error) {
    port.postMessage({ id: 0, error: messageOf(error) } satisfies ReplyEnvelope, []);
    return;
  }
  // One request at a time, in order: a decoder blocks its thread anyway.
  let last = Promise.resolve();
  port.on("message", (envelope: RequestEnvelope) => {
    last = last.then(() => answer(port, handle, envelope));
  });
  port.postMessage({ id: 0, reply: {} } satisfies ReplyEnvelope, []);
}

if (parentPort !== null) serve(parentPort, workerData as WorkerSetup);
