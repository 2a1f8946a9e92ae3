/**
 * The worker in which FFmpeg runs as WebAssembly. FFmpeg knows only blocking reads and writes, so
 * the worker blocks: a read of a file is a positioned read of its descriptor, a read of a stream
 * waits for the next block from outside, a write waits while too much of what it wrote is unread.
 */
import { fstatSync, openSync, readSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { decodingArguments, FfmpegLog } from "./core/ffmpeg-log.ts";
import { BLOCK_BYTES, type FromWorker, STATE, type WorkerInput } from "./wasm-link.ts";

/** The parts of Emscripten's file system that are used. */
interface Stream {
  readonly node: object;
  seekable: boolean;
}
interface FileSystem {
  makedev(major: number, minor: number): number;
  registerDevice(device: number, operations: object): void;
  mkdev(path: string, mode: number, device: number): void;
  open(path: string, flags: string): Stream;
  close(stream: Stream): void;
  getStream(descriptor: number): Stream;
  writeFile(path: string, data: Uint8Array): void;
  lookupPath(path: string): { node: { usedBytes: number; stream_ops: object } };
}
interface Core {
  readonly FS: FileSystem;
  setLogger(logger: (entry: { message: string }) => void): void;
  exec(...args: string[]): number;
}
interface WasmHost {
  Instance: new (module: object, imports: object) => object;
}

const log = new FfmpegLog();
let linesTold = 0;
let lines = 0;

await main(workerData as WorkerInput);

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** A damaged file gives a line for each broken frame: what they come to is told, not each of them. */
function tellFacts(): void {
  if (lines === linesTold) return;
  linesTold = lines;
  post({ kind: "facts", facts: log.facts() });
}

async function main(input: WorkerInput): Promise<void> {
  try {
    const core = await loadCore(input);
    core.setLogger(({ message }) => {
      lines += 1;
      log.push(message);
    });
    const name = input.path === undefined ? "pipe:0" : mountFile(core.FS, input.path);
    redirect(core.FS, input);
    core.exec(...decodingArguments(name, input.track));
    tellFacts();
    post({ kind: "done" });
  } catch (error) {
    tellFacts();
    post({ kind: "failed", text: error instanceof Error ? error.message : String(error) });
  }
}

/** The package's script believes that it runs in a browser's worker: it is shown what it looks at. */
async function loadCore({ script, module }: WorkerInput): Promise<Core> {
  const scope = globalThis as unknown as Record<string, unknown>;
  scope["self"] ??= globalThis;
  scope["location"] ??= { href: script };
  const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: WasmHost };
  const { default: create } = (await import(script)) as {
    default: (options: object) => Promise<Core>;
  };
  return create({
    instantiateWasm: (imports: object, done: (instance: object) => void) => {
      const instance = new wasm.Instance(module, imports);
      done(instance);
      return (instance as { exports: object }).exports;
    },
  });
}

/** Puts a node into the in-memory file system whose reads go to the real file. */
function mountFile(fs: FileSystem, path: string): string {
  const descriptor = openSync(path, "r");
  // Some formats have no mark of their own and are told by the extension alone.
  const [, extension = "audio"] = /\.([A-Za-z0-9]{1,5})$/.exec(path) ?? [];
  const name = `/input.${extension}`;
  fs.writeFile(name, new Uint8Array(0));
  const { node } = fs.lookupPath(name);
  node.usedBytes = fstatSync(descriptor).size;
  node.stream_ops = {
    ...node.stream_ops,
    read: (_: Stream, heap: Int8Array, offset: number, length: number, position: number): number =>
      readSync(descriptor, heap, offset, length, position),
  };
  return `file:${name}`;
}

/** Puts our devices behind descriptors 0 and 1. */
function redirect(fs: FileSystem, { state }: WorkerInput): void {
  const device = (path: string, minor: number, operations: object): void => {
    const number = fs.makedev(64, minor);
    fs.registerDevice(number, {
      open: (stream: Stream) => {
        stream.seekable = false;
      },
      close: () => undefined,
      ...operations,
    });
    fs.mkdev(path, 0o666, number);
  };
  device("/dev/blocks", 0, { read: blockReader(state) });
  device("/dev/audio", 1, { write: audioWriter(state) });
  fs.close(fs.getStream(0));
  fs.open("/dev/blocks", "r");
  fs.close(fs.getStream(1));
  fs.open("/dev/audio", "w");
}

function blockReader(state: Int32Array) {
  let block: Uint8Array = new Uint8Array(0);
  let ended = false;
  return (_: Stream, heap: Int8Array, offset: number, length: number): number => {
    while (block.length === 0 && !ended) {
      const fed = Atomics.load(state, STATE.fed);
      post({ kind: "want" });
      Atomics.wait(state, STATE.fed, fed);
      const message = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
      const bytes: unknown = message?.message;
      if (bytes instanceof Uint8Array) block = bytes;
      else ended = true;
    }
    const taken = block.subarray(0, length);
    heap.set(taken, offset);
    block = block.subarray(taken.length);
    return taken.length;
  };
}

function audioWriter(state: Int32Array) {
  return (_: Stream, heap: Int8Array, offset: number, length: number): number => {
    for (let at = offset; at < offset + length; at += BLOCK_BYTES) {
      while (Atomics.load(state, STATE.credit) <= 0) Atomics.wait(state, STATE.credit, 0);
      Atomics.sub(state, STATE.credit, 1);
      const end = Math.min(at + BLOCK_BYTES, offset + length);
      tellFacts();
      const bytes = new Uint8Array(heap.slice(at, end).buffer);
      post({ kind: "audio", bytes }, [bytes.buffer]);
    }
    return length;
  };
}
