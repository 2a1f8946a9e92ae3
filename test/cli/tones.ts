/** Recordings that the test server's recognizer hears word by word. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { speakTones, wavBytes } from "../../src/server/testing.ts";

export function toneFile(folder: string, name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, wavBytes(speakTones(script).samples));
  return path;
}
