/** Stores a key where {@link openService} looks for it, or forgets it. The key is never shown. */
import { chmod, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EverywordError } from "../errors.ts";
import { write, type Io } from "./io.ts";
import { writeAtomically } from "./outputs.ts";
import type { Values } from "./parse.ts";

/** No key is longer; what is, was pasted by mistake. */
const MAX_KEY_CHARACTERS = 1000;

export async function runLogin(values: Values, io: Io): Promise<number> {
  const path = join(io.homeDir, ".fireworks", "auth.ini");
  const before = await readFile(path, "utf8").catch(() => "");
  if (values.flag("remove")) {
    const after = withoutKey(before);
    if (after === before) await write(io.stderr, "everyword: no key was stored\n");
    else {
      await store(path, after);
      await write(io.stderr, `everyword: the key in ${path} is gone\n`);
    }
    return 0;
  }
  const key = await askKey(io);
  if (!/^[\x21-\x7E]+$/u.test(key) || key.length > MAX_KEY_CHARACTERS) {
    throw new EverywordError("usage", "That is no key: it must be one word without spaces.");
  }
  await store(path, withKey(before, key));
  await write(
    io.stderr,
    `everyword: stored in ${path}; commands without --server now use the hosted service\n`,
  );
  return 0;
}

async function store(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeAtomically(path, text, 0o600);
  await chmod(path, 0o600);
}

/** The other lines of the file belong to somebody else and stay as they are. */
export function withKey(text: string, key: string): string {
  const line = `api_key = ${key}`;
  const pattern = /^[ \t]*api_key[ \t]*=.*$/mu;
  if (pattern.test(text)) return text.replace(pattern, () => line);
  const section = /^\[fireworks\][ \t]*\r?\n/mu;
  if (section.test(text)) return text.replace(section, (head) => `${head}${line}\n`);
  return `[fireworks]\n${line}\n${text === "" ? "" : `\n${text}`}`;
}

export function withoutKey(text: string): string {
  return text.replaceAll(/^[ \t]*api_key[ \t]*=.*\r?\n?/gmu, "");
}

async function askKey(io: Io): Promise<string> {
  const { stdin } = io;
  if (stdin.isTTY !== true || stdin.setRawMode === undefined) return firstLine(io);
  // First: what is typed or pasted as soon as the prompt is there must not be echoed.
  stdin.setRawMode(true);
  try {
    await write(io.stderr, "API key (not shown): ");
    return await typedLine(io);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    await write(io.stderr, "\n");
  }
}

async function firstLine({ stdin }: Io): Promise<string> {
  let text = "";
  for await (const block of stdin.setEncoding("utf8")) {
    text += String(block);
    if (text.includes("\n") || text.length > MAX_KEY_CHARACTERS) break;
  }
  return text.split("\n")[0]?.trim() ?? "";
}

/** Reads until Enter; Backspace works, Ctrl-C and Ctrl-D give up. */
async function typedLine({ stdin, abort }: Io): Promise<string> {
  let typed = "";
  for await (const block of stdin.setEncoding("utf8")) {
    for (const letter of String(block)) {
      if (letter === "\r" || letter === "\n") return typed.trim();
      if (letter === "\u0003" || letter === "\u0004" || abort.aborted) {
        throw new EverywordError("usage", "No key was given; nothing was stored.");
      }
      if (letter === "\u007F" || letter === "\b") typed = typed.slice(0, -1);
      else if (typed.length < MAX_KEY_CHARACTERS) typed += letter;
    }
  }
  return typed.trim();
}
