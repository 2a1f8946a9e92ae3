import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everyword, fixture, temporaryFolder } from "./built.ts";

const dir = temporaryFolder();
const text = join(dir, "letter.wav");
writeFileSync(text, "Dear Sir or Madam,\nthis is not a sound.\n");
const empty = join(dir, "empty.wav");
writeFileSync(
  empty,
  Buffer.concat([
    Buffer.from("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0", "latin1"),
    Buffer.from([0x80, 0x3e, 0, 0, 0, 0x7d, 0, 0, 2, 0, 16, 0]),
    Buffer.from("data\0\0\0\0", "latin1"),
  ]),
);
const keyFile = join(dir, "key");
writeFileSync(keyFile, "fw_SECRET123\n");
const speech = fixture("reading-short.wav");
const nowhere = "http://127.0.0.1:1";

const cases: readonly [name: string, args: string[], code: number, says: RegExp][] = [
  [
    "a missing file",
    ["live", join(dir, "no.wav")],
    4,
    /no\.wav.*(does not exist|no such file|not found)/iu,
  ],
  ["a text file named .wav", ["live", text], 4, /letter\.wav/u],
  ["an empty WAV", ["live", empty], 4, /empty\.wav/u],
  [
    "an unreachable server",
    ["live", speech, "--server", nowhere, "--pace", "max"],
    5,
    /127\.0\.0\.1:1/u,
  ],
  [
    "a key and no hosted service",
    ["live", speech, "--api-key-file", keyFile],
    5,
    /audio-streaming\.api\.fireworks\.ai/u,
  ],
  ["a missing file to transcribe", ["transcribe", join(dir, "no.wav")], 4, /no\.wav/u],
  [
    "a key on the command line",
    ["live", speech, "--api-key", "fw_SECRET123"],
    2,
    /--api-key-file/u,
  ],
  ["an unknown command", ["trancribe"], 2, /did you mean transcribe/u],
  ["a server that is no URL", ["live", speech, "--server", "nonsense"], 2, /not a URL/u],
  ["a language that is none", ["live", speech, "--language", "elvish"], 2, /elvish/u],
  ["an ending nobody writes", ["live", speech, "--write", "a.doc"], 2, /a\.doc must end in/u],
  [
    "a folder that cannot be made",
    ["transcribe", speech, "-o", "/proc/everyword/x", "-f", "srt"],
    2,
    /\/proc\/everyword\/x cannot be written/u,
  ],
  [
    "a file in the place of the output folder",
    ["transcribe", speech, "-o", text, "-f", "srt"],
    2,
    /letter\.wav is a file, not a folder/u,
  ],
  [
    "captions into a folder that is not there",
    ["live", speech, "--write", join(dir, "gone", "a.srt")],
    2,
    /a\.srt cannot be written \(ENOENT\); its folder does not exist/u,
  ],
  [
    "a file that begins with a dash",
    ["transcribe", "-dash.wav"],
    2,
    /"-dash\.wav" begins with a dash; write \.\/-dash\.wav/u,
  ],
  ["no input", ["live"], 2, /takes one input/u],
];

describe("what goes wrong is said in one sentence with its exit code", () => {
  it.each(cases)("%s", async (_name, args, code, says) => {
    const ran = await everyword(args);
    const lines = ran.stderr.trim().split("\n");
    expect(ran).toMatchObject({ code, stdout: "" });
    expect(lines.at(-1)).toMatch(says);
    expect(ran.stderr).not.toMatch(/\n\s+at |SECRET/u);
    expect(lines).toHaveLength(1);
  });
});
