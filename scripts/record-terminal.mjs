// Runs the program in a real terminal (tmux) and keeps what stands on it: in 80 and in 40 columns,
// resized in the middle, interrupted once and twice. Writes docs/terminal/*.txt and the README's
// recording, docs/terminal/live.svg. The recognizer is the test kit's, which hears tones, so the
// words are the same each time; times are written as N. Needs tmux and dist/.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { speakTones, startTestServer, wavBytes } from "../dist/server/testing.js";
import { framesToSvg } from "./terminal-svg.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = join(root, "docs", "terminal");
const work = mkdtempSync(join(tmpdir(), "everyword-terminal-"));
// Each scene has a tmux server of its own: one that is ending takes no new session.
let scenes = 0;
const socket = () => `everyword-${process.pid}-${scenes}`;
const tmux = (...args) => execFileSync("tmux", ["-L", socket(), ...args], { encoding: "utf8" });
mkdirSync(out, { recursive: true });
symlinkSync(join(root, "dist/cli/main.js"), join(work, "everyword"));
const script =
  "the meeting begins with the numbers of the last quarter | sales rose by nine percent " +
  "while costs stayed where they were | next comes the plan for the new office in the north";
for (const [name, text] of [
  ["talk", script],
  ["one", "first call"],
  ["two", "second call"],
  ["long", `${script} | `.repeat(4)],
]) {
  writeFileSync(
    join(work, `${name}.wav`),
    wavBytes(speakTones(text, { gapSeconds: 0.25 }).samples),
  );
}
const server = await startTestServer();
const silent = await startTestServer({ scenario: { A15: true } });

/** Starts a command in a terminal of that width and shows it as a user would see it typed. */
function open(width, command, url = server.url) {
  scenes++;
  const setup = `cd ${work}; PATH=${work}:$PATH; EVERYWORD_SERVER=${url}; export EVERYWORD_SERVER; `;
  const line = `printf '$ %s\\n' "${command}"; ${command}; echo "[exit code $?]"; sleep 600`;
  const args = [
    "new-session",
    "-d",
    "-x",
    String(width),
    "-y",
    "24",
    "env",
    "-u",
    "CI",
    "bash",
    "-c",
  ];
  tmux(...args, setup + line);
}
const screen = (...flags) => tmux("capture-pane", "-p", ...flags).trimEnd();

/** Until the text stands on the terminal; at most a minute. */
async function until(pattern, each = () => undefined) {
  for (let tries = 0; tries < 600; tries++) {
    const shown = screen();
    each();
    if (pattern.test(shown.replaceAll("\n", " "))) return;
    await sleep(100);
  }
  throw new Error(`never came ${pattern}:\n${screen()}`);
}
async function scene(name, width, command, steps = async () => undefined, url) {
  open(width, command, url);
  await steps();
  await until(/\[exit code \d+\]/u);
  const text = screen("-S", "-")
    .replaceAll(/\d+\.\d+(?=x|\s+s\b|…)/gu, "N")
    .replaceAll(/\d+:\d\d(?= left)/gu, "N");
  writeFileSync(join(out, `${name}.txt`), `${text.replaceAll(work, "~")}\n`);
  process.stdout.write(`${name}: ${text.split("\n").at(-1)}\n`);
  tmux("kill-server");
}
const press = (keys) => tmux("send-keys", keys);

try {
  await scene("live-80", 80, "everyword live talk.wav --pace 2");
  await scene("live-40", 40, "everyword live talk.wav --pace 2");
  await scene("live-resized", 80, "everyword live talk.wav --pace 2", async () => {
    await until(/sales/u);
    tmux("resize-window", "-x", "40");
  });
  await scene(
    "transcribe-80",
    80,
    "everyword transcribe one.wav gone.wav two.wav --jobs 1 -f srt,vtt -o out",
  );
  await scene(
    "transcribe-40",
    40,
    "everyword transcribe one.wav gone.wav two.wav --jobs 1 -f srt -o out",
  );
  await scene(
    "interrupted-once",
    80,
    "everyword transcribe long.wav one.wav -f srt -o out --via stream --verbose",
    async () => {
      await until(/numbers of/u);
      press("C-c");
    },
  );
  await scene(
    "interrupted-twice",
    80,
    "everyword transcribe one.wav -f srt -o out",
    async () => {
      await until(/sent|waiting/u);
      press("C-c");
      await until(/once more/u);
      press("C-c");
    },
    silent.url,
  );

  const frames = [];
  const started = Date.now();
  open(72, "everyword live talk.wav --pace 1.5");
  await until(/\[exit code/u, () => {
    const text = screen("-e");
    if (frames.at(-1)?.text !== text) frames.push({ atMs: Date.now() - started, text });
  });
  writeFileSync(join(out, "live.svg"), framesToSvg(frames, { columns: 72, rows: 12 }));
  process.stdout.write(`live.svg: ${frames.length} frames\n`);
} finally {
  spawnSync("tmux", ["-L", socket(), "kill-server"], { stdio: "ignore" });
  await server.close();
  await silent.close();
  rmSync(work, { recursive: true, force: true });
}
