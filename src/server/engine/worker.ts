/** Entry of the engine's worker processes: one ear, and one or more decoders. */
import { messageOf } from "../../errors.ts";
import { Aligner } from "./aligner.ts";
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

function alignerHandle(aligner: Aligner): Handle {
  return (request) => (request.kind === "align" ? aligner.align(request) : {});
}

function reply(envelope: ReplyEnvelope): void {
  process.send?.(envelope);
}

async function answer(handle: Promise<Handle>, { id, request }: RequestEnvelope): Promise<void> {
  try {
    reply({ id, reply: await (await handle)(request) });
  } catch (error) {
    reply({ id, error: messageOf(error) });
  }
}

async function makeHandle(setup: WorkerSetup): Promise<Handle> {
  if (setup.role === "ear") return earHandle(new Ear(setup));
  if (setup.role === "aligner") return alignerHandle(await Aligner.load());
  return decoderHandle(new Decoder(setup));
}

function serve(setup: WorkerSetup): void {
  const handle = makeHandle(setup);
  // One request at a time, in order: a decoder blocks its process anyway.
  let last = announce(handle);
  process.on("message", (envelope: RequestEnvelope) => {
    last = last.then(() => answer(handle, envelope));
  });
}

async function announce(handle: Promise<Handle>): Promise<void> {
  try {
    await handle;
    reply({ id: 0, reply: {} });
  } catch (error) {
    reply({ id: 0, error: messageOf(error) });
  }
}

process.once("message", (setup: WorkerSetup) => {
  serve(setup);
});
// The parent is gone, however it went.
process.once("disconnect", () => {
  process.exit();
});
// Whoever interrupts the command line interrupts its whole group; the parent decides what ends.
process.on("SIGINT", () => undefined);
