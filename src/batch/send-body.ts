/**
 * The body of an upload: form, file, form. Two ways to read the file, as `core/read-pace.ts` says:
 * large pieces in a thread of its own, one read while the other is written; or, from a local disk
 * that answers at once, smaller pieces on the spot, which never leave the processor that writes them.
 */
import { type FileHandle, statfs } from "node:fs/promises";
import { readSync } from "node:fs";
import { EverywordError } from "../errors.ts";
import { ReadPace } from "./core/read-pace.ts";
import type { Exchange } from "./exchange.ts";
import type { UploadRequest } from "./http-port.ts";

/** Measured best: TLS encrypts a buffer at a time; plain sockets take whole megabytes. */
const SECURE_BUFFER_BYTES = 262_144;
const PLAIN_BUFFER_BYTES = 1_048_576;
/**
 * On the spot: whole packets of the loopback interface, which carry 65 483 bytes; one byte more is a
 * packet of its own, and 128 KB cost a third more than two of them. TLS makes a record of each 16 KB.
 * Larger pieces of those cost this side less and the other one more: what a sender that runs ahead
 * leaves in the socket, up to 4 MB, has left the caches when it is read.
 */
const PLAIN_NEAR_BYTES = 2 * 65_483;
const SECURE_NEAR_BYTES = 3 * 16_384;
/** After so much that was read on the spot other work gets its turn. */
const TURN_BYTES = 2_097_152;
/**
 * File systems that do not wait for another machine, by statfs(2) on Linux: ext2 to ext4, XFS,
 * btrfs, F2FS, tmpfs, overlayfs. On all others, and elsewhere, nothing is read on the spot.
 */
const LOCAL_FILE_SYSTEMS = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x01021994, 0x794c7630,
]);

interface Body {
  readonly exchange: Exchange;
  readonly request: UploadRequest;
  readonly file: FileHandle;
  readonly totalBytes: number;
}

/** Sends the whole body, unless the exchange stops before. @throws EverywordError `input-unreadable`. */
export async function sendBody(body: Body, secure: boolean): Promise<void> {
  const { exchange, request, file, totalBytes } = body;
  const farBytes = Math.min(secure ? SECURE_BUFFER_BYTES : PLAIN_BUFFER_BYTES, request.fileBytes);
  const nearBytes = Math.min(secure ? SECURE_NEAR_BYTES : PLAIN_NEAR_BYTES, request.fileBytes);
  const near = Buffer.allocUnsafeSlow(nearBytes);
  let far: readonly [Buffer, Buffer] | undefined;
  const local = await isLocal(request.path);
  const pace = new ReadPace();
  let inFlight = written(exchange, request.head);
  let position = 0;
  for (let turn = 0; position < request.fileBytes && !exchange.stopped; turn += 1) {
    if (local && pace.mayBlock) {
      await inFlight;
      position = await sendTurn(body, near, pace, position);
    } else {
      let buffer: Buffer = near;
      if (local && pace.isTrial) await inFlight;
      else {
        far ??= [Buffer.allocUnsafeSlow(farBytes), Buffer.allocUnsafeSlow(farBytes)];
        buffer = turn % 2 === 0 ? far[0] : far[1];
      }
      const wanted = Math.min(buffer.length, request.fileBytes - position);
      const began = performance.now();
      const { bytesRead } = await file.read(buffer, 0, wanted, request.fileOffset + position);
      if (bytesRead === 0) throw changed(request.path);
      pace.handleReadElsewhere(performance.now() - began);
      await inFlight;
      inFlight = written(exchange, buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    request.onProgress?.(request.head.length + position, totalBytes);
  }
  await inFlight;
  if (exchange.stopped) return;
  if ((await file.stat()).size !== request.fileSizeBytes) throw changed(request.path);
  await request.beforeLast?.();
  exchange.end(request.tail);
  request.onProgress?.(totalBytes, totalBytes);
}

function written(exchange: Exchange, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => exchange.write(bytes, resolve));
}

/** Reads on the spot and writes, a small buffer at a time. @returns the position behind it. */
function sendTurn(
  { exchange, request, file }: Body,
  buffer: Buffer,
  pace: ReadPace,
  from: number,
): Promise<number> {
  const end = Math.min(request.fileBytes, from + TURN_BYTES);
  return new Promise((resolve, reject) => {
    let position = from;
    const step = (): void => {
      if (position >= end || exchange.stopped || !pace.mayBlock) {
        // Writes that the network takes at once return here without a look at anything else.
        setImmediate(resolve, position);
        return;
      }
      try {
        const wanted = Math.min(buffer.length, end - position);
        const began = performance.now();
        const bytesRead = readSync(file.fd, buffer, 0, wanted, request.fileOffset + position);
        if (bytesRead === 0) throw changed(request.path);
        pace.handleReadHere(bytesRead, performance.now() - began);
        position += bytesRead;
        exchange.write(bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead), step);
      } catch (error) {
        reject(error);
      }
    };
    step();
  });
}

async function isLocal(path: string): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const found = await statfs(path).catch(() => undefined);
  return found !== undefined && LOCAL_FILE_SYSTEMS.has(found.type);
}

function changed(path: string): EverywordError {
  return new EverywordError(
    "input-unreadable",
    `${path} changed while it was sent; try again when it is complete.`,
  );
}
