/**
 * One server a data directory: two would run its jobs twice. The lock is a listening local socket,
 * which the system frees when the process dies, however it dies.
 */
import { createHash } from "node:crypto";
import { realpath, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EverywordError } from "../../errors.ts";

/** Frees the directory. */
export type Unlock = () => Promise<void>;

/** @throws EverywordError `usage` when another server holds it. */
export async function lockDirectory(directory: string): Promise<Unlock> {
  const path = lockPath(await realpath(directory));
  let server = await tryListen(path);
  if (server === undefined && !(await isHeld(path))) {
    await rm(path, { force: true });
    server = await tryListen(path);
  }
  if (server === undefined) {
    throw new EverywordError(
      "usage",
      `Another server uses the data directory ${directory}; stop it, or give this one another.`,
    );
  }
  const held = server;
  return () =>
    new Promise((resolve) => {
      held.close(() => resolve());
    });
}

/** Short, whatever the directory: socket paths end at about 100 bytes. */
function lockPath(directory: string): string {
  const name = `everyword-${createHash("sha256").update(directory).digest("hex").slice(0, 24)}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.lock`);
}

function tryListen(path: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once("error", () => resolve(undefined));
    server.listen(path, () => resolve(server));
  });
}

/** Whether somebody answers there; a socket that a dead process left behind refuses. */
function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
