/**
 * Who a process is, so that another one can tell whether it still lives. A process id alone is
 * used again; with its start time and the machine's boot it is not.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

interface Identity {
  readonly host: string;
  /** Linux only; elsewhere a process id that was used again counts as alive. */
  readonly boot: string;
  readonly pid: number;
  /** Clock ticks since boot (proc(5), stat field 22); Linux only. */
  readonly started: string;
}

/** One line that names this process; different for every call. */
export function processIdentity(): string {
  const { pid } = process;
  const mine = { host: hostname(), boot: bootId(), pid, started: startedAt(pid) };
  return `${mine.host}|${mine.boot}|${mine.pid}|${mine.started}|${randomUUID().slice(0, 8)}`;
}

/** Whether the named process still runs. A process of another machine cannot be seen and counts as alive. */
export function isAlive(identity: string): boolean {
  const owner = parseIdentity(identity);
  if (owner === undefined) return false;
  return owner.host !== hostname() || isRunning(owner);
}

/** The process id of the named process while it is seen to run here. One of another machine is not seen. */
export function runningPid(identity: string): number | undefined {
  const owner = parseIdentity(identity);
  const isSeen = owner !== undefined && owner.host === hostname() && isRunning(owner);
  return isSeen ? owner.pid : undefined;
}

function isRunning({ boot, pid, started }: Identity): boolean {
  if (boot !== bootId()) return false;
  if (started !== "") return startedAt(pid) === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function parseIdentity(identity: string): Identity | undefined {
  const [host, boot, pid, started] = identity.split("|");
  const number = Number(pid);
  if (host === undefined || boot === undefined || started === undefined) return undefined;
  return Number.isInteger(number) && number > 0 ? { host, boot, pid: number, started } : undefined;
}

function bootId(): string {
  return readOrEmpty("/proc/sys/kernel/random/boot_id").trim();
}

/** Empty when there is no such process, or no procfs; a zombie has ended. */
function startedAt(pid: number): string {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The command's name may hold anything, so fields are counted behind its closing parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "" : (fields[19] ?? "");
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
